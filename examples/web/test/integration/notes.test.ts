import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { GET as find } from "../../src/app/api/notes/[id]/route.ts";
import { POST as create, GET as list } from "../../src/app/api/notes/route.ts";
import { createLogger } from "../../src/logger.ts";
import { openDatabase } from "../../src/ops/database.ts";
import { migrate } from "../../src/ops/migrations.ts";
import { noteStore } from "../../src/store/notes.ts";
import { get, post, provideFakes } from "../support.ts";

const url = process.env["DATABASE_URL"];
assert.ok(url, "DATABASE_URL is not set: the script `dev:services` starts a database for it");
const database = openDatabase(url, 5, createLogger("silent"));

before(async () => {
  await migrate(url);
  provideFakes({ notes: noteStore(database.pool) });
});
after(() => database.close());

async function written(text: string): Promise<{ id: string }> {
  const response = await create(post("/api/notes", { text }));
  assert.equal(response.status, 201);
  return (await response.json()) as { id: string };
}

const listed = async (query: string) => (await list(get(`/api/notes${query}`))).json();

test("a note comes back as it was written", async () => {
  const note = await written("'); DROP TABLE notes; -- \u{1F433}");
  const params = Promise.resolve({ id: note.id });
  assert.deepEqual(await (await find(get(`/api/notes/${note.id}`), { params })).json(), note);
});

test("pages go from the newest to the oldest", async () => {
  const one = await written("one");
  const two = await written("two");
  const three = await written("three");

  assert.deepEqual(await listed("?limit=2"), { notes: [three, two] });
  assert.deepEqual(await listed(`?limit=1&before=${two.id}`), { notes: [one] });
});

test("migrations that have run are not run again", async () => {
  assert.deepEqual(await migrate(url), []);
});

test("the database is up", async () => {
  await assert.doesNotReject(database.ping());
});
