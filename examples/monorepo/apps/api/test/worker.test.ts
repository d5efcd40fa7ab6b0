import assert from "node:assert/strict";
import { mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { findProblem } from "../src/ops/heartbeat.ts";
import { runJob } from "../src/ops/work.ts";
import { findLosses } from "../src/ops/worker-services.ts";

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "worker-"));
});
after(() => rm(folder, { recursive: true }));

test("a job gets its data and gives its result", async () => {
  const handlers = { double: async (data: unknown) => Number(data) * 2 };
  assert.equal(await runJob(handlers, { name: "double", data: 21 }), 42);
  await assert.rejects(runJob(handlers, { name: "triple", data: 21 }), /no handler .* triple/);
});

test("an attempt that ignores its limit fails, and hears of it", async () => {
  let told = false;
  const deaf = (_data: unknown, signal: AbortSignal) => {
    signal.addEventListener("abort", () => {
      told = true;
    });
    return new Promise(() => {});
  };
  await assert.rejects(
    runJob({ deaf }, { name: "deaf", data: {} }, undefined, 20),
    /not done within 20 ms/,
  );
  assert.equal(told, true);
});

test("a job that is cancelled fails at once", async () => {
  const stop = new AbortController();
  const running = runJob(
    { slow: () => sleep(10_000, 0, { ref: false }) },
    { name: "slow", data: {} },
    stop.signal,
  );
  stop.abort(new Error("cancelled"));
  await assert.rejects(running, /cancelled/);
});

test("a heartbeat tells a worker that is stuck from one that cannot work", async () => {
  const file = join(folder, "heartbeat");
  const write = (status: string) => writeFile(file, JSON.stringify({ status, checks: {} }));

  assert.match(findProblem(false, file) ?? "", /no heartbeat/);
  await write("ok");
  assert.equal(findProblem(true, file), undefined);
  await write("unavailable");
  assert.equal(findProblem(false, file), undefined);
  assert.match(findProblem(true, file) ?? "", /not ready: .*unavailable/);
  const minuteAgo = Date.now() / 1000 - 60;
  await utimes(file, minuteAgo, minuteAgo);
  assert.match(findProblem(false, file) ?? "", /60 s old/);
});

test("a Redis that may lose jobs is noticed", () => {
  const info = (policy: string, aof: number) =>
    `# Memory\r\nmaxmemory_policy:${policy}\r\n# Persistence\r\naof_enabled:${aof}\r\n`;
  assert.deepEqual(findLosses(info("noeviction", 1)), []);
  assert.deepEqual(findLosses("redis_version:8.10.1\r\n"), []);
  assert.match(findLosses(info("allkeys-lru", 0)).join("\n"), /allkeys-lru.*\n.*appendonly is off/);
});
