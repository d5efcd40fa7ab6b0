/** What the service talks to: opened when it starts, watched by the health checks, closed after the last request. */
import type { Logger } from "pino";
import { type Database, openDatabase } from "./database.ts";
import type { Env } from "./env.ts";
import type { Health } from "./health.ts";
import type { Closer } from "./shutdown.ts";

export interface Surroundings {
  env: Env;
  health: Health;
  logger: Logger;
}

export interface Services {
  database: Database;
  /** In the order in which they are closed. */
  closers: readonly Closer[];
}

export async function openServices(given: Surroundings): Promise<Services> {
  const { env, health, logger } = given;
  const closers: Closer[] = [];

  const database = openDatabase(env.DATABASE_URL, env.DATABASE_POOL_MAX, logger);
  health.watch({ name: "database", required: true, ping: database.ping });
  closers.push({ name: "database", close: database.close });
  return { database, closers };
}
