/** Puts every job that failed for good back into the queue: `retry-failed.js`. For people, once the cause is mended. */
import { Queue } from "bullmq";
import { createLogger } from "../logger.ts";
import { loadEnv, orExit } from "./env.ts";
import { QUEUE } from "./queue.ts";
import { closeRedis, openWorkerRedis } from "./redis.ts";

const env = orExit(loadEnv);
const redis = openWorkerRedis(env.REDIS_URL, createLogger(env.LOG_LEVEL));
const queue = new Queue(QUEUE, { connection: redis });
const failed = await queue.getFailedCount();
await queue.retryJobs({ state: "failed" });
console.log(`${failed} jobs are tried again`);
await queue.close();
await closeRedis(redis);
