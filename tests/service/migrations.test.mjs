// Migrations: once, one process at a time, whole or not at all, in their order.
import assert from "node:assert/strict";
import { after, afterEach, beforeEach, test } from "node:test";
import { dataAccess } from "../data-access.mjs";
import { copyOfTree, hasDatabase, runToEnd, startPostgres, stopEverything } from "./support.mjs";

if (hasDatabase) {
  let postgres;
  let tree;
  beforeEach(async () => {
    postgres = await startPostgres();
    tree = copyOfTree();
  });
  afterEach(stopEverything);
  after(stopEverything);

  const migrate = () => runToEnd("dist/ops/migrate.js", { DATABASE_URL: postgres.url }, 20_000, tree);
  const applied = () => postgres.query(dataAccess(tree).applied);
  const exists = async (table) => (await postgres.query(`SELECT to_regclass('${table}') IS NOT NULL AS it`))[0].it;

  test("three at the same time: each ends well, and every migration runs once", async () => {
    const ends = await Promise.all(Array.from({ length: 3 }, migrate));
    for (const { code, output } of ends) assert.equal(code, 0, output);
    assert.equal((await applied()).length, 1);
    assert.equal(await exists("notes"), true);
  });

  test("one that fails leaves nothing behind, and runs when it is mended", async () => {
    assert.equal((await migrate()).code, 0);
    const before = await applied();
    const access = dataAccess(tree);
    access.add(tree, "new", "CREATE TABLE half_done (id bigint);\nALTER TABLE no_such_table ADD COLUMN x bigint;\n");
    const failed = await migrate();
    assert.equal(failed.code, 1);
    assert.match(failed.output, /no_such_table/);
    assert.equal(await exists("half_done"), false);
    assert.deepEqual(await applied(), before);

    access.remove(tree, "new");
    access.add(tree, "new", "CREATE TABLE whole (id bigint);\n");
    const mended = await migrate();
    assert.equal(mended.code, 0, mended.output);
    assert.equal(await exists("whole"), true);
    assert.equal((await applied()).length, before.length + 1);
  });

  test("one from a branch that was merged late is refused, not skipped", async () => {
    assert.equal((await migrate()).code, 0);
    const before = await applied();
    dataAccess(tree).add(tree, "late", "CREATE TABLE late (id bigint);\n", "older");
    const late = await migrate();
    assert.equal(late.code, 1);
    assert.match(late.output, /late/);
    assert.deepEqual(await applied(), before);
  });

  test("a table that is in use: it gives up in seconds, before everybody queues behind it", async () => {
    assert.equal((await migrate()).code, 0);
    const release = await postgres.lock("notes");
    dataAccess(tree).add(tree, "new", "ALTER TABLE notes ADD COLUMN colour text;\n");
    const start = performance.now();
    const waited = await migrate();
    await release();
    assert.equal(waited.code, 1);
    assert.match(waited.output, /lock timeout/);
    assert.ok(performance.now() - start < 10_000);
  });
}
