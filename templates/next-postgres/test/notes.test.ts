import assert from "node:assert/strict";
import { test } from "node:test";
import { GET as find } from "../src/app/api/notes/[id]/route.ts";
import { POST as create, GET as list } from "../src/app/api/notes/route.ts";
import type { Note, NoteStore } from "../src/store/notes.ts";
import { get, post, provideFakes } from "./support.ts";

const note: Note = { id: "7", text: "hello", createdAt: new Date(0) };

/** The same as a client sees it. */
const sent = { id: "7", text: "hello", createdAt: "1970-01-01T00:00:00.000Z" };

const unexpected = () => assert.fail("not to be called");

function storing(store: Partial<NoteStore>): void {
  provideFakes({ notes: { create: unexpected, find: unexpected, list: unexpected, ...store } });
}

const noteOf = (id: string) => find(get(`/api/notes/${id}`), { params: Promise.resolve({ id }) });

test("creates a note", async () => {
  storing({ create: async (text) => ({ ...note, text }) });
  const response = await create(post("/api/notes", { text: "hello" }));
  assert.equal(response.status, 201);
  assert.equal(response.headers.get("location"), "/api/notes/7");
  assert.deepEqual(await response.json(), sent);
});

test("refuses notes without text, with too much or with something else", async () => {
  storing({});
  const bodies = [
    {},
    { text: "" },
    { text: "x".repeat(10_001) },
    { text: "\0" },
    { text: "a", id: 1 },
  ];
  for (const body of bodies) {
    const response = await create(post("/api/notes", body));
    assert.equal(response.status, 400, JSON.stringify(body).slice(0, 50));
  }
});

test("finds a note, or says that there is none", async () => {
  storing({ find: async (id) => (id === "7" ? note : undefined) });
  assert.deepEqual(await (await noteOf("7")).json(), sent);
  assert.equal((await noteOf("8")).status, 404);
  assert.equal((await noteOf("1'--")).status, 400);
});

test("lists a page, bounded", async () => {
  const pages: unknown[] = [];
  storing({
    list: async (limit, before) => {
      pages.push([limit, before]);
      return [note];
    },
  });

  assert.deepEqual(await (await list(get("/api/notes"))).json(), { notes: [sent] });
  assert.equal((await list(get("/api/notes?limit=5&before=7"))).status, 200);
  assert.deepEqual(pages, [
    [20, undefined],
    [5, "7"],
  ]);
  assert.equal((await list(get("/api/notes?limit=101"))).status, 400);
});
