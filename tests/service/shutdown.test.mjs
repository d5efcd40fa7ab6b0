// SIGTERM costs no request, and ends inside its budget; what does not end is ended.
import assert from "node:assert/strict";
import { once } from "node:events";
import net from "node:net";
import { after, afterEach, before, test } from "node:test";
import { keepBusy } from "./keep-alive-client.mjs";
import { startProxy } from "./proxy.mjs";
import {
  declared,
  eventually,
  hasDatabase,
  hasPages,
  hasRedis,
  notes,
  postWrite,
  refusesConnections,
  sleep,
  startDependencies,
  startHalfRequest,
  startService,
  stopEverything,
  testModule,
  write,
} from "./support.mjs";

/** A request takes Next.js ten times as long: of many at once, most would wait in the kernel, where nobody announces anything. */
const CLIENTS = hasPages ? 4 : 50;

let dependencies;
const services = [];

before(async () => {
  dependencies = await startDependencies();
});
afterEach(() => Promise.all(services.splice(0).map((service) => service.stop())));
after(stopEverything);

async function start(env = {}) {
  const service = await startService({ ...dependencies.env, LOG_LEVEL: "warn", ...env });
  services.push(service);
  return service;
}

/** Sends the signal and resolves, once the process is gone, to its exit code and the time it took. */
async function stop(service, signal = "SIGTERM") {
  const start = performance.now();
  service.signal(signal);
  const { code } = await service.exited;
  return { code, ms: performance.now() - start };
}

function assertWithin({ code, ms }, fromMs, toMs, logs) {
  assert.equal(code, 0, logs);
  assert.ok(ms >= fromMs && ms < toMs, `took ${Math.round(ms)} ms, not ${fromMs} to ${toMs}`);
}

/** A read of the notes table where there is one. Greetings are limited per client, so each is another. */
const load = hasDatabase
  ? { method: "GET", path: notes, headers: () => ({}) }
  : { method: "POST", path: write.path, body: write.body, headers: () => ({ "x-forwarded-for": randomAddress() }) };

function randomAddress() {
  return Array.from({ length: 4 }, () => 1 + Math.floor(Math.random() * 250)).join(".");
}

function rawLoad() {
  const headers = Object.entries({ host: "x", ...load.headers() }).map(([key, value]) => `${key}: ${value}\r\n`);
  const body = load.body ?? "";
  const type = body && `content-type: application/json\r\ncontent-length: ${body.length}\r\n`;
  return `${load.method} ${load.path} HTTP/1.1\r\n${headers.join("")}${type}\r\n${body}`;
}

test(`SIGTERM under load, ${CLIENTS} keep-alive connections: no request on an open connection fails`, async (t) => {
  const service = await start();
  for (let i = 0; i < 20; i += 1) await postWrite(service);

  // New connections are made until shortly before the listener closes, as by a load balancer that
  // takes most of the announced delay to notice.
  let lastConnect = Number.POSITIVE_INFINITY;
  const mayConnect = () => performance.now() < lastConnect;
  const clients = Array.from({ length: CLIENTS }, () => keepBusy(service.port, rawLoad, mayConnect));
  await sleep(2000);
  lastConnect = performance.now() + declared.delayMs - 1000;
  const stopped = await stop(service);

  const tallies = await Promise.all(clients);
  const total = (pick) => tallies.reduce((sum, tally) => sum + pick(tally), 0);
  t.diagnostic(`${total(({ answered }) => answered)} answered, exit after ${Math.round(stopped.ms)} ms`);
  assert.deepEqual(tallies.flatMap(({ failures }) => failures), []);
  assert.ok(total(({ announced }) => announced) >= CLIENTS, "every client was asked to leave");
  assertWithin(stopped, declared.delayMs, declared.timeoutMs, service.logs());
});

test(`rolling restart under load, autocannon with ${CLIENTS} connections through a balancer: no error`, async (t) => {
  const instances = [await start(), await start()];
  const proxy = await startProxy(instances);
  t.after(() => proxy.close());
  const autocannon = testModule("autocannon");
  const loading = autocannon({
    url: `http://127.0.0.1:${proxy.port}`,
    connections: CLIENTS,
    duration: 3 + declared.delayMs / 1000 + 2,
    requests: [
      {
        method: load.method,
        path: load.path,
        ...(load.body && { body: load.body }),
        setupRequest: (request) => ({
          ...request,
          headers: { ...load.headers(), ...(load.body && { "content-type": "application/json" }) },
        }),
      },
    ],
  });

  await sleep(2000);
  const before = proxy.upstreams.map(({ served }) => served);
  const stopped = await stop(instances[0]);
  const result = await loading;

  t.diagnostic(`${result["2xx"]} answered, exit after ${Math.round(stopped.ms)} ms`);
  assert.deepEqual(proxy.failures, []);
  assert.equal(result.errors + result.timeouts + result.non2xx, 0);
  assert.ok(before[0] > 0 && proxy.upstreams[1].served > before[1], "both instances served");
  assertWithin(stopped, declared.delayMs, declared.timeoutMs, instances[0].logs());
});

test("after the signal: not ready at once, still serving, and every response says Connection: close", async () => {
  const service = await start();
  const stopping = stop(service);
  await sleep(200);
  const readiness = await service.get("/readyz");
  assert.equal(readiness.status, 503);
  assert.equal(readiness.body.status, "shutting-down");
  const written = await postWrite(service, { connection: "keep-alive" });
  assert.equal(written.status, write.status);
  assert.equal(written.headers.connection, "close");
  assert.equal((await service.get("/livez")).status, 200);
  assertWithin(await stopping, declared.delayMs, declared.delayMs + 2000, service.logs());
});

for (const signal of ["SIGTERM", "SIGINT"]) {
  test(`${signal} while a request runs: the listener closes, the request ends well, exit 0`, async () => {
    const service = await start({ SHUTDOWN_DELAY_MS: "0" });
    const running = await startHalfRequest(service.port);
    const stopping = stop(service, signal);
    await eventually("new connections are refused", () => refusesConnections(service.port));
    await sleep(500);
    running.finish();
    const response = await running.response;
    assert.match(response, new RegExp(`^HTTP/1.1 ${write.status} `));
    assert.match(response, /^connection: close\r$/im);
    assertWithin(await stopping, 500, 3000, service.logs());
  });
}

test("idle connections, used or never used, do not hold up the shutdown", async () => {
  const service = await start({ SHUTDOWN_DELAY_MS: "0" });
  const unused = net.connect(service.port, "127.0.0.1");
  const used = net.connect(service.port, "127.0.0.1");
  await Promise.all([once(unused, "connect"), once(used, "connect")]);
  used.write("GET /livez HTTP/1.1\r\nHost: x\r\n\r\n");
  await once(used, "data");
  for (const socket of [unused, used]) socket.on("error", () => {}).resume();
  assertWithin(await stop(service), 0, 2000, service.logs());
});

test("a request that never ends: exit 1 at the hard limit", async () => {
  const limit = 2000;
  const service = await start({ SHUTDOWN_DELAY_MS: "500", SHUTDOWN_TIMEOUT_MS: String(limit) });
  await startHalfRequest(service.port);
  const { code, ms } = await stop(service);
  assert.equal(code, 1);
  assert.ok(ms >= limit - 50 && ms < limit + 500, `took ${Math.round(ms)} ms`);
});

test("a second signal: exit 1 at once", async () => {
  const service = await start();
  await startHalfRequest(service.port);
  service.signal("SIGTERM");
  await sleep(300);
  const { code, ms } = await stop(service);
  assert.equal(code, 1);
  assert.ok(ms < 300, `took ${Math.round(ms)} ms`);
});

test("an uncaught exception: the request that runs ends well, exit 1", async () => {
  const thrower = 'process.on("SIGUSR2",()=>{throw/**/Error("test")})';
  const service = await start({
    SHUTDOWN_DELAY_MS: "0",
    NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(thrower)}`,
  });
  const running = await startHalfRequest(service.port);
  const stopping = stop(service, "SIGUSR2");
  await sleep(500);
  running.finish();
  assert.match(await running.response, new RegExp(`^HTTP/1.1 ${write.status} `));
  assert.equal((await stopping).code, 1);
  assert.match(service.logs(), /uncaught exception/);
});

if (hasDatabase) {
  test("database gone: the shutdown still ends, with exit 0", async () => {
    const service = await start({ SHUTDOWN_DELAY_MS: "0" });
    await postWrite(service);
    await dependencies.postgres.stop();
    assertWithin(await stop(service), 0, 3000, service.logs());
    await dependencies.postgres.start();
  });
}

if (hasRedis) {
  test("Redis gone: the shutdown still ends, with exit 0", async () => {
    const service = await start({ SHUTDOWN_DELAY_MS: "0" });
    await dependencies.redis.stop();
    await sleep(200);
    assertWithin(await stop(service), 0, 3000, service.logs());
    await dependencies.redis.start();
  });
}
