import type { Router } from "express";
import { type ClientRateLimitInfo, rateLimit, type Store } from "express-rate-limit";
import type { Redis } from "ioredis";
import { countRequest } from "./request-counter.ts";

const WRITES_PER_MINUTE = 120;

const WINDOW_MS = 60_000;

const READS: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

/** Per client address, counted in Redis so that all instances share the count. */
export function limitWrites(routes: Router, redis: Redis): void {
  const limit = rateLimit({
    limit: WRITES_PER_MINUTE,
    windowMs: WINDOW_MS,
    standardHeaders: "draft-8",
    legacyHeaders: false,
    skip: (request) => READS.has(request.method),
    store: redisStore(redis),
    // Better unlimited for a while than closed because of a counter.
    passOnStoreError: true,
    // The Redis client logs the outage once; this would be a line per request.
    logger: { error: () => {}, warn: () => {} },
    message: { error: "Too many requests" },
  });
  routes.use(limit);
}

/** Commands are sent per request only: the service may start while Redis is away. */
function redisStore(redis: Redis): Store {
  const of = (client: string) => `rate-limit:${client}`;
  return {
    async increment(client): Promise<ClientRateLimitInfo> {
      const { hits, leftMs } = await countRequest(redis, of(client), WINDOW_MS);
      return { totalHits: hits, resetTime: new Date(Date.now() + leftMs) };
    },
    async decrement(client) {
      await redis.decr(of(client));
    },
    async resetKey(client) {
      await redis.del(of(client));
    },
  };
}
