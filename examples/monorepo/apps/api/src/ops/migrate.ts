/** Brings the database up to date. Runs as a job of its own, before a new version starts. */
import { loadDatabaseUrl, orExit } from "./env.ts";
import { migrate } from "./migrations.ts";

const databaseUrl = orExit(loadDatabaseUrl);
try {
  await migrate(databaseUrl);
} catch (error) {
  console.error("The migrations failed:", error);
  process.exit(1);
}
