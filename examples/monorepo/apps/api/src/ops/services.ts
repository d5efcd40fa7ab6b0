/** What the service talks to: opened when it starts, watched by the health checks, closed after the last request. */
import type { FastifyInstance } from "fastify";
import type { Logger } from "pino";
import { type Database, openDatabase } from "./database.ts";
import type { Env } from "./env.ts";
import type { Health } from "./health.ts";
import { type Jobs, openQueue } from "./queue.ts";
import { limitWrites } from "./rate-limit.ts";
import { closeRedis, openRedis } from "./redis.ts";
import type { Closer } from "./shutdown.ts";

export interface Surroundings {
  app: FastifyInstance;
  env: Env;
  health: Health;
  logger: Logger;
}

export interface Services {
  database: Database;
  jobs: Jobs;
  /** In the order in which they are closed. */
  closers: readonly Closer[];
}

export async function openServices(given: Surroundings): Promise<Services> {
  const { env, health, logger } = given;
  const closers: Closer[] = [];

  const redis = openRedis(env.REDIS_URL, logger);
  // Not required: without Redis nothing is limited and no job is taken, and everything else works.
  health.watch({ name: "redis", required: false, ping: () => redis.ping() });
  const jobs = openQueue(redis, logger);
  closers.push({ name: "queue", close: jobs.close });
  closers.push({ name: "redis", close: () => closeRedis(redis) });
  await limitWrites(given.app, redis);

  const database = openDatabase(env.DATABASE_URL, env.DATABASE_POOL_MAX, logger);
  health.watch({ name: "database", required: true, ping: database.ping });
  closers.push({ name: "database", close: database.close });
  return { database, jobs, closers };
}
