import rateLimit from "@fastify/rate-limit";
import type { FastifyInstance } from "fastify";
import type { Redis } from "ioredis";

const WRITES_PER_MINUTE = 120;

const READS: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

/** Per client address, counted in Redis so that all instances share the count. */
export async function limitWrites(app: FastifyInstance, redis: Redis): Promise<void> {
  await app.register(rateLimit, {
    max: WRITES_PER_MINUTE,
    timeWindow: "1 minute",
    allowList: (request) => READS.has(request.method),
    redis,
    nameSpace: "rate-limit:",
    // Better unlimited for a while than closed because of a counter.
    skipOnError: true,
  });
}
