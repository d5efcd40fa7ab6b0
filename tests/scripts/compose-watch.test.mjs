// deploy/scripts/watch.sh and deploy/compose/counts.sh of a rendered tree (SEAWORTHY_TREE), against a stand-in for Docker.
import assert from "node:assert/strict";
import { test } from "node:test";
import { host, image } from "./compose-standin.mjs";

const OLD = image("a");
const NEW = image("b");

// As Caddy 2 writes them.
const request = (status, duration) =>
  `{"level":"info","ts":1795315249.2647948,"logger":"http.log.access.log0","msg":"handled request","bytes_read":0,"user_id":"","duration":${duration},"size":2,"status":${status}}`;
const times = (count, line) => Array.from({ length: count }, () => line);

async function watched(change) {
  const place = host();
  await place.deploy("a");
  await place.deploy("b");
  place.set(change);
  return { place, ...(await place.watch()) };
}

test("counts requests, 5xx and slow ones in Caddy's log, and nothing else that stands there", async () => {
  const log = [
    '{"level":"info","logger":"tls","msg":"finished cleaning storage units","status":500,"duration":9}',
    '{"level":"error","logger":"http.log.error.log0","msg":"dial tcp: refused","status":502,"duration":9}',
    request(200, "0.0000216"),
    request(404, "1"),
    request(503, "0.2"),
    request(500, "1.001"),
    "not JSON",
  ];
  const { place } = await watched({ log });
  const { status, output } = await place.counts("60");
  assert.equal(status, 0, output);
  assert.equal(output, "4 2 1\n");
  assert.match(place.docker.calls.at(-1), /^logs --since 60s caddy$/);
});

test("counts nothing where Caddy does not run or its log cannot be read, and says so", async () => {
  const place = host();
  await place.deploy("a");
  place.set({ faults: { "logs --since": "fail" } });
  const unread = await place.counts("60");
  assert.equal(unread.status, 1);
  assert.match(unread.output, /the log of Caddy cannot be read/);
  place.set({ running: {} });
  const gone = await place.counts("60");
  assert.equal(gone.status, 1);
  assert.match(gone.output, /Caddy does not run/);
  assert.equal((await place.counts("1h")).status, 2);
});

test("a version that does well stays", async () => {
  const { place, status, output } = await watched({ log: times(600, request(200, "0.01")) });
  assert.equal(status, 0, output);
  assert.equal(place.serving(), NEW);
});

test("the error rate rises: the version before serves again, and it is said", async () => {
  const { place, status, output } = await watched({ log: [...times(560, request(200, "0.01")), ...times(40, request(500, "0.01"))] });
  assert.equal(status, 1);
  assert.match(output, /6\.6 % of 600 requests failed/);
  const back = await place.rollBack();
  assert.equal(back.status, 0, back.output);
  assert.match(back.output, new RegExp(`slot \\w+ serves ${OLD}`));
  assert.equal(place.serving(), OLD);
});

test("killed in the watch: the new version serves, a rollback gives the old one, and a run again ends as it would have", async () => {
  for (const again of ["rollback", "run"]) {
    const { place, status } = await watched({ faults: { "logs --since": "kill" } });
    assert.notEqual(status, 0);
    assert.equal(place.serving(), NEW);
    place.set({ log: times(600, request(500, "0.01")) });
    if (again === "run") {
      assert.equal((await place.deploy("b")).status, 0);
      assert.equal((await place.watch()).status, 1);
    }
    assert.equal((await place.rollBack()).status, 0);
    assert.equal(place.serving(), OLD, again);
    assert.equal(place.slots().length, 1);
  }
});
