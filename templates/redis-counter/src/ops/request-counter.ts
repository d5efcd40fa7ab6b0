import type { Redis } from "ioredis";

export interface Count {
  /** Requests since the window began, this one included. */
  hits: number;
  /** Until the window ends. */
  leftMs: number;
}

/** In one step: a process that dies half way leaves no counter that never ends. */
const COUNT = `
local hits = redis.call("INCR", KEYS[1])
if hits == 1 then redis.call("PEXPIRE", KEYS[1], ARGV[1]) end
return { hits, redis.call("PTTL", KEYS[1]) }`;

/** Counts a request of a client, in a window that begins with its first. Rejects when Redis is away. */
export async function countRequest(redis: Redis, key: string, windowMs: number): Promise<Count> {
  const [hits, leftMs] = (await redis.eval(COUNT, 1, key, windowMs)) as [number, number];
  return { hits, leftMs };
}
