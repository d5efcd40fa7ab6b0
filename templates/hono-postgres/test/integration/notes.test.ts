import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createLogger } from "../../src/logger.ts";
import { openDatabase } from "../../src/ops/database.ts";
import { migrate } from "../../src/ops/migrations.ts";
import { noteRoutes } from "../../src/routes/notes.ts";
import { noteStore } from "../../src/store/notes.ts";
import { post, send, testApp } from "../support.ts";

const url = process.env["DATABASE_URL"];
assert.ok(url, "DATABASE_URL is not set: the script `dev:services` starts a database for it");
const database = openDatabase(url, 5, createLogger("silent"));

before(() => migrate(url));
after(() => database.close());

function notesApp() {
  const app = testApp();
  noteRoutes(app, noteStore(database));
  const create = async (text: string) => {
    const response = await send(app, "/notes", post({ text }));
    assert.equal(response.status, 201);
    return (await response.json()) as { id: string };
  };
  const read = async (path: string) => (await send(app, path)).json();
  return { create, read };
}

test("a note comes back as it was written", async () => {
  const { create, read } = notesApp();
  const note = await create("'); DROP TABLE notes; -- \u{1F433}");
  assert.deepEqual(await read(`/notes/${note.id}`), note);
});

test("pages go from the newest to the oldest", async () => {
  const { create, read } = notesApp();
  const one = await create("one");
  const two = await create("two");
  const three = await create("three");

  assert.deepEqual(await read("/notes?limit=2"), { notes: [three, two] });
  assert.deepEqual(await read(`/notes?limit=1&before=${two.id}`), { notes: [one] });
});

test("migrations that have run are not run again", async () => {
  assert.deepEqual(await migrate(url), []);
});

test("the database is up", async () => {
  await assert.doesNotReject(database.ping());
});
