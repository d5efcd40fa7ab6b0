// deploy.sh, confirm.sh, rollback.sh and counts.sh of a rendered tree (SEAWORTHY_TREE), against a stand-in for Google Cloud.
import assert from "node:assert/strict";
import { test } from "node:test";
import { copied, environment, hasMigrations, image, others, project } from "./cloud-run-standin.mjs";

const steps = (place) => place.all.calls.filter((call) => call.includes("update-traffic")).map((call) => call.match(/--to-revisions=(\S+)/)[1]);

test("a deploy, in steps; the same image reaches the registry, the migration and the service", async () => {
  const place = project();
  const { status, output } = await place.deploy();
  assert.equal(status, 0, output);
  assert.deepEqual(steps(place), ["orders-r1-1=10,orders-r0-1=90", "orders-r1-1=50,orders-r0-1=50", "orders-r1-1=100"]);
  assert.match(output, /ghcr\.io\/acme\/orders@sha256:b+ serves/);
  assert.equal(place.share("b"), 100);
  assert.equal(place.marked("good"), copied("a"), "not verified yet");
  assert.deepEqual(place.all.registry, [copied("b")]);
  assert.deepEqual(place.all.migrated, hasMigrations ? [copied("b")] : []);
  const { definition } = place.all;
  assert.match(definition, /serviceAccountName: \S+@acme-orders\.iam\.gserviceaccount\.com/);
  assert.doesNotMatch(definition, /PROJECT_ID|REVISION|sha256:0{64}/);
});

test("confirm.sh marks it, and the next deploy starts from there", async () => {
  const place = project();
  await place.deploy();
  const confirmed = await place.run("confirm.sh", [environment]);
  assert.equal(confirmed.status, 0, confirmed.output);
  assert.match(confirmed.output, /orders-r1-1 is verified/);
  assert.deepEqual([place.marked("good"), place.marked("new")], [copied("b"), undefined]);
  const next = await place.deploy("c", { RELEASE: "2-1" });
  assert.equal(next.status, 0, next.output);
  assert.equal(place.share("c"), 100);
});

test("an image that is there is not copied again", async () => {
  const place = project({ registry: [copied("b")] });
  assert.equal((await place.deploy()).status, 0);
  assert.equal(place.all.calls.some((call) => call.startsWith("skopeo copy")), false);
});

test("before production there are no steps", { skip: others.length === 0 }, async () => {
  const place = project();
  const { status, output } = await place.run("deploy.sh", [others[0], image("b")]);
  assert.equal(status, 0, output);
  assert.deepEqual(steps(place), ["orders-r1-1=100"]);
});

test("the first deploy: all at once, since nobody shall see the sample", async () => {
  const place = project({ revisions: { "orders-sample": "sample" }, traffic: [{ revision: "orders-sample", percent: 100 }] });
  const { status, output } = await place.deploy();
  assert.equal(status, 0, output);
  assert.deepEqual(steps(place), ["orders-r1-1=100"]);
  assert.equal(place.marked("good"), undefined);
  assert.equal((await place.run("confirm.sh", [environment])).status, 0);
  assert.equal(place.marked("good"), copied("b"));
});

for (const [name, args, env, said] of [
  ["no image", [environment], {}, /usage/],
  ["a tag", [environment, "ghcr.io/acme/orders:latest"], {}, /names no digest/],
  ["an unknown environment", ["nowhere", image("b")], {}, /no environment nowhere/],
  ["no project", [environment, image("b")], { GCP_PROJECT: "" }, /GCP_PROJECT is not set/],
  ["no region", [environment, image("b")], { GCP_REGION: "here; rm -rf /" }, /GCP_REGION is not set/],
  ["a release that is no name", [environment, image("b")], { RELEASE: "a b" }, /digits and dashes/],
]) {
  test(`${name}: nothing is asked`, async () => {
    const place = project();
    const { status, output } = await place.run("deploy.sh", args, env);
    assert.equal(status, 1, output);
    assert.match(output, said);
    assert.deepEqual(place.all.calls, []);
  });
}

test("no service yet: setup.sh is named", async () => {
  const { status, output } = await project({ traffic: null }).deploy();
  assert.equal(status, 1);
  assert.match(output, /Cannot find service[^]*has setup\.sh made it/);
});

for (const [name, more, said] of [
  ["an image that is missing", { built: [] }, /could not be copied to \S+; nothing was changed/],
  ["no way into the registry", { faults: { "skopeo login": "fail" } }, /no way into europe-west3-docker\.pkg\.dev; nothing was changed/],
  ["another digest in the registry", { faults: { "skopeo inspect": "fail" } }, /has another image than \S+; nothing was changed/],
  ["a definition that is refused", { refuses: true }, /Cloud Run refuses the definition .*orders-r0-1 serves as before/],
  ...(hasMigrations
    ? [
        ["a migration that fails", { badMigrations: [copied("b")] }, /last words[^]*the migration failed; orders-r0-1 serves as before/],
        ["a migration that cannot be set up", { faults: { "jobs replace": "fail" } }, /could not be set up; orders-r0-1 serves as before/],
        ["the migration of another deploy", { running: ["orders-migrate-xyz"] }, /still runs \(orders-migrate-xyz\): wait/],
      ]
    : []),
]) {
  test(`${name}: the traffic is untouched, and said`, async () => {
    const place = project(more);
    const { status, output } = await place.deploy();
    assert.equal(status, 1, output);
    assert.match(output, said);
    assert.equal(place.share("a"), 100);
    assert.equal(place.all.calls.some((call) => /update-traffic|services replace (?!.*--dry-run)/.test(call)), false);
  });
}

const FAILING = ["200\t0.050s", "503\t0.001s"];
const half = (lines) => Array(500).fill(lines).flat();
for (const [name, more, said] of [
  ["a version that never becomes ready", { broken: [copied("b")] }, /orders-r1-1 did not become ready; orders-r0-1 serves all requests/],
  ["a smoke test that fails", { sick: [copied("b")] }, /failed its smoke test; orders-r0-1 serves all requests/],
  [
    "errors with the first requests",
    { answers: (of) => half(of === copied("b") ? FAILING : ["200\t0.050s"]) },
    /50\.0 % of 1000 requests failed[^]*worse than the limits with 10 % of the requests; orders-r0-1 serves all requests/,
  ],
  [
    "answers that are slow",
    { answers: (of) => half(["200\t0.050s", of === copied("b") ? "200\t4.2s" : "200\t0.050s"]) },
    /took longer than 1000 ms[^]*worse than the limits with 10 % of the requests; orders-r0-1 serves all requests/,
  ],
  ["no answer of the log", { faults: { "run.googleapis.com/requests": "fail" } }, /could not be counted[^]*orders-r0-1 serves all requests/],
]) {
  test(`${name}: the old version has all of the traffic, and it is said`, async () => {
    const place = project(more);
    const { status, output } = await place.deploy();
    assert.equal(status, 1, output);
    assert.match(output, said);
    assert.deepEqual([place.share("a"), place.share("b")], [100, 0]);
    assert.deepEqual([place.marked("good"), place.marked("new")], [copied("a"), undefined]);
  });
}

test("errors that begin with half of the traffic: back from there", async () => {
  let looks = 0;
  const place = project({ answers: () => (looks++ < 10 ? half(["200\t0.050s", "200\t0.050s"]) : half(FAILING)) });
  const { status, output } = await place.deploy();
  assert.equal(status, 1, output);
  assert.match(output, /worse than the limits with 50 % of the requests; orders-r0-1 serves all requests/);
  assert.deepEqual(steps(place).at(-2), "orders-r1-1=50,orders-r0-1=50");
  assert.equal(place.share("a"), 100);
});

test("a way back that fails too is said, with what to do", async () => {
  const place = project({ sick: [copied("b")], faults: { "update-traffic": "fail" } });
  const { status, output } = await place.deploy();
  assert.equal(status, 1);
  assert.match(output, /failed its smoke test, and so did going back to orders-r0-1: run rollback\.sh production/);
  assert.equal(place.share("a"), 100);
});

test("rollback.sh: back to the verified version, and once more changes nothing", async () => {
  const place = project();
  await place.deploy();
  const back = await place.run("rollback.sh", [environment]);
  assert.equal(back.status, 0, back.output);
  assert.match(back.output, /orders-r0-1 serves all requests/);
  assert.deepEqual([place.share("a"), place.marked("new")], [100, undefined]);
  place.all.calls.length = 0;
  const again = await place.run("rollback.sh", [environment]);
  assert.match(again.output, /orders-r0-1 serves already/);
  assert.equal(place.all.calls.some((call) => call.includes("update-traffic")), false);
});

for (const wanted of ["previous", "orders-r0-9"]) {
  test(`rollback.sh to ${wanted}, by hand: that version is the verified one from then on`, async () => {
    const place = project();
    const { status, output } = await place.run("rollback.sh", [environment, wanted]);
    assert.equal(status, 0, output);
    assert.deepEqual([place.share("9"), place.marked("good")], [100, copied("9")]);
  });
}

test("rollback.sh to previous passes over a version that failed its smoke test", async () => {
  const place = project({ sick: [copied("b")] });
  assert.equal((await place.deploy()).status, 1);
  assert.equal((await place.deploy("c", { RELEASE: "2-1" })).status, 0);
  assert.equal((await place.run("confirm.sh", [environment])).status, 0);
  const { status, output } = await place.run("rollback.sh", [environment, "previous"]);
  assert.equal(status, 0, output);
  assert.deepEqual([place.share("a"), place.marked("good")], [100, copied("a")]);
});

for (const [name, more, wanted, said] of [
  ["a version that is gone", {}, ["orders-r7-7"], /no orders-r7-7 version of orders; orders-r0-1 serves\. Ready are:\norders-r0-1\norders-r0-9/],
  ["what served before the first verified one", { follows: { "orders-r0-1": "none" } }, ["previous"], /no previous version of orders; orders-r0-1 serves/],
  ["one that never became ready", { broken: [copied("9")] }, ["previous"], /no previous version of orders; orders-r0-1 serves/],
  ["nothing, before there is a verified one", { traffic: [{ revision: "orders-r0-1", percent: 100 }] }, [], /no verified version of orders/],
]) {
  test(`rollback.sh to ${name}: refused, with what there is`, async () => {
    const place = project(more);
    const { status, output } = await place.run("rollback.sh", [environment, ...wanted]);
    assert.equal(status, 1, output);
    assert.match(output, said);
    assert.equal(place.share("a"), 100);
  });
}

test("confirm.sh in the middle of a deploy: refused, with what to do", async () => {
  const traffic = [{ revision: "orders-r0-1", percent: 90, tag: "good" }, { revision: "orders-r0-9", percent: 10, tag: "new" }];
  const { status, output } = await project({ traffic }).run("confirm.sh", [environment]);
  assert.equal(status, 1);
  assert.match(output, /has 90 % of the traffic: a deploy was cut short; run rollback\.sh production/);
});

test("counts.sh counts the version that is being tried, and without one that which serves", async () => {
  const place = project({ answers: (of) => (of === copied("a") ? ["200\t0.050s", "500\t0.010s", "200\t1.001s", "503\t"] : ["200\t0.050s"]) });
  assert.equal((await place.run("counts.sh", [environment, "60"])).output, "4 2 1\n");
  place.all.traffic.push({ revision: "orders-r0-9", tag: "new" });
  assert.equal((await place.run("counts.sh", [environment, "60"])).output, "1 0 0\n");
  place.all.answers = () => [];
  assert.equal((await place.run("counts.sh", [environment, "60"])).output, "0 0 0\n");
});

// Every call fails once, and is once the last before the run is killed: nothing that lasts happens between two calls. The
// looks of the watch are alike: the first of each step stands for them.
const rehearsal = project();
await rehearsal.deploy();
const kinds = rehearsal.all.calls.map((call) => call.replace(/timestamp>=\S+/, ""));
const calls = kinds.map((call, index) => [call, index]).filter(([call, index]) => call !== kinds[index - 2]);
for (const fault of ["fail", "kill after"]) {
  test(`${fault}: at each of the ${calls.length} calls one version or the other serves, rollback.sh gives the old one, a new run the new one`, async () => {
    await Promise.all(
      calls.map(async ([call, index]) => {
        const at = `${fault} at ${call}`;
        const place = project({ faults: { [index + 1]: fault } });
        const { status, output } = await place.deploy();
        assert.equal(place.share("a") + place.share("b"), 100, at);
        if (status === 0) assert.equal(place.share("b"), 100, at);
        if (status === 1) assert.equal(place.share("a"), 100, `${at}: ${output}`);
        if (status === 1) assert.match(output, /orders-r0-1 serves|nothing was changed|cannot be read|fails this call/, at);
        assert.equal(place.marked("good"), copied("a"), at);

        place.all.faults = {};
        const back = await place.run("rollback.sh", [environment]);
        assert.equal(back.status, 0, `${at}: ${back.output}`);
        assert.deepEqual([place.share("a"), place.marked("new")], [100, undefined], at);

        const again = await place.deploy("b", { RELEASE: "1-2" });
        assert.equal(again.status, 0, `${at}: ${again.output}`);
        assert.equal(place.share("b"), 100, at);
      }),
    );
  });
}
