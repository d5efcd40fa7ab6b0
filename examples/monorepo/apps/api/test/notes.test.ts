import assert from "node:assert/strict";
import { test } from "node:test";
import { noteRoutes } from "../src/routes/notes.ts";
import type { Note, NoteStore } from "../src/store/notes.ts";
import { testApp } from "./support.ts";

const note: Note = { id: "7", text: "hello", createdAt: new Date(0) };

async function appWith(store: Partial<NoteStore>) {
  const unexpected = () => assert.fail("not to be called");
  const app = await testApp();
  noteRoutes(app, { create: unexpected, find: unexpected, list: unexpected, ...store });
  return app;
}

test("creates a note", async () => {
  const app = await appWith({ create: async (text) => ({ ...note, text }) });
  const response = await app.inject({ method: "POST", url: "/notes", payload: { text: "hello" } });
  assert.equal(response.statusCode, 201);
  assert.equal(response.headers.location, "/notes/7");
  assert.deepEqual(response.json(), {
    id: "7",
    text: "hello",
    createdAt: "1970-01-01T00:00:00.000Z",
  });
});

test("refuses notes without text, with too much or with something else", async () => {
  const app = await appWith({});
  const bodies = [
    {},
    { text: "" },
    { text: "x".repeat(10_001) },
    { text: "\0" },
    { text: "a", id: 1 },
  ];
  for (const payload of bodies) {
    const response = await app.inject({ method: "POST", url: "/notes", payload });
    assert.equal(response.statusCode, 400, JSON.stringify(payload).slice(0, 50));
  }
});

test("finds a note, or says that there is none", async () => {
  const app = await appWith({ find: async (id) => (id === "7" ? note : undefined) });
  assert.equal((await app.inject("/notes/7")).json().text, "hello");
  assert.equal((await app.inject("/notes/8")).statusCode, 404);
  assert.equal((await app.inject("/notes/1'--")).statusCode, 400);
});

test("lists a page, bounded", async () => {
  const pages: unknown[] = [];
  const app = await appWith({
    list: async (limit, before) => {
      pages.push([limit, before]);
      return [note];
    },
  });

  assert.equal((await app.inject("/notes")).json().notes.length, 1);
  assert.equal((await app.inject("/notes?limit=5&before=7")).statusCode, 200);
  assert.deepEqual(pages, [
    [20, undefined],
    [5, "7"],
  ]);
  assert.equal((await app.inject("/notes?limit=101")).statusCode, 400);
});
