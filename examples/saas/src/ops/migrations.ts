/**
 * Runs what `prisma migrate dev` wrote, and keeps Prisma's own record of it: its commands and this go on from each
 * other. `prisma migrate deploy` does so with programs that would make the image several times as large, and needs a
 * person after a migration that failed. Here that one leaves nothing behind, and the next run tries it again.
 */
import { createHash, randomUUID } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { Client } from "pg";

/** The same from src/ops and from dist/ops. */
const MIGRATIONS = fileURLToPath(new URL("../../prisma/migrations", import.meta.url));

/** A migration that waits for a lock makes every later query on that table wait behind it. */
const LOCK_MS = 5000;

const STATEMENT_MS = 5 * 60 * 1000;

/** The lock that Prisma's commands take, so that they and this wait for each other. */
const LOCK = 72707369;

/** As Prisma's commands make it. */
const RECORD = `
  CREATE TABLE IF NOT EXISTS _prisma_migrations (
    id varchar(36) PRIMARY KEY,
    checksum varchar(64) NOT NULL,
    finished_at timestamptz,
    migration_name varchar(255) NOT NULL,
    logs text,
    rolled_back_at timestamptz,
    started_at timestamptz NOT NULL DEFAULT now(),
    applied_steps_count integer NOT NULL DEFAULT 0
  )`;

/** Returns the names of the migrations that it ran. Only one process at a time gets past the lock. */
export async function migrate(databaseUrl: string): Promise<string[]> {
  const client = new Client({
    connectionString: databaseUrl,
    application_name: "ledger-migrate",
    connectionTimeoutMillis: 10000,
    lock_timeout: LOCK_MS,
    statement_timeout: STATEMENT_MS,
  });
  await client.connect();
  try {
    // Held until the connection ends.
    await client.query("SELECT pg_advisory_lock($1)", [LOCK]);
    await client.query(RECORD);
    const pending = findPending(await listMigrations(), await findApplied(client));
    for (const name of pending) await run(client, name);
    return pending;
  } finally {
    await client.end();
  }
}

/** A folder each, whose names begin with the time at which they were written. */
async function listMigrations(): Promise<string[]> {
  const entries = await readdir(MIGRATIONS, { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory());
  return folders.map(({ name }) => name).sort();
}

async function findApplied(client: Client): Promise<Set<string>> {
  const { rows } = await client.query<{ name: string; finished: boolean }>(
    `SELECT migration_name AS name, finished_at IS NOT NULL AS finished
     FROM _prisma_migrations
     WHERE rolled_back_at IS NULL`,
  );
  // Only Prisma's own commands leave these: nobody but a person knows how far they got.
  const failed = rows.filter(({ finished }) => !finished).map(({ name }) => name);
  if (failed.length > 0) {
    throw new Error(`did not end; see \`prisma migrate resolve\`: ${failed.join(", ")}`);
  }
  return new Set(rows.map(({ name }) => name));
}

/** Somebody else's migration, merged late, must not slip in before one that has already run. */
function findPending(names: readonly string[], applied: ReadonlySet<string>): string[] {
  const newest = names.findLast((name) => applied.has(name)) ?? "";
  const pending = names.filter((name) => !applied.has(name));
  const late = pending.filter((name) => name < newest);
  if (late.length > 0) {
    throw new Error(`older than a migration that has run; write it anew: ${late.join(", ")}`);
  }
  return pending;
}

/**
 * All of it and its record, or nothing. Each for itself: what one adds to an enum can be used only by a later
 * transaction.
 */
async function run(client: Client, name: string): Promise<void> {
  const sql = await readFile(`${MIGRATIONS}/${name}/migration.sql`, "utf8");
  const checksum = createHash("sha256").update(sql).digest("hex");
  try {
    await client.query("BEGIN");
    await client.query(sql);
    await client.query(
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count)
       VALUES ($1, $2, $3, clock_timestamp(), 1)`,
      [randomUUID(), checksum, name],
    );
    await client.query("COMMIT");
  } catch (error) {
    throw new Error(`${name} failed and left nothing; those before it stay`, { cause: error });
  }
}
