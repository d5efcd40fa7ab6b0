// The worker: no job is lost, whatever happens to the process that runs it, and none keeps it from stopping.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, afterEach, before, test } from "node:test";
import { copyOfTree, declared, eventually, hasWorker, sleep, startDependencies, startService, startWorker, stopEverything } from "./support.mjs";

/** How many jobs wait or run when a worker is stopped. */
const JOBS = 40;

let dependencies;
let service;
/** The tree with a job that takes time and writes down when it began and ended. */
let slow;

if (hasWorker) {
  before(async () => {
    dependencies = await startDependencies();
    service = await startService(dependencies.env);
    slow = slowTree();
    await eventually("the queue takes orders", async () => (await order("x")).status === 202);
  });
  // One test's workers must not take the jobs of the next one.
  afterEach(() => Promise.all(slow.started.splice(0).map((worker) => worker.stop())));
  after(stopEverything);
}

/** Each from another client: writes are limited. */
function order(text) {
  const client = Array.from({ length: 4 }, () => Math.floor(Math.random() * 256)).join(".");
  const headers = { "content-type": "application/json", "x-forwarded-for": client };
  return service.get("/reports", { method: "POST", headers, body: JSON.stringify({ text }) });
}

async function report(id) {
  return (await service.get(`/reports/${id}`)).body;
}

/** Orders reports and returns their ids. */
async function orders(count) {
  const accepted = await Promise.all(Array.from({ length: count }, (_, index) => order(`text ${index}`)));
  for (const { status } of accepted) assert.equal(status, 202);
  return accepted.map(({ body }) => body.id);
}

function allDone(ids, limitMs) {
  return eventually(
    "all jobs are done",
    async () => (await Promise.all(ids.map(report))).every(({ state }) => state === "done"),
    limitMs,
  );
}

/** With another src/jobs/index.ts, and shorter locks, so that no test waits a minute for the job of a worker that is gone. */
function slowTree() {
  const folder = copyOfTree();
  const journal = path.join(folder, "journal");
  writeFileSync(journal, "");
  const file = path.join(folder, "dist/jobs/index.js");
  writeFileSync(
    file,
    `import { appendFileSync } from "node:fs";
     import { setTimeout as sleep } from "node:timers/promises";
     export function handlersOf() {
       return {
         async report({ text }, signal) {
           appendFileSync(${JSON.stringify(journal)}, "begin " + text + "\\n");
           if (process.env.JOB_BLOCKS) for (;;);
           await sleep(Number(process.env.JOB_MS ?? 500), undefined, process.env.JOB_IS_DEAF ? {} : { signal });
           appendFileSync(${JSON.stringify(journal)}, "end " + text + "\\n");
           return { done: text };
         },
       };
     }`,
  );
  const work = path.join(folder, "dist/ops/work.js");
  const shortened = readFileSync(work, "utf8").replace(/LOCK_MS = \d+ \* 1000/, "LOCK_MS = Number(process.env.LOCK_MS ?? 30000)");
  assert.match(shortened, /process\.env\.LOCK_MS/);
  writeFileSync(work, shortened);
  const started = [];
  return {
    folder,
    started,
    start(env) {
      const worker = startWorker({ ...dependencies.env, LOCK_MS: "2000", ...env }, folder);
      started.push(worker);
      return worker;
    },
    /** { begin: [text...], end: [text...] } since the latest `clear`. */
    journal() {
      const lines = readFileSync(journal, "utf8").trim().split("\n");
      const of = (word) => lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1));
      return { begin: of("begin"), end: of("end") };
    },
    clear: () => writeFileSync(journal, ""),
  };
}

async function stopped(worker, signal = "SIGTERM") {
  const start = performance.now();
  worker.signal(signal);
  const { code } = await worker.exited;
  return { code, ms: performance.now() - start };
}

const check = hasWorker ? test : () => {};

check("from the request to the result, by way of the queue", async () => {
  const [id] = await orders(1);
  assert.deepEqual(await report(id), { state: "waiting" });
  const worker = startWorker(dependencies.env);
  slow.started.push(worker);
  await allDone([id]);
  assert.ok((await report(id)).report);
  assert.match(worker.logs(), /"msg":"job done"/);
  assert.deepEqual([(await stopped(worker)).code, /"clean":true/.test(worker.logs())], [0, true]);
});

check("SIGTERM while jobs run: those end, the others wait for the next worker, exit 0, each ran once", async () => {
  slow.clear();
  const ids = await orders(JOBS);
  const first = slow.start();
  await eventually("some are done", () => slow.journal().end.length >= 10);
  const { code, ms } = await stopped(first);
  const { begin, end } = slow.journal();
  assert.equal(code, 0, first.logs());
  assert.ok(ms < 2000, `took ${Math.round(ms)} ms`);
  assert.deepEqual([...begin].sort(), [...end].sort(), "what had begun has ended");
  assert.ok(end.length < JOBS, "some were left");
  slow.start();
  await allDone(ids);
  assert.equal(new Set(slow.journal().end).size, JOBS);
  assert.equal(slow.journal().begin.length, JOBS);
});

check("kill -9 while jobs run: another worker runs them again, none is lost", async (t) => {
  slow.clear();
  const ids = await orders(JOBS);
  const first = slow.start({ JOB_MS: "1000" });
  await eventually("jobs run", () => slow.journal().begin.length >= 10);
  await first.stop();
  const cut = slow.journal().begin.length - slow.journal().end.length;
  assert.ok(cut > 0, "some were cut off");
  const second = slow.start();
  await allDone(ids, 30_000);
  const { begin, end } = slow.journal();
  assert.equal(new Set(end).size, JOBS);
  // Nothing but what was cut off began twice, and nothing ended twice.
  assert.deepEqual([begin.length, end.length], [JOBS + cut, JOBS]);
  assert.match(second.logs(), /its worker was lost/);
  t.diagnostic(`${cut} of ${JOBS} jobs were cut off`);
});

check("a job that ignores everything: exit 1 at the hard limit, and another worker runs it", async () => {
  slow.clear();
  const limit = 2000;
  const first = slow.start({ JOB_MS: "60000", JOB_IS_DEAF: "1", SHUTDOWN_TIMEOUT_MS: String(limit) });
  const [id] = await orders(1);
  await eventually("the job runs", () => slow.journal().begin.length === 1);
  const { code, ms } = await stopped(first);
  assert.equal(code, 1);
  assert.ok(ms >= limit - 50 && ms < limit + 500, `took ${Math.round(ms)} ms`);
  slow.start();
  await allDone([id], 30_000);
  assert.deepEqual(slow.journal().begin.length, 2);
});

check("a second signal: exit 1 at once", async () => {
  slow.clear();
  const worker = slow.start({ JOB_MS: "60000" });
  await orders(1);
  await eventually("the job runs", () => slow.journal().begin.length === 1);
  worker.signal("SIGTERM");
  await sleep(300);
  const { code, ms } = await stopped(worker);
  assert.equal(code, 1);
  assert.ok(ms < 300, `took ${Math.round(ms)} ms`);
  slow.start();
  await eventually("it runs elsewhere", () => slow.journal().end.length === 1, 30_000);
});

check("Redis is away: no restart is asked for, orders get 503 at once, and all goes on by itself", async () => {
  const worker = slow.start();
  await eventually("ready", async () => (await worker.probe("ready")).code === 0);
  await dependencies.redis.stop();
  await eventually("not ready", async () => (await worker.probe("ready")).code === 1);
  assert.equal((await worker.probe()).code, 0);
  if (declared.tellsStart) assert.equal((await worker.probe("started")).code, 0);
  const refused = await order("x");
  assert.equal(refused.status, 503);
  assert.ok(refused.ms < 1000, `${refused.ms} ms`);
  await dependencies.redis.start();
  await eventually("ready again", async () => (await worker.probe("ready")).code === 0);
  const [id] = await eventually("orders are taken", () => orders(1));
  await allDone([id]);
  assert.equal((await stopped(worker)).code, 0);
});

check("jobs outlive a restart of Redis", async () => {
  const ids = await orders(5);
  await dependencies.redis.stop();
  await dependencies.redis.start();
  slow.start();
  await eventually("the service is connected", async () => (await order("x")).status === 202);
  await allDone(ids);
});

check("Redis is away: SIGTERM still ends the worker within its limit", async () => {
  const worker = slow.start();
  await eventually("ready", async () => (await worker.probe("ready")).code === 0);
  await dependencies.redis.stop();
  await sleep(500);
  const { ms } = await stopped(worker);
  assert.ok(ms < declared.timeoutMs + 500, `took ${Math.round(ms)} ms: ${worker.logs()}`);
  await dependencies.redis.start();
});

check("an event loop that is stuck: alive at first, and no longer when the limit has passed", async () => {
  const heartbeat = readFileSync(path.join(slow.folder, "dist/ops/heartbeat.js"), "utf8");
  const limitMs = 1000 * Number(/STUCK_MS = (\d+) \* 1000/.exec(heartbeat)[1]);
  slow.clear();
  const worker = slow.start({ JOB_BLOCKS: "1" });
  await eventually("alive", async () => (await worker.probe()).code === 0, 30_000);
  await eventually("an order is taken", async () => (await order("x")).status === 202);
  await eventually("the job runs", () => slow.journal().begin.length > 0);
  const start = performance.now();
  assert.equal((await worker.probe()).code, 0);
  const { output } = await eventually("stuck", async () => {
    const probed = await worker.probe();
    return probed.code === 1 && probed;
  }, limitMs + 10_000);
  assert.match(output, /the last heartbeat is \d+ s old/);
  assert.ok(performance.now() - start > limitMs - 6000, "not before its time");
  await worker.stop();
});

check("a worker without its environment says what is missing, and exits with 1", async () => {
  const worker = startWorker({ REDIS_URL: "", WORKER_CONCURRENCY: "0" });
  assert.equal((await worker.exited).code, 1);
  assert.match(worker.logs(), /REDIS_URL is missing\n.*WORKER_CONCURRENCY must be at least 1/s);
});
