import { Redis } from "ioredis";
import type { Logger } from "pino";

/** Redis only helps here: a request that cannot have its answer by then goes on without it. */
const ANSWER_MS = 250;

/** Connects in the background. While Redis is away every command fails at once. */
export function openRedis(url: string, logger: Logger): Redis {
  const redis = new Redis(url, {
    connectionName: "shop-api",
    connectTimeout: 2000,
    commandTimeout: ANSWER_MS,
    // A connection that went silent is replaced; commandTimeout alone would keep it.
    socketTimeout: 4 * ANSWER_MS,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    retryStrategy: (attempt) => Math.min(attempt * 100, 2000),
  });
  logOutages(redis, logger);
  return redis;
}

/**
 * For a worker, which has nothing to do without Redis: it waits, however long Redis is away. BullMQ insists on
 * maxRetriesPerRequest: null.
 */
export function openWorkerRedis(url: string, logger: Logger): Redis {
  const redis = new Redis(url, {
    connectionName: "shop-api-worker",
    connectTimeout: 2000,
    maxRetriesPerRequest: null,
    retryStrategy: (attempt) => Math.min(attempt * 100, 2000),
  });
  logOutages(redis, logger);
  return redis;
}

export async function closeRedis(redis: Redis): Promise<void> {
  try {
    await redis.quit();
  } catch {
    // Not connected: there is nobody to say goodbye to, only a reconnect timer to stop.
    redis.disconnect();
  }
}

/** ioredis reports every attempt to reconnect. The first one of an outage says it all. */
function logOutages(redis: Redis, logger: Logger): void {
  let failing = false;
  redis.on("error", (err) => {
    if (!failing) logger.warn({ err }, "Redis connection lost");
    failing = true;
  });
  redis.on("ready", () => {
    failing = false;
  });
}
