import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Queue } from "bullmq";
import { createLogger } from "../../src/logger.ts";
import { type Found, openQueue } from "../../src/ops/queue.ts";
import { closeRedis, openRedis, openWorkerRedis } from "../../src/ops/redis.ts";
import { type Handlers, startWorker } from "../../src/ops/work.ts";

const url = process.env["REDIS_URL"];
assert.ok(url, "REDIS_URL is not set: the script `dev:services` starts a Redis for it");
const logger = createLogger("silent");
const redis = openRedis(url, logger);
/** Of this run alone: no worker of a developer takes its jobs. */
const queue = `test-${randomUUID()}`;
const jobs = openQueue(redis, logger, queue);
const workerRedis = openWorkerRedis(url, logger);

// Rejects when the connection fails.
before(() => once(redis, "ready"));
after(async () => {
  await jobs.close();
  await new Queue(queue, { connection: workerRedis }).obliterate({ force: true });
  await closeRedis(redis);
  await closeRedis(workerRedis);
});

/** Runs the jobs that there are until the one with this id is finished. */
async function work(handlers: Handlers, id: string): Promise<Found> {
  const worker = startWorker({ redis: workerRedis, handlers, concurrency: 2, logger, queue });
  try {
    for (;;) {
      const found = await jobs.find(id);
      if (found.state !== "waiting") return found;
      await sleep(50);
    }
  } finally {
    await worker.close();
  }
}

test("a job comes out as it went in, and its result can be had", async () => {
  const data = { text: "'\"\u{1F433}" };
  assert.equal(await jobs.add("echo", data, "one"), true);
  assert.deepEqual(await jobs.find("one"), { state: "waiting", name: "echo" });
  const found = await work({ echo: async (given) => given }, "one");
  assert.deepEqual(found, { state: "done", name: "echo", result: data });
  assert.deepEqual(await jobs.find("another"), { state: "unknown" });
});

test("what is added twice under one id runs once", async () => {
  let runs = 0;
  const count = async () => {
    runs += 1;
  };
  await jobs.add("count", {}, "same");
  await jobs.add("count", {}, "same");
  await jobs.add("count", {}, "last");
  await work({ count }, "last");
  assert.equal(runs, 2);
});

test("an attempt that fails is followed by another one", async () => {
  let attempts = 0;
  const flaky = async () => {
    attempts += 1;
    if (attempts === 1) throw new Error("not this time");
    return attempts;
  };
  await jobs.add("flaky", {}, "retried");
  assert.deepEqual(await work({ flaky }, "retried"), { state: "done", name: "flaky", result: 2 });
});
