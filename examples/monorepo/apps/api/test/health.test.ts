import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Health } from "../src/ops/health.ts";

const LIMIT_MS = 50;

const messages: string[] = [];
const record = (_fields: object, message: string) => messages.push(message);
const up = () => Promise.resolve();
const down = () => Promise.reject(new Error("refused"));

function watching(ping: () => Promise<unknown>, required = true): Health {
  const health = new Health({ info: record, warn: record }, LIMIT_MS);
  health.watch({ name: "thing", required, ping });
  return health;
}

beforeEach(() => {
  messages.length = 0;
});

test("what is down decides the status", async () => {
  assert.equal((await watching(up).report()).status, "ok");
  assert.equal((await watching(down).report()).status, "unavailable");
  assert.equal((await watching(down, false).report()).status, "degraded");
});

test("a dependency that hangs is asked once, and later probes do not wait for it", async () => {
  let asked = 0;
  let answer = () => {};
  const health = watching(() => {
    asked += 1;
    return new Promise<void>((resolve) => {
      answer = resolve;
    });
  });

  await Promise.all([health.report(), health.report()]);
  const start = performance.now();
  assert.equal((await health.report()).status, "unavailable");
  assert.ok(performance.now() - start < LIMIT_MS / 2);
  assert.equal(asked, 1);

  answer();
  await sleep(0);
  const report = health.report();
  await sleep(0);
  assert.equal(asked, 2);
  answer();
  assert.equal((await report).status, "ok");
});

test("an outage is logged when it begins and when it ends", async () => {
  let ping = up;
  const health = watching(() => ping());
  const probe = async (next: typeof up) => {
    ping = next;
    await health.report();
  };

  for (const next of [up, down, down, down, up, up]) await probe(next);
  assert.deepEqual(messages, ["dependency is down", "dependency is up again"]);
});

test("a service that shuts down is not ready, and asks nobody", async () => {
  const health = watching(() => assert.fail("asked"));
  health.beginShutdown();
  assert.deepEqual(await health.report(), { status: "shutting-down", checks: {} });
});
