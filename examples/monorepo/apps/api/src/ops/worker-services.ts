/** What the worker talks to: opened when it starts, watched by the heartbeat, closed after the last job. */
import type { Redis } from "ioredis";
import type { Logger } from "pino";
import { type Database, openDatabase } from "./database.ts";
import type { Env } from "./env.ts";
import type { Health } from "./health.ts";
import { closeRedis, openWorkerRedis } from "./redis.ts";
import type { Closer } from "./shutdown.ts";

export interface WorkerServices {
  redis: Redis;
  database: Database;
  /** In the order in which they are closed, once no job runs. */
  closers: readonly Closer[];
}

export function openWorkerServices(env: Env, health: Health, logger: Logger): WorkerServices {
  const closers: Closer[] = [];
  const redis = openWorkerRedis(env.REDIS_URL, logger);
  health.watch({ name: "redis", required: true, ping: () => redis.ping() });
  closers.push({ name: "redis", close: () => closeRedis(redis) });
  // Once for each connection: it may be another server after an outage.
  redis.on("ready", () => {
    void warnOfLosses(redis, logger);
  });

  // A job holds one connection at the most.
  const database = openDatabase(env.DATABASE_URL, env.WORKER_CONCURRENCY, logger);
  health.watch({ name: "database", required: true, ping: database.ping });
  closers.push({ name: "database", close: database.close });
  return { redis, database, closers };
}

/** A Redis that is set up as a cache loses jobs, and nobody would learn of it. */
async function warnOfLosses(redis: Redis, logger: Logger): Promise<void> {
  try {
    const problems = findLosses(await redis.info());
    if (problems.length > 0) logger.error({ problems }, "this Redis may lose jobs");
  } catch (err) {
    logger.warn({ err }, "Redis does not tell how it is set up");
  }
}

/** From the answer to INFO, since hosted services refuse CONFIG. */
export function findLosses(info: string): string[] {
  const value = (name: string) => new RegExp(`^${name}:(.*?)\\r?$`, "m").exec(info)?.[1];
  const problems: string[] = [];
  const policy = value("maxmemory_policy");
  if (policy !== undefined && policy !== "noeviction") {
    problems.push(`maxmemory-policy is ${policy}, which drops jobs when memory runs out`);
  }
  if (value("aof_enabled") === "0") {
    problems.push("appendonly is off: a restart without a replica that takes over loses jobs");
  }
  return problems;
}
