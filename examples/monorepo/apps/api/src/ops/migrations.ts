import { fileURLToPath } from "node:url";
import { runner } from "node-pg-migrate";
import { Client } from "pg";

/** The same from src/ops and from dist/ops. */
const MIGRATIONS = fileURLToPath(new URL("../../migrations", import.meta.url));

/** A migration that waits for a lock makes every later query on that table wait behind it. */
const LOCK_MS = 5000;

const STATEMENT_MS = 5 * 60 * 1000;

/** Returns the names of the migrations that it ran. Only one process at a time gets past the lock. */
export async function migrate(databaseUrl: string): Promise<string[]> {
  const client = new Client({
    connectionString: databaseUrl,
    application_name: "shop-api-migrate",
    connectionTimeoutMillis: 10000,
    lock_timeout: LOCK_MS,
    statement_timeout: STATEMENT_MS,
  });
  await client.connect();
  try {
    const migrations = await runner({
      dbClient: client,
      dir: MIGRATIONS,
      direction: "up",
      migrationsTable: "migrations",
      advisoryLockMode: "wait",
      // Somebody else's migration, merged late, must not slip in before one that has already run.
      checkOrder: true,
    });
    return migrations.map(({ name }) => name);
  } finally {
    await client.end();
  }
}
