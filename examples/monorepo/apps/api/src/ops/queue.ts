/** Where jobs wait: the service puts them in, the worker takes them out. */
import { Queue } from "bullmq";
import type { Redis } from "ioredis";
import type { Logger } from "pino";

export const QUEUE = "jobs";

/** 6 attempts, 2 s apart and then twice as long each time. What is finished goes, so that Redis does not fill up. */
const JOB_OPTIONS = {
  attempts: 6,
  backoff: { type: "exponential", delay: 2 * 1000 },
  removeOnComplete: { age: 3600, count: 1000 },
  removeOnFail: { age: 7 * 24 * 3600, count: 1000 },
};

export type Found =
  | { state: "waiting" | "failed"; name: string }
  | { state: "done"; name: string; result: unknown }
  /** Never added, or finished long ago. */
  | { state: "unknown" }
  /** Redis cannot say now. */
  | { state: "unavailable" };

/** The service's side of the queue. It answers at once, also while Redis is away: a request is better told so than kept waiting. */
export interface Jobs {
  /** Whether the job is in the queue. `id` is its own: what is added twice under one id runs once. */
  add(name: string, data: object, id: string): Promise<boolean>;
  find(id: string): Promise<Found>;
  close(): Promise<void>;
}

/** On the service's connection, whose commands fail at once while Redis is away. */
export function openQueue(redis: Redis, logger: Logger, name = QUEUE): Jobs {
  let opened: Queue | undefined;

  function open(): Queue {
    const queue = new Queue(name, { connection: redis, defaultJobOptions: JOB_OPTIONS });
    // The connection tells of an outage itself.
    queue.on("error", (err) => logger.debug({ err }, "queue"));
    return queue;
  }

  async function use<T>(work: (queue: Queue) => Promise<T>, otherwise: T): Promise<T> {
    try {
      // BullMQ would wait for Redis.
      if (redis.status !== "ready") throw new Error("Redis is away");
      opened ??= open();
      const queue = opened;
      await queue.waitUntilReady().catch((error) => {
        // It does not try a second time.
        opened = undefined;
        throw error;
      });
      return await work(queue);
    } catch (err) {
      logger.error({ err }, "the queue is not available");
      return otherwise;
    }
  }

  return {
    add: (job, data, id) =>
      use<boolean>(async (queue) => {
        await queue.add(job, data, { jobId: id });
        return true;
      }, false),
    find: (id) => use<Found>((queue) => findJob(queue, id), { state: "unavailable" }),
    close: async () => {
      await opened?.close();
    },
  };
}

async function findJob(queue: Queue, id: string): Promise<Found> {
  const job = await queue.getJob(id);
  if (job === undefined) return { state: "unknown" };
  const { name } = job;
  const state = await job.getState();
  if (state === "completed") return { state: "done", name, result: job.returnvalue };
  return { state: state === "failed" ? "failed" : "waiting", name };
}
