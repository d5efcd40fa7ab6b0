import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createLogger } from "../../src/logger.ts";
import { openDatabase } from "../../src/ops/database.ts";
import { migrate } from "../../src/ops/migrations.ts";
import { noteRoutes } from "../../src/routes/notes.ts";
import { noteStore } from "../../src/store/notes.ts";
import { testApp } from "../support.ts";

const url = process.env["DATABASE_URL"];
assert.ok(url, "DATABASE_URL is not set: the script `dev:services` starts a database for it");
const database = openDatabase(url, 5, createLogger("silent"));

before(() => migrate(url));
after(() => database.close());

async function testNotes() {
  const app = await testApp();
  noteRoutes(app, noteStore(database.pool));
  const create = async (text: string) => {
    const response = await app.inject({ method: "POST", url: "/notes", payload: { text } });
    assert.equal(response.statusCode, 201);
    return response.json();
  };
  return { app, create };
}

test("a note comes back as it was written", async () => {
  const { app, create } = await testNotes();
  const note = await create("'); DROP TABLE notes; -- \u{1F433}");
  assert.deepEqual((await app.inject(`/notes/${note.id}`)).json(), note);
});

test("pages go from the newest to the oldest", async () => {
  const { app, create } = await testNotes();
  const created = [];
  for (const text of ["one", "two", "three"]) created.push(await create(text));
  const [one, two, three] = created;

  const newest = (await app.inject("/notes?limit=2")).json().notes;
  assert.deepEqual(newest, [three, two]);
  const next = (await app.inject(`/notes?limit=1&before=${two.id}`)).json().notes;
  assert.deepEqual(next, [one]);
});

test("migrations that have run are not run again", async () => {
  assert.deepEqual(await migrate(url), []);
});

test("the database is up", async () => {
  await assert.doesNotReject(database.ping());
});
