import assert from "node:assert/strict";
import { after, before, type TestContext, test } from "node:test";
import { Module } from "@nestjs/common";
import { createLogger } from "../../src/logger.ts";
import { NotesModule } from "../../src/notes/notes.module.ts";
import { openDatabase } from "../../src/ops/database.ts";
import { migrate } from "../../src/ops/migrations.ts";
import { DATABASE } from "../../src/ops/services.module.ts";
import { post, serve } from "../support.ts";

const url = process.env["DATABASE_URL"];
assert.ok(url, "DATABASE_URL is not set: the script `dev:services` starts a database for it");
const database = openDatabase(url, 5, createLogger("silent"));

before(() => migrate(url));
after(() => database.close());

@Module({})
class DatabaseModule {}

async function serveNotes(t: TestContext) {
  const opened = {
    module: DatabaseModule,
    global: true,
    providers: [{ provide: DATABASE, useValue: database }],
    exports: [DATABASE],
  };
  const request = await serve(t, { imports: [opened, NotesModule] });
  const create = async (text: string) => {
    const response = await request("/notes", post({ text }));
    assert.equal(response.status, 201);
    return (await response.json()) as { id: string };
  };
  const read = async (path: string) => (await request(path)).json();
  return { create, read };
}

test("a note comes back as it was written", async (t) => {
  const { create, read } = await serveNotes(t);
  const note = await create("'); DROP TABLE notes; -- \u{1F433}");
  assert.deepEqual(await read(`/notes/${note.id}`), note);
});

test("pages go from the newest to the oldest", async (t) => {
  const { create, read } = await serveNotes(t);
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
