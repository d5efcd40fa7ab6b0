// deploy.sh, rollback.sh, confirm.sh and counts.sh of a rendered tree (SEAWORTHY_TREE) with two slots, against a stand-in for
// kubectl. Manifests are rendered by the real one.
import assert from "node:assert/strict";
import { test } from "node:test";
import { environment, hasMigrations, hasWorker, image, isScaled, version } from "./kubernetes-standin.mjs";
import { isRouted, least, nothing, rolling, usual, workplace } from "./slots-standin.mjs";

const OLD = image("a");
const NEW = image("b");
const deploy = (place, digit = "b", env = {}) => place.run("deploy.sh", [environment, ...version(digit)], env);
const confirm = (place) => place.run("confirm.sh", [environment]);
const rollback = (place, ...more) => place.run("rollback.sh", [environment, ...more]);
const passes = async (run) => {
  const { status, output } = await run;
  assert.equal(status, 0, output);
  return output;
};
const only = (place, name) => {
  assert.deepEqual(place.running(), [name]);
  if (least) assert.equal(place.live.clusters.one.scaled, name);
};

test("a first deploy, its confirmation, and the next one, which goes into the other slot", async () => {
  const place = workplace({ cluster: nothing });
  assert.match(await passes(deploy(place)), /one: \S+@sha256:b+ serves, in the slot blue/);
  assert.equal(place.live.clusters.one.deployments["orders-blue"].mark, undefined);
  await passes(confirm(place));
  assert.equal(place.live.clusters.one.deployments["orders-blue"].mark, NEW);
  only(place, "orders-blue");
  assert.match(await passes(deploy(place, "c")), /serves, in the slot green/);
  assert.deepEqual(place.running(), ["orders-blue", "orders-green"]);
  assert.deepEqual(place.pair(), version("c"));
  await passes(confirm(place));
  only(place, "orders-green");
  assert.deepEqual(place.live.outages, []);
  assert.deepEqual(place.leftovers(), []);
});

test("the new version has as many pods as the old one, and was asked, before it gets a request", async () => {
  const place = workplace();
  await passes(deploy(place));
  const { calls, clusters, asked } = place.live;
  assert.equal(asked, NEW);
  const green = clusters.one.deployments["orders-green"];
  if (least) assert.equal(green.replicas, 12);
  const at = (word) => calls.findIndex((call) => call.includes(word));
  const order = ["/start.yaml", "rollout status deployment/orders-green", "port-forward", "/switch.yaml"].map((word) =>
    calls.findLastIndex((call) => call.includes(word)),
  );
  assert.deepEqual(order, order.toSorted((a, b) => a - b));
  if (hasMigrations) {
    const ended = at("get job migrate");
    assert.ok(ended >= 0 && ended < at("/start.yaml"));
  }
  assert.deepEqual(place.running(), ["orders-blue", "orders-green"]);
});

test("the API server checks everything on every cluster before anything is changed", async () => {
  const place = workplace({ targets: ["one", "two"], faults: {} });
  await passes(deploy(place));
  const applied = place.live.calls.filter((call) => call.startsWith("apply"));
  const files = applied.map((call) => (call.includes("--dry-run=server") ? "check " : "") + call.match(/([\w-]+)\.yaml/)[1]);
  const checks = ["check switch", ...(hasMigrations ? ["check migrate"] : [])];
  const changes = [...(hasMigrations ? ["migrate", "migrate"] : []), "start", "switch", "start", "switch"];
  assert.deepEqual(files, [...checks, ...checks, ...changes]);
  for (const call of applied) assert.match(call, /--server-side --force-conflicts --field-manager=deploy/);
});

test("what starts a slot has neither the Service nor the autoscaler, nor the worker; what switches has all of them", async () => {
  const place = workplace({ faults: { "rollout status deployment/orders-green": "kill" } });
  await deploy(place);
  const { clusters } = place.live;
  assert.equal(place.slot(), "orders-blue");
  assert.equal(clusters.one.deployments["orders-green"].image, NEW);
  if (least) assert.equal(clusters.one.scaled, "orders-blue");
  if (hasWorker) assert.equal(place.working(), version("a")[1]);
});

for (const [name, state, said] of [
  ["never gets ready", { broken: [NEW] }, /the rollout failed on one/],
  ["fails the smoke test in its slot", { unfit: [NEW] }, /no 200 in 2 attempts/],
  ["cannot be reached in its slot", { faults: { "port-forward": "fail" } }, /no way to a pod of orders-green/],
  ["is refused by the API server when it starts", { faults: { "filename=": "fail" } }, /refuses the manifests|the rollout failed/],
]) {
  test(`a version that ${name}: it gets no request, the old one serves on, the slot is empty`, async () => {
    const place = workplace(state);
    const { status, output } = await deploy(place, "b", { ROLLOUT_TIMEOUT: "1s" });
    assert.equal(status, 1);
    assert.match(output, said);
    assert.deepEqual(place.pair(), version("a"));
    only(place, "orders-blue");
    assert.deepEqual(place.live.outages, []);
    assert.ok(!place.live.calls.some((call) => call.startsWith("apply") && !call.includes("dry-run") && call.includes("/switch.yaml")));
  });
}

test("a worker that never gets ready: service and worker go back", { skip: !hasWorker }, async () => {
  const place = workplace({ broken: [version("b")[1]] });
  const { status, output } = await deploy(place);
  assert.equal(status, 1, output);
  assert.deepEqual(place.pair(), version("a"));
  only(place, "orders-blue");
});

test("a version from before there was a worker: a rollback stops the workers, and the next deploy wakes them", { skip: !hasWorker }, async () => {
  const before = () => {
    const cluster = usual();
    delete cluster.deployments["orders-worker"];
    for (const slot of ["orders-blue", "orders-green"]) delete cluster.deployments[slot].workerMark;
    return { ...cluster, keda: undefined };
  };
  const place = workplace({ cluster: before });
  await passes(deploy(place));
  assert.deepEqual(place.pair(), version("b"));
  await passes(rollback(place));
  assert.deepEqual(place.pair(), [OLD, undefined]);
  if (isScaled) assert.equal(place.live.clusters.one.keda, "paused");
  const { status, output } = await deploy(workplace({ cluster: () => place.live.clusters.one, broken: [version("c")[1]] }), "c");
  assert.equal(status, 1, output);
  await passes(deploy(place, "d", { RELEASE: "3-1" }));
  assert.deepEqual(place.pair(), version("d"));
  if (isScaled) assert.equal(place.live.clusters.one.keda, "goes on");
});

test("a migration that fails: no slot starts", { skip: !hasMigrations }, async () => {
  const place = workplace({ badMigrations: [NEW] });
  const { status, output } = await deploy(place);
  assert.equal(status, 1);
  assert.match(output, /the migration failed on one; the version that served before still serves/);
  only(place, "orders-blue");
  assert.equal(place.live.clusters.one.deployments["orders-green"].image, image("9"));
});

test("after the switch the old slot stands by, and gets the requests back at once", async () => {
  const place = workplace();
  await passes(deploy(place));
  place.live.calls.length = 0;
  assert.match(await passes(rollback(place)), /one: \S+@sha256:a+ serves/);
  assert.deepEqual(place.pair(), version("a"));
  only(place, "orders-blue");
  const waits = place.live.calls.filter((call) => call.startsWith("rollout status") && !call.includes("worker"));
  assert.deepEqual(waits, []);
  assert.deepEqual(place.live.outages, []);
});

test("a slot that stands by with too few pods waits for them", async () => {
  const place = workplace();
  await passes(deploy(place));
  place.live.clusters.one.deployments["orders-green"].replicas = 30;
  place.live.calls.length = 0;
  await passes(rollback(place));
  const { calls, clusters, outages } = place.live;
  const waited = calls.findIndex((call) => call.startsWith("rollout status deployment/orders-blue"));
  assert.ok(waited >= 0 && waited < calls.findIndex((call) => /^patch (service|httproute)/.test(call)));
  assert.equal(clusters.one.deployments["orders-blue"].replicas, 30);
  assert.deepEqual(outages, []);
});

test("rollback where the verified version serves: nothing moves", async () => {
  const place = workplace();
  assert.match(await passes(rollback(place)), /serves already/);
  assert.deepEqual(place.pair(), version("a"));
  only(place, "orders-blue");
});

test("previous: to the verified version in the other slot, and again back", async () => {
  const place = workplace();
  assert.match(await passes(rollback(place, "previous")), /one: \S+@sha256:9+ serves/);
  assert.deepEqual(place.pair(), version("9"));
  only(place, "orders-green");
  await passes(rollback(place, "previous"));
  assert.deepEqual(place.pair(), version("a"));
  only(place, "orders-blue");
  assert.deepEqual(place.live.outages, []);
});

test("previous, where the other slot has a version that was never verified: refused, with what the slots have", async () => {
  const place = workplace({ unfit: [NEW] });
  await deploy(place);
  const { status, output } = await rollback(place, "previous");
  assert.equal(status, 1);
  assert.match(output, /green: \S+@sha256:b+, 0 of 0 pods/);
  assert.match(output, /no slot of one keeps a previous version/);
  assert.deepEqual(place.pair(), version("a"));
});

test("an unknown word for a version is refused before anything is asked", async () => {
  const place = workplace();
  const { status, output } = await rollback(place, "3");
  assert.equal(status, 1);
  assert.match(output, /usage/);
  assert.deepEqual(place.live.calls, []);
});

test("a run that ended before the version was verified: the next one goes back first, and keeps the verified version", async () => {
  const place = workplace();
  await passes(deploy(place));
  place.change({ broken: [image("c")] });
  const { status, output } = await deploy(place, "c", { RELEASE: "2-1" });
  assert.equal(status, 1);
  assert.match(output, /sha256:b+ was never verified: back to the version before it, in the slot blue/);
  assert.deepEqual(place.pair(), version("a"));
  only(place, "orders-blue");
  assert.deepEqual(place.live.outages, []);
});

test("no version was ever verified, and the one that serves is healthy: it is what is gone back to", async () => {
  const place = workplace({ cluster: nothing });
  await passes(deploy(place));
  place.change({ unfit: [image("c")] });
  assert.equal((await deploy(place, "c", { RELEASE: "2-1" })).status, 1);
  assert.deepEqual(place.pair(), version("b"));
  only(place, "orders-blue");
});

test("a first deploy that fails: there is nothing to go back to, and the next one works", async () => {
  const place = workplace({ cluster: nothing, broken: [NEW] });
  const { status, output } = await deploy(place);
  assert.equal(status, 1);
  assert.match(output, /nothing to go back to/);
  await passes(deploy(place, "c", { RELEASE: "2-1" }));
  assert.deepEqual(place.pair(), version("c"));
});

test("confirm.sh: nothing is marked where one of the clusters has no slot that serves", async () => {
  const place = workplace({ targets: ["one", "two"] });
  await passes(deploy(place));
  for (const way of ["service", "backends"]) delete place.live.clusters.two[way];
  const { status, output } = await confirm(place);
  assert.equal(status, 1);
  assert.match(output, /no slot of two serves orders; nothing is marked/);
  assert.equal(place.live.clusters.one.deployments["orders-green"].mark, undefined);
});

test("confirm.sh: pods that cannot be stopped take no good version back", async () => {
  const place = workplace();
  await passes(deploy(place));
  place.change({ faults: { "patch deployment": "fail" }, faultWords: ["patch deployment"] });
  const output = await passes(confirm(place));
  assert.match(output, /orders-blue still has pods; the next deploy stops them/);
  assert.equal(place.live.clusters.one.deployments["orders-green"].mark, NEW);
});

test("two clusters that serve from different slots: each gets the version in its other one", async () => {
  const place = workplace({ targets: ["one", "two"] });
  await passes(place.run("rollback.sh", [environment, "previous"], { DEPLOY_TARGETS: "two" }));
  const output = await passes(deploy(place));
  assert.match(output, /one: \S+ serves, in the slot green/);
  assert.match(output, /two: \S+ serves, in the slot blue/);
  for (const target of ["one", "two"]) assert.deepEqual(place.pair(target), version("b"));
});

test("the second cluster fails: both serve the old version again", async () => {
  const place = workplace({ targets: ["one", "two"] });
  const rehearsal = workplace({ targets: ["one", "two"] });
  await passes(deploy(rehearsal));
  const last = rehearsal.live.calls.findLastIndex((call) => call.startsWith("port-forward")) + 1;
  place.change({ faults: { [last]: "fail" } });
  assert.equal((await deploy(place)).status, 1);
  for (const target of ["one", "two"]) assert.deepEqual(place.pair(target), version("a"));
  assert.deepEqual(place.live.outages, []);
});

test("from rolling updates: the first slot takes over, and the Deployment of before stands by until then", async () => {
  const place = workplace({ cluster: rolling });
  assert.match(await passes(deploy(place)), /serves, in the slot blue/);
  assert.deepEqual(place.running(), ["orders", "orders-blue"]);
  await passes(confirm(place));
  only(place, "orders-blue");
  assert.deepEqual(place.live.outages, []);
});

for (const [name, state] of [
  ["never gets ready", { broken: [NEW] }],
  ["fails its smoke test from outside", {}],
]) {
  test(`from rolling updates, to a version that ${name}: back to the Deployment of before`, { skip: hasWorker && "its worker is not marked" }, async () => {
    const place = workplace({ cluster: rolling, ...state });
    await deploy(place);
    await passes(rollback(place));
    assert.deepEqual(place.pair(), version("a"));
    only(place, "orders");
    assert.equal(place.slot(), isRouted ? "orders" : null);
    assert.deepEqual(place.live.outages, []);
  });
}

test("counts.sh asks the pods of the slot that serves, and no others", async () => {
  const place = workplace();
  await passes(deploy(place));
  const line = JSON.stringify({ res: { statusCode: 503 }, ms: 1500 });
  place.live.clusters.one.log = [line, "not JSON"];
  place.live.calls.length = 0;
  assert.equal(await passes(place.run("counts.sh", [environment, "60"])), "1 1 1\n");
  for (const call of place.live.calls.filter((it) => /^(logs|get pods)/.test(it))) assert.match(call, /component=service,slot=green /);
  place.live.clusters.one.pods = [{ name: "x", ready: "False" }];
  const none = await place.run("counts.sh", [environment, "60"]);
  assert.equal(none.status, 3);
  assert.match(none.output, /no pod of \S+@sha256:b+ is ready/);
});
