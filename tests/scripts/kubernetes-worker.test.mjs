// The worker in deploy.sh, rollback.sh and confirm.sh of a rendered tree (SEAWORTHY_TREE) with background jobs.
import assert from "node:assert/strict";
import { test } from "node:test";
import { environment, image, isScaled, version, workerImage, workplace } from "./kubernetes-standin.mjs";

const deploy = (place, env) => place.run("deploy.sh", [environment, ...version("b")], env);

test("service and worker are rolled out and marked as one version", async () => {
  const place = workplace();
  const { status, output } = await deploy(place);
  assert.equal(status, 0, output);
  assert.deepEqual(place.pair(), version("b"));
  const { worker, replicasets, revision } = place.state.clusters.one;
  assert.equal(worker.replicasets.at(-1).release, "1-1");
  assert.equal(replicasets.find((r) => r.revision === revision).release, "1-1");
  place.change({ calls: [] });
  const confirmed = await place.run("confirm.sh", [environment]);
  assert.equal(confirmed.status, 0, confirmed.output);
  // One request: a run that is killed leaves no pair that never was one.
  assert.equal(place.state.calls.filter((call) => call.startsWith("annotate")).length, 1);
  const { mark, workerMark } = place.state.clusters.one;
  assert.deepEqual([mark, workerMark], ["rs-b", "rs-worker-b"]);
});

for (const [what, arguments_, said] of [
  ["no worker's image", [image("b")], /usage: .* WORKER_IMAGE/],
  ["a worker's image by its tag", [image("b"), "ghcr.io/acme/orders:b-worker"], /b-worker names no digest/],
]) {
  test(`${what}: nothing is asked of the cluster`, async () => {
    const place = workplace();
    const { status, output } = await place.run("deploy.sh", [environment, ...arguments_]);
    assert.equal(status, 1);
    assert.match(output, said);
    assert.deepEqual(place.state.calls, []);
  });
}

for (const [what, broken] of [
  ["a worker", workerImage("b")],
  ["a service", image("b")],
]) {
  test(`${what} that never gets ready: the old pair is put back`, async () => {
    const place = workplace({ broken: [broken] });
    const { status, output } = await deploy(place);
    assert.equal(status, 1);
    assert.match(output, /the rollout failed on one/);
    place.change({ broken: [] });
    assert.deepEqual(place.pair(), version("a"));
  });
}

test("killed between the two: rollback.sh puts the old pair back, and a new run the new one", async () => {
  // A check has another option before its file.
  const place = workplace({ faults: { "--field-manager=deploy --filename": "kill between" } });
  assert.equal((await deploy(place)).signal, "SIGKILL");
  assert.deepEqual(place.pair(), [image("b"), workerImage("a")]);
  place.change({ faults: {} });
  const back = await place.run("rollback.sh", [environment]);
  assert.equal(back.status, 0, back.output);
  assert.deepEqual(place.pair(), version("a"));
  assert.equal((await deploy(place, { RELEASE: "1-2" })).status, 0);
  assert.deepEqual(place.pair(), version("b"));
});

test("the version before is gone back to with its own worker, and marked with it", async () => {
  const place = workplace();
  const { status, output } = await place.run("rollback.sh", [environment, "previous"]);
  assert.equal(status, 0, output);
  assert.deepEqual(place.pair(), version("9"));
  const { mark, workerMark } = place.state.clusters.one;
  assert.deepEqual([mark, workerMark], ["rs-9", "rs-worker-9"]);
});

test("a version whose worker is gone: nothing is changed, and what there is is listed", async () => {
  const place = workplace();
  const { clusters } = place.state;
  clusters.one.worker.replicasets.shift();
  place.change({ clusters });
  const { status, output } = await place.run("rollback.sh", [environment, "previous"]);
  assert.equal(status, 1);
  assert.match(output, /keeps no worker of that version; it has:\n2 rs-worker-a /);
  assert.deepEqual(place.pair(), version("a"));
});

/** A cluster whose service is from before there were jobs. */
function beforeJobs(state = {}) {
  const place = workplace({ jobs: false, ...state });
  const { clusters } = place.state;
  for (const replicaset of clusters.one.replicasets) delete replicaset.release;
  delete clusters.one.workerMark;
  place.change({ clusters });
  return place;
}

test("the first worker never gets ready: the service goes back, and no worker takes jobs", async () => {
  const place = beforeJobs({ broken: [workerImage("b")] });
  const { status, output } = await deploy(place);
  assert.equal(status, 1);
  assert.match(output, /one: ghcr\.io\/acme\/orders@sha256:a+ serves/);
  place.change({ broken: [] });
  assert.deepEqual(place.pair(), [image("a"), undefined]);
  const again = await deploy(place, { RELEASE: "1-2" });
  assert.equal(again.status, 0, again.output);
  assert.deepEqual(place.pair(), version("b"));
});

test("back to before there were jobs, and forward again: the worker stops, and as many as before start", async () => {
  const place = beforeJobs();
  assert.equal((await deploy(place)).status, 0);
  assert.equal((await place.run("confirm.sh", [environment])).status, 0);
  const { replicas } = place.state.clusters.one.worker;
  assert.ok(replicas >= (isScaled ? 1 : 2));
  const back = await place.run("rollback.sh", [environment, "previous"]);
  assert.equal(back.status, 0, back.output);
  assert.deepEqual(place.pair(), [image("a"), undefined]);
  assert.equal(place.state.clusters.one.workerMark, "");
  const again = await place.run("rollback.sh", [environment]);
  assert.match(again.output, /serves already/);
  assert.deepEqual(place.pair(), [image("a"), undefined]);
  const forward = await place.run("rollback.sh", [environment, "previous"]);
  assert.equal(forward.status, 0, forward.output);
  assert.deepEqual(place.pair(), version("b"));
  assert.equal(place.state.clusters.one.worker.replicas, isScaled ? 2 : replicas);
});

test("workers that a rollback has stopped stay so, and the next version's are judged before it counts", { skip: !isScaled }, async () => {
  const place = beforeJobs();
  assert.equal((await deploy(place)).status, 0);
  assert.equal((await place.run("rollback.sh", [environment])).status, 0);
  // KEDA would have started them again.
  assert.deepEqual([place.state.clusters.one.worker.replicas, place.state.clusters.one.worker.paused], [0, "true"]);
  place.change({ broken: [workerImage("c")] });
  const broken = await place.run("deploy.sh", [environment, ...version("c")], { RELEASE: "1-2" });
  assert.equal(broken.status, 1, broken.output);
  assert.deepEqual(place.pair(), [image("a"), undefined]);
  assert.equal((await deploy(place, { RELEASE: "1-3" })).status, 0);
  assert.deepEqual(place.pair(), version("b"));
  assert.deepEqual([place.state.clusters.one.worker.replicas, place.state.clusters.one.worker.paused], [2, "false"]);
});

test("a rollback that was killed while it stopped the workers is finished by the next one", { skip: !isScaled }, async () => {
  const place = beforeJobs();
  assert.equal((await deploy(place)).status, 0);
  place.change({ faults: { "annotate --overwrite scaledobject": "kill after" }, faultWords: ["annotate --overwrite scaledobject"] });
  assert.equal((await place.run("rollback.sh", [environment])).signal, "SIGKILL");
  place.change({ faults: {}, faultWords: [] });
  const back = await place.run("rollback.sh", [environment]);
  assert.equal(back.status, 0, back.output);
  assert.deepEqual(place.pair(), [image("a"), undefined]);
});
