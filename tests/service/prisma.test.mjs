// The service's migrations beside Prisma's own commands: each goes on from what the other did. The commands are those of
// the tree; their engine is Prisma's own too, see schema-engine.mjs.
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { after, afterEach, beforeEach, test } from "node:test";
import { fileURLToPath } from "node:url";
import { dataAccess } from "../data-access.mjs";
import { copyOfTree, runToEnd, startPostgres, stopEverything, tree as original } from "./support.mjs";

if (existsSync(path.join(original, "prisma.config.ts"))) {
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

  /** `prisma WORDS` as a person runs it. */
  function prisma(...words) {
    const env = {
      PATH: process.env.PATH,
      HOME: tree,
      DATABASE_URL: postgres.url,
      CHECKPOINT_DISABLE: "1",
      PRISMA_SCHEMA_ENGINE_BINARY: fileURLToPath(new URL("schema-engine.mjs", import.meta.url)),
      SEAWORTHY_TREE: tree,
      SEAWORTHY_SCHEMA_ENGINE: process.env.SEAWORTHY_SCHEMA_ENGINE,
    };
    return runToEnd(["node_modules/prisma/build/index.js", ...words], env, 60_000, tree);
  }

  test("what the service ran, Prisma's commands find done", async () => {
    assert.equal((await migrate()).code, 0);
    const before = await applied();
    const status = await prisma("migrate", "status");
    assert.equal(status.code, 0, status.output);
    assert.match(status.output, /Database schema is up to date/);
    const deployed = await prisma("migrate", "deploy");
    assert.equal(deployed.code, 0, deployed.output);
    assert.match(deployed.output, /No pending migrations/);
    assert.deepEqual(await applied(), before);
  });

  test("what Prisma's commands ran, the service finds done; the record is the same", async () => {
    const deployed = await prisma("migrate", "deploy");
    assert.match(deployed.output, /All migrations have been successfully applied/);
    const [theirs] = await applied();
    assert.equal((await migrate()).code, 0);
    assert.deepEqual(await applied(), [theirs]);
    await postgres.query("DROP TABLE notes, _prisma_migrations");
    assert.equal((await migrate()).code, 0);
    const [ours] = await applied();
    assert.deepEqual([ours.migration_name, ours.checksum], [theirs.migration_name, theirs.checksum]);
  });

  // Prisma's engine in this form cannot read the tables of a database; the SQL says as much.
  test("the first migration is what Prisma writes for the schema", async () => {
    const written = await prisma("migrate", "diff", "--from-empty", "--to-schema", "prisma/schema.prisma", "--script");
    assert.equal(written.code, 0, written.output);
    const [first] = readdirSync(path.join(tree, "prisma/migrations"));
    const sql = readFileSync(path.join(tree, "prisma/migrations", first, "migration.sql"), "utf8");
    assert.ok(written.output.includes(sql.trim()), written.output);
  });

  test("one that Prisma's own command left half done is for a person; then the service goes on", async () => {
    const access = dataAccess(tree);
    access.add(tree, "new", "ALTER TABLE no_such_table ADD COLUMN x bigint;\n");
    assert.equal((await prisma("migrate", "deploy")).code, 1);
    const refused = await migrate();
    assert.equal(refused.code, 1);
    assert.match(refused.output, /prisma migrate resolve.*_new/);
    const [name] = readdirSync(path.join(tree, "prisma/migrations")).filter((folder) => folder.endsWith("_new"));
    const resolved = await prisma("migrate", "resolve", "--rolled-back", name);
    assert.equal(resolved.code, 0, resolved.output);
    access.remove(tree, "new");
    access.add(tree, "new", "ALTER TABLE notes ADD COLUMN colour text;\n");
    assert.equal((await migrate()).code, 0);
    assert.match((await prisma("migrate", "status")).output, /Database schema is up to date/);
  });
}
