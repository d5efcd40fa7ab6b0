// deploy.sh, rollback.sh and confirm.sh of a rendered tree (SEAWORTHY_TREE), against a stand-in for kubectl.
import assert from "node:assert/strict";
import { test } from "node:test";
import { environment, hasMigrations, image, version, workplace } from "./kubernetes-standin.mjs";

const OLD = image("a");
const NEW = image("b");
const deploy = (place, env) => place.run("deploy.sh", [environment, ...version("b")], env);

test("a first deploy, its confirmation, and the same deploy again", async () => {
  const place = workplace({ serving: null });
  const first = await deploy(place);
  assert.equal(first.status, 0, first.output);
  assert.match(first.output, /one: ghcr\.io\/acme\/orders@sha256:b+ serves/);
  assert.equal(place.state.clusters.one.mark, null);
  const confirmed = await place.run("confirm.sh", [environment]);
  assert.equal(confirmed.status, 0, confirmed.output);
  assert.equal(place.state.clusters.one.mark, "rs-b");
  const again = await deploy(place, { RELEASE: "1-2" });
  assert.equal(again.status, 0, again.output);
  assert.equal(place.state.clusters.one.replicasets.length, 1);
  assert.deepEqual(place.leftovers(), []);
});

test("the API server checks everything, and the migration ends, before the rollout starts", async () => {
  const place = workplace({ targets: ["one", "two"] });
  const { status, output } = await deploy(place);
  assert.equal(status, 0, output);
  const { calls } = place.state;
  const applied = calls.filter((call) => call.startsWith("apply"));
  const files = applied.map((call) => (call.includes("--dry-run=server") ? "check " : "") + call.match(/(\w+)\.yaml/)[1]);
  const once = hasMigrations ? ["migrate", "release"] : ["release"];
  const checks = once.map((file) => `check ${file}`);
  assert.deepEqual(files, [...checks, ...checks, ...once.flatMap((file) => [file, file])]);
  for (const call of applied) assert.match(call, /--server-side --force-conflicts --field-manager=deploy/);
});

for (const [name, arguments_, said] of [
  ["no image", [environment], /usage/],
  ["a tag", [environment, "ghcr.io/acme/orders:latest", ...version("b").slice(1)], /names no digest/],
  ["an unknown environment", ["nowhere", ...version("b")], /no environment nowhere/],
]) {
  test(`${name}: nothing is asked of the cluster`, async () => {
    const place = workplace();
    const { status, output } = await place.run("deploy.sh", arguments_);
    assert.equal(status, 1);
    assert.match(output, said);
    assert.deepEqual(place.state.calls, []);
  });
}

test("no targets", async () => {
  const { status, output } = await deploy(workplace(), { DEPLOY_TARGETS: "" });
  assert.equal(status, 1);
  assert.match(output, /DEPLOY_TARGETS is empty/);
});

test("manifests refused by the second cluster: the first is untouched", async () => {
  const place = workplace({ targets: ["one", "two"] });
  // Clusters are checked one after the other, so the last check is the second one's.
  const dryRuns = hasMigrations ? 4 : 2;
  const rehearsal = workplace({ targets: ["one", "two"] });
  await deploy(rehearsal);
  const last = rehearsal.state.calls.map((call, i) => [call, i + 1]).filter(([call]) => call.includes("--dry-run"))[dryRuns - 1][1];
  place.change({ faults: { [last]: "fail" } });
  const { status, output } = await deploy(place);
  assert.equal(status, 1);
  assert.match(output, /two refuses the manifests .*nothing was changed/);
  assert.match(place.state.calls.at(-1), /auth whoami/);
  for (const target of ["one", "two"]) assert.equal(place.serving(target), OLD);
  assert.equal(place.state.clusters.one.replicasets.length, 2);
});

test("no credentials for the second cluster: the first is untouched", async () => {
  const place = workplace({ targets: ["one", "two"] });
  const { status } = await deploy(place, { REFUSED: "two" });
  assert.equal(status, 1);
  assert.equal(place.state.clusters.one.replicasets.length, 2);
});

test("a migration that fails: no rollout, its log, the old version serves", { skip: !hasMigrations }, async () => {
  const place = workplace({ badMigrations: [NEW] });
  const { status, output } = await deploy(place);
  assert.equal(status, 1);
  assert.match(output, /last words of the pod/);
  assert.match(output, /the migration failed on one; the version that served before still serves/);
  assert.equal(place.serving(), OLD);
  assert.equal(place.state.clusters.one.replicasets.length, 2);
});

test("a migration that failed is tried anew by the next run", { skip: !hasMigrations }, async () => {
  const place = workplace({ badMigrations: [NEW] });
  await deploy(place);
  place.change({ badMigrations: [] });
  const { status, output } = await deploy(place, { RELEASE: "1-2" });
  assert.equal(status, 0, output);
  assert.deepEqual(place.state.clusters.one.jobs, {
    "migrate-bbbbbbbbbbbb-1-1": "Failed",
    "migrate-bbbbbbbbbbbb-1-2": "Complete",
  });
});

test("the migration of another deploy still runs: wait, do not race it", { skip: !hasMigrations }, async () => {
  const place = workplace();
  const { clusters } = place.state;
  clusters.one.jobs["migrate-cccccccccccc-7-1"] = "Active";
  place.change({ clusters });
  const { status, output } = await deploy(place);
  assert.equal(status, 1);
  assert.match(output, /still runs the migration of another deploy/);
  assert.equal(place.serving(), OLD);
});

test("a migration that never ends is given up", { skip: !hasMigrations }, async () => {
  const place = workplace();
  const { clusters } = place.state;
  clusters.one.jobs["migrate-bbbbbbbbbbbb-1-1"] = "Active";
  place.change({ clusters });
  const { status, output } = await deploy(place, { MIGRATION_TIMEOUT: "1" });
  assert.equal(status, 1);
  assert.match(output, /the migration failed/);
  assert.equal(place.serving(), OLD);
});

test("a rollout that never gets ready: the last verified version is put back, and said", async () => {
  const place = workplace({ broken: [NEW] });
  const { status, output } = await deploy(place);
  assert.equal(status, 1);
  assert.match(output, /one: ghcr\.io\/acme\/orders@sha256:a+ serves/);
  const { revision, replicasets } = place.state.clusters.one;
  assert.equal(replicasets.find((r) => r.revision === revision).image, OLD);
  assert.deepEqual(place.leftovers(), []);
});

test("a rollout that fails in the second cluster goes back in both", async () => {
  const place = workplace({ targets: ["one", "two"] });
  const rehearsal = workplace({ targets: ["one", "two"] });
  await deploy(rehearsal);
  const last = rehearsal.state.calls.findLastIndex((call) => call.startsWith("rollout status")) + 1;
  place.change({ faults: { [last]: "fail" } });
  const { status } = await deploy(place);
  assert.equal(status, 1);
  for (const target of ["one", "two"]) assert.deepEqual(place.pair(target), version("a"));
});

test("a cluster that cannot go back keeps no other from it, and is named", async () => {
  const place = workplace({ targets: ["one", "two"] });
  assert.equal((await deploy(place)).status, 0);
  const { status, output } = await place.run("rollback.sh", [environment], { REFUSED: "one" });
  assert.equal(status, 1);
  assert.match(output, /two: ghcr\.io\/acme\/orders@sha256:a+ serves/);
  assert.match(output, /error: did not go back on one: look at these now/);
  assert.deepEqual(place.pair("one"), version("b"));
  assert.deepEqual(place.pair("two"), version("a"));
});

test("a first rollout that fails has nothing to go back to, and says so", async () => {
  const place = workplace({ serving: null, broken: [NEW] });
  const { status, output } = await deploy(place);
  assert.equal(status, 1);
  assert.match(output, /keeps no verified version/);
  assert.match(output, /so did going back/);
});

test("without a verified version, the healthy one that serves is what a failed rollout goes back to", async () => {
  const place = workplace({ verified: false, broken: [NEW] });
  assert.equal((await deploy(place)).status, 1);
  assert.equal(place.state.clusters.one.mark, "rs-a");
  assert.equal(place.serving(), OLD);
});

test("a version that never got ready does not become the one to go back to", async () => {
  const place = workplace({ serving: image("c"), verified: false, broken: [image("c"), NEW] });
  assert.equal((await deploy(place)).status, 1);
  assert.equal(place.state.clusters.one.mark, null);
});

test("a smoke test that fails: rollback.sh goes back to the verified version, and once more changes nothing", async () => {
  const place = workplace();
  await deploy(place);
  assert.equal(place.serving(), NEW);
  const back = await place.run("rollback.sh", [environment]);
  assert.equal(back.status, 0, back.output);
  assert.equal(place.serving(), OLD);
  const again = await place.run("rollback.sh", [environment]);
  assert.match(again.output, /serves already/);
  assert.equal(place.serving(), OLD);
});

test("rollback.sh after a deploy that changed nothing leaves the verified version alone", async () => {
  const place = workplace();
  const { status, output } = await place.run("rollback.sh", [environment]);
  assert.equal(status, 0, output);
  assert.match(output, /serves already/);
  assert.equal(place.state.calls.some((call) => call.startsWith("rollout undo")), false);
});

for (const wanted of ["previous", "1"]) {
  test(`rollback.sh to ${wanted}, by hand: that version is the verified one from then on`, async () => {
    const place = workplace();
    const { status, output } = await place.run("rollback.sh", [environment, wanted]);
    assert.equal(status, 0, output);
    assert.deepEqual(place.pair(), version("9"));
    assert.equal(place.state.clusters.one.mark, "rs-9");
  });
}

test("rollback.sh to a version that is gone lists what is there", async () => {
  const { status, output } = await workplace().run("rollback.sh", [environment, "77"]);
  assert.equal(status, 1);
  assert.match(output, /keeps no 77 version; it has:\n1 rs-9 /);
});

test("rollback.sh before the first deploy", async () => {
  const { status, output } = await workplace({ serving: null }).run("rollback.sh", [environment]);
  assert.equal(status, 1);
  assert.match(output, /nothing to go back to/);
});

test("confirm.sh before the first deploy", async () => {
  const { status, output } = await workplace({ serving: null }).run("confirm.sh", [environment]);
  assert.equal(status, 1);
  assert.match(output, /has no deployment/);
});

test("confirm.sh with a cluster that cannot be reached marks none: a rollback takes all of them back", async () => {
  const place = workplace({ targets: ["one", "two"] });
  assert.equal((await place.run("deploy.sh", [environment, ...version("b")])).status, 0);
  assert.equal((await place.run("confirm.sh", [environment], { REFUSED: "two" })).status, 1);
  assert.equal(place.state.clusters.one.mark, "rs-a");
  assert.equal((await place.run("rollback.sh", [environment])).status, 0);
  for (const target of ["one", "two"]) assert.deepEqual(place.pair(target), version("a"));
});
