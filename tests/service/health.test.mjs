// Readiness follows the dependencies, in time and without a restart; liveness does not.
import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import {
  declared,
  eventually,
  hasDatabase,
  hasRedis,
  notes,
  postWrite,
  sleep,
  startBlackHole,
  startDependencies,
  startService,
  stopEverything,
  write,
} from "./support.mjs";

/** Beyond the limit of a single check; half of it again is for a busy machine. One check that waits for another would double it. */
const ANSWER_MS = declared.checkLimitMs * 1.5;

let dependencies;
let service;

before(async () => {
  dependencies = await startDependencies();
});
afterEach(() => service?.stop());
after(stopEverything);

async function start(env = {}) {
  service = await startService({ ...dependencies.env, ...env });
  return service;
}

/** How often answers may be late before the service is to blame, and not a machine that is busy. */
const ROUNDS = 3;

const readiness = () => service.get("/readyz");

async function assertAlive() {
  const answer = await service.get("/livez");
  assert.equal(answer.status, 200);
  assert.ok(answer.ms < declared.checkLimitMs, `/livez took ${Math.round(answer.ms)} ms`);
}

/** What ECS asks, in an outage. */
async function assertStarted(hasStarted) {
  const { status, body } = await service.get("/readyz?started");
  assert.deepEqual([status, body.status], [hasStarted ? 200 : 503, "unavailable"]);
}

const becomes = (status) =>
  eventually(`/readyz says ${status}`, async () => (await readiness()).body.status === status);

/** One at a time, then many at once: none may wait for the ones before it. */
async function probeWhileDown() {
  const answers = [];
  for (let probe = 0; probe < 4; probe += 1) answers.push(await readiness());
  answers.push(...(await Promise.all(Array.from({ length: 30 }, readiness))));
  for (const { status, body } of answers) {
    assert.equal(status, 503);
    assert.equal(body.checks.database.status, "down");
  }
  return Math.max(...answers.map(({ ms }) => ms));
}

async function assertUnavailableInTime() {
  const slowest = [];
  do {
    slowest.push(Math.round(await probeWhileDown()));
  } while (slowest.at(-1) >= ANSWER_MS && slowest.length < ROUNDS);
  // A late round is not hidden: it may be the machine, and it may be the service.
  if (slowest.length > 1) console.log(`late rounds of /readyz, limit ${ANSWER_MS} ms: ${slowest.join(", ")}`);
  assert.ok(slowest.at(-1) < ANSWER_MS, `/readyz took ${slowest.join(", then ")} ms`);
  await assertAlive();
}

test("a fresh service is alive and ready", async () => {
  await start();
  await assertAlive();
  // Redis is connected in the background.
  const { status, body } = await becomes("ok").then(readiness);
  assert.equal(status, 200);
  const up = (present, name) => (present ? { [name]: { status: "up" } } : {});
  assert.deepEqual(body, { status: "ok", checks: { ...up(hasDatabase, "database"), ...up(hasRedis, "redis") } });
  assert.equal((await service.get("/health")).status, 200);
  assert.equal((await postWrite(service)).status, write.status);
  // As a path; a stack trace may name the file.
  assert.doesNotMatch(service.logs(), /"\/(livez|readyz|health)"/, "probes are not logged");
});

if (hasDatabase) {
  test("database stopped: alive, not ready in time, ready again without a restart", async () => {
    await start();
    await becomes("ok");
    await dependencies.postgres.stop();
    await assertUnavailableInTime();
    await assertStarted(declared.tellsStart);
    await dependencies.postgres.start();
    await becomes("ok");
    await eventually("the outage is logged when it begins and ends, and not in between", () => {
      const logged = service.logs().match(/"database".*dependency is (down|up again)/g);
      return logged?.length === 2;
    });
    const written = await postWrite(service);
    assert.equal(written.status, write.status, service.logs());
  });

  test("database absent at the start: the service starts and becomes ready later", async () => {
    await dependencies.postgres.stop();
    await start();
    await assertUnavailableInTime();
    await assertStarted(false);
    await dependencies.postgres.start();
    await becomes("ok");
  });

  test("database that accepts and never answers: /readyz answers in time", async () => {
    const { url } = await startBlackHole();
    await start({ DATABASE_URL: url });
    await assertUnavailableInTime();
  });

  test("database frozen under open connections: /readyz answers in time and recovers", async () => {
    await start();
    await becomes("ok");
    dependencies.postgres.freeze();
    try {
      await assertUnavailableInTime();
    } finally {
      dependencies.postgres.thaw();
    }
    await becomes("ok");
  });

  test("pool exhausted by slow requests: the service stays ready", async () => {
    await start({ DATABASE_POOL_MAX: "2" });
    await becomes("ok");
    const unlock = await dependencies.postgres.lock("notes");
    const waiting = Array.from({ length: 5 }, () => service.get(notes));
    await sleep(300);
    for (let probe = 0; probe < 3; probe += 1) assert.equal((await readiness()).status, 200);
    await unlock();
    for (const answer of await Promise.all(waiting)) assert.equal(answer.status, 200);
  });
}

if (hasRedis) {
  const assertServes = async () => {
    const answer = await postWrite(service);
    assert.equal(answer.status, write.status);
    assert.ok(answer.ms < 1000, `a request took ${Math.round(answer.ms)} ms`);
  };

  test("Redis stopped: degraded, ready, requests still answered quickly; recovers", async () => {
    await start();
    await becomes("ok");
    await dependencies.redis.stop();
    const { status, body } = await becomes("degraded").then(readiness);
    assert.equal(status, 200);
    assert.equal(body.checks.redis.status, "down");
    for (let i = 0; i < 5; i += 1) await assertServes();
    await dependencies.redis.start();
    await becomes("ok");
  });

  test("Redis frozen: degraded in time, requests still answered; recovers", async () => {
    await start();
    await becomes("ok");
    dependencies.redis.freeze();
    try {
      const { status, body, ms } = await readiness();
      assert.equal(status, 200);
      assert.equal(body.status, "degraded");
      assert.ok(ms < ANSWER_MS, `/readyz took ${Math.round(ms)} ms`);
      for (let i = 0; i < 5; i += 1) await assertServes();
    } finally {
      dependencies.redis.thaw();
    }
    await becomes("ok");
  });

  test("Redis absent at the start: the service starts degraded and serves", async () => {
    await dependencies.redis.stop();
    await start();
    await becomes("degraded");
    await assertServes();
    await dependencies.redis.start();
    await becomes("ok");
  });
}
