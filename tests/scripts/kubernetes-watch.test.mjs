// deploy/scripts/watch.sh and deploy/kubernetes/counts.sh of a rendered tree (SEAWORTHY_TREE), against a stand-in for kubectl.
import assert from "node:assert/strict";
import { test } from "node:test";
import { environment, image, version, workplace } from "./kubernetes-standin.mjs";

const OLD = image("a");
const NEW = image("b");
const line = (statusCode, ms) => JSON.stringify({ level: 30, reqId: "1", req: { method: "GET", url: "/" }, res: { statusCode }, ms, msg: "request completed" });
const times = (count, text) => Array.from({ length: count }, () => text);

/** Clusters where the new version serves, with what its pods log and how they are. */
async function deployed({ targets = ["one"], ...more } = {}) {
  const place = workplace({ targets });
  const { status, output } = await place.run("deploy.sh", [environment, ...version("b")]);
  assert.equal(status, 0, output);
  for (const cluster of Object.values(place.live.clusters)) Object.assign(cluster, more);
  place.change({ calls: [], faults: {} });
  return place;
}

test("counts the lines of requests in every cluster, and nothing else that is logged", async () => {
  const odd = ["not JSON", "12", '"text"', "null", "{}", '{"res":"x"}', '{"res":{"statusCode":"500"}}', '{"level":50,"err":{"statusCode":500},"msg":"request failed"}'];
  const existing = JSON.stringify({ res: { statusCode: 200 }, responseTime: 5000 });
  const place = await deployed({ targets: ["one", "two"], log: [...odd, line(200, 3), line(404, 1000), line(503, 1001), existing] });
  const { status, output } = await place.run("counts.sh", [environment, "60"]);
  assert.equal(status, 0, output);
  assert.equal(output, "8 2 4\n");
  const asked = place.state.calls.filter((call) => call.startsWith("logs"));
  assert.equal(asked.length, 2);
  for (const call of asked) assert.match(call, /component=service,pod-template-hash=b --container=service --ignore-errors --since=60s --tail=1000/);
});

test("a pod that waits for a machine keeps nobody from counting the others; no log at all is no answer", async () => {
  const waits = 'error: pod "x" does not have a host assigned';
  const some = await (await deployed({ log: [waits, line(200, 3), line(500, 3), waits] })).run("counts.sh", [environment, "60"]);
  assert.equal(some.output, "2 1 0\n");
  const none = await (await deployed({ log: [waits] })).run("counts.sh", [environment, "60"]);
  assert.equal(none.status, 1);
  assert.match(none.output, /one gives the log of no pod/);
});

const ago = (seconds) => new Date(Date.now() - seconds * 1000).toISOString().replace(/\.\d+/, "");
for (const [name, pods, status, said] of [
  ["a pod that was restarted in that time", [{ name: "x", ready: "True", ended: ago(20) }], 3, /one: pod x was restarted at/],
  ["a pod that was restarted before", [{ name: "x", ready: "True", ended: ago(200) }], 0, /^0 0 0/],
  ["one pod of two that is not ready", [{ name: "x", ready: "False" }, { name: "y", ready: "True" }], 0, /^0 0 0/],
  ["no pod that is ready", [{ name: "x", ready: "False" }], 3, /one: no pod of .* is ready/],
  ["no pod", [], 3, /no pod of/],
]) {
  test(name, async () => {
    const place = await deployed({ pods });
    const counted = await place.run("counts.sh", [environment, "60"]);
    assert.equal(counted.status, status, counted.output);
    assert.match(counted.output, said);
  });
}

test("a cluster that cannot be asked is not counted as one without requests", async () => {
  for (const fault of ["get deployment", "get pods", "logs"]) {
    const place = await deployed();
    place.change({ faults: { [fault]: "fail" }, faultWords: [fault] });
    assert.equal((await place.run("counts.sh", [environment, "60"])).status, 1, fault);
  }
});

for (const [name, more, said] of [
  ["the error rate rises", { log: [...times(560, line(200, 3)), ...times(40, line(500, 3))] }, /6\.6 % of 600 requests failed/],
  ["answers become slow", { log: times(600, line(200, 3000)) }, /100\.0 % of 600 requests took longer/],
  ["a pod is restarted", { pods: [{ name: "x", ready: "True", ended: ago(-60) }] }, /the new version fails: one: pod x/],
]) {
  test(`${name}: the version before serves again, and it is said`, async () => {
    const place = await deployed(more);
    const { status, output } = await place.watch();
    assert.equal(status, 1, output);
    assert.match(output, said);
    const back = await place.run("rollback.sh", [environment]);
    assert.equal(back.status, 0, back.output);
    assert.match(back.output, new RegExp(`one: ${OLD} serves`));
    assert.equal(place.serving(), OLD);
  });
}

test("a version that does well stays; one that is hardly used too, and that is said", async () => {
  const well = await (await deployed({ log: times(600, line(200, 3)) })).watch();
  assert.equal(well.status, 0, well.output);
  const few = await (await deployed({ log: times(3, line(500, 3)) })).watch();
  assert.equal(few.status, 0, few.output);
  assert.match(few.output, /too few to judge/);
});

test("killed in the watch: what was verified last stays what a rollback gives, and the same run again is watched again", async () => {
  const place = await deployed({ log: times(600, line(500, 3)) });
  place.change({ faults: { logs: "kill" }, faultWords: ["logs"] });
  assert.notEqual((await place.watch()).status, 0);
  assert.equal(place.serving(), NEW);
  assert.equal(place.state.clusters.one.mark, "rs-a");
  place.change({ faults: {}, faultWords: [] });
  const again = await place.run("deploy.sh", [environment, ...version("b")], { RELEASE: "1-2" });
  assert.equal(again.status, 0, again.output);
  assert.equal((await place.watch()).status, 1);
  assert.equal((await place.run("rollback.sh", [environment])).status, 0);
  assert.deepEqual(place.pair(), version("a"));
});
