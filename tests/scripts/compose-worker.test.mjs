// The worker in deploy/compose/deploy.sh of a rendered tree (SEAWORTHY_TREE) with background jobs.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { host, image, workerImage } from "./compose-standin.mjs";

async function deployed() {
  const place = host();
  const { status, output } = await place.deploy("a");
  assert.equal(status, 0, output);
  place.set({});
  return place;
}

test("the worker comes with its slot, from the same commit, and goes with it", async () => {
  const place = await deployed();
  assert.deepEqual(place.workers(), { "worker-blue": workerImage("a") });
  assert.equal((await place.deploy("b")).status, 0);
  assert.deepEqual(place.workers(), { "worker-green": workerImage("b") });
  assert.match(place.file("state"), /\nworker=.*b{63}0\nprevious_worker=.*a{63}0\n/);
});

test("the new worker starts before the switch, and the old one stops after it", async () => {
  const place = await deployed();
  await place.deploy("b");
  const calls = place.docker.calls;
  // What comes before is the look at what serves.
  const at = (word) => calls.findLastIndex((call) => call.includes(word));
  assert.match(calls[at("--force-recreate")], /app-green worker-green$/);
  assert.match(calls[at("compose stop app-blue")], /worker-blue$/);
  assert.ok(at("--force-recreate") < at("caddy reload") && at("caddy reload") < at("compose stop app-blue"));
});

test("a rollback brings back the worker of that version", async () => {
  const place = await deployed();
  await place.deploy("b");
  const { status, output } = await place.rollBack();
  assert.equal(status, 0, output);
  assert.deepEqual(place.workers(), { "worker-blue": workerImage("a") });
});

for (const [what, change] of [
  ["a worker that never becomes ready", { broken: [workerImage("b")] }],
  ["a service that never becomes ready", { broken: [image("b")] }],
  ["a service that does not answer through Caddy", { mute: [image("b")] }],
  ["a failing migration", { badMigrations: [image("b")] }],
]) {
  test(`${what}: service and worker of the old version go on, alone`, async () => {
    const place = await deployed();
    place.set(change);
    const { status, output } = await place.deploy("b");
    assert.equal(status, 1, output);
    assert.equal(place.serving(), image("a"));
    assert.deepEqual(place.workers(), { "worker-blue": workerImage("a") });
    assert.match(place.file("state"), /^slot=blue\n/);
  });
}

test("the same image again needs no worker named; an image that is new here does", async () => {
  const place = await deployed();
  const again = await place.deploy("a", [image("a")]);
  assert.equal(again.status, 0, again.output);
  assert.deepEqual(Object.values(place.workers()), [workerImage("a")]);
  const { status, output } = await place.deploy("b", [image("b")]);
  assert.equal(status, 1);
  assert.match(output, /name the worker's image by its digest/);
});

test("a version from before there were jobs is gone back to without a worker", async () => {
  const place = await deployed();
  // As its files and its state were.
  const compose = join(place.home, "releases/a/compose.yaml");
  writeFileSync(compose, readFileSync(compose, "utf8").replace(/^ {2}worker-.*\n/gm, ""));
  const state = join(place.home, "state");
  writeFileSync(state, place.file("state").replace(/^(previous_)?worker=.*\n/gm, ""));
  assert.equal((await place.deploy("b")).status, 0);
  assert.deepEqual(place.workers(), { "worker-green": workerImage("b") });
  const { status, output } = await place.rollBack();
  assert.equal(status, 0, output);
  assert.equal(place.serving(), image("a"));
  assert.deepEqual(place.workers(), {});
});
