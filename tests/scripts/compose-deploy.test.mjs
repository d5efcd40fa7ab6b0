// deploy/compose/deploy.sh of a rendered tree (SEAWORTHY_TREE), against a stand-in for Docker.
import assert from "node:assert/strict";
import { chmodSync, existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { hasWorker, host, image, keys, migrates, workerImage } from "./compose-standin.mjs";

const OLD = image("a");
const NEW = image("b");

const withWorkers = (...names) => names.flatMap((name) => (hasWorker ? [image(name), workerImage(name)] : [image(name)]));

async function deployed() {
  const place = host();
  const { status, output } = await place.deploy("a");
  assert.equal(status, 0, output);
  place.set({});
  return place;
}

test("a first deploy: pulled with the token, which is stored nowhere, and migrated before the start", async () => {
  const place = host();
  const { status, output } = await place.deploy("a");
  assert.equal(status, 0, output);
  assert.equal(place.serving(), OLD);
  assert.equal(place.docker.login, "token");
  assert.deepEqual(readdirSync(place.home).includes(".docker"), false);
  const calls = place.docker.calls;
  if (migrates) assert.ok(calls.findIndex((c) => c.includes("run")) < calls.findIndex((c) => c.includes("--force-recreate")));
  assert.match(place.file("state"), /^slot=blue\nimage=.*a{64}\nrelease=a\n/);
});

test("a second deploy goes to the other slot, stops the first, and can be rolled back", async () => {
  const place = await deployed();
  assert.equal((await place.deploy("b")).status, 0);
  assert.equal(place.serving(), NEW);
  assert.deepEqual(place.slots(), ["app-green"]);
  const { status, output } = await place.rollBack();
  assert.equal(status, 0, output);
  assert.equal(place.serving(), OLD);
  assert.deepEqual(place.slots(), ["app-blue"]);
  assert.deepEqual(place.docker.migrated.length, migrates ? 2 : 0);
});

test("the same version once more keeps what to go back to, and older files go", async () => {
  const place = await deployed();
  for (const name of ["b", "c", "c"]) assert.equal((await place.deploy(name)).status, 0);
  assert.match(place.file("state"), /release=c\nprevious_image=.*b{64}\nprevious_release=b\n/);
  assert.deepEqual(readdirSync(join(place.home, "releases")).sort(), ["b", "c"]);
});

test("Compose ends well at the limit of its wait: nothing counts as healthy", async () => {
  const place = await deployed();
  // A limit that is reached at once.
  const { status, output } = await place.deploy("b", undefined, { edit: (text) => text.replace(/^readonly slot_timeout=.*/m, "readonly slot_timeout=0") });
  assert.equal(status, 1);
  assert.match(output, /healthy/);
  assert.equal(place.serving(), OLD);
});

for (const [name, change, said] of [
  ["a version that never becomes healthy", { broken: [NEW] }, /does not become healthy.*blue serves on/],
  ["a version that does not answer through Caddy", { mute: [NEW] }, /does not answer through Caddy.*blue serves on/],
  ["a switch that Caddy does not follow", { stuck: true }, /does not answer through Caddy.*blue serves on/],
  ["a failing pull", { faults: { pull: "fail" } }, /cannot be pulled; nothing has changed/],
  ["a failing login", { faults: { login: "fail" } }, /cannot be pulled; nothing has changed/],
  ["compose files that are not valid", { faults: { "config --quiet": "fail" } }, /not valid; nothing has changed/],
  ["a Caddyfile that Caddy refuses", { faults: { "caddy reload": "fail" } }, /Caddy/],
  ...(migrates
    ? [
        ["a failing migration", { badMigrations: [NEW] }, /migration failed.*blue serves on/],
        ["a failing backup", { faults: { pg_dump: "fail" } }, /no backup, so no migration/],
        ["half a backup", { faults: { pg_restore: "fail" } }, /no backup, so no migration/],
      ]
    : []),
]) {
  test(`${name}: the old version serves on, and a good one can follow`, async () => {
    const place = await deployed();
    place.set(change);
    const { status, output } = await place.deploy("b");
    assert.equal(status, 1, output);
    assert.match(output, said);
    assert.equal(place.serving(), OLD);
    assert.deepEqual(place.slots(), ["app-blue"]);
    assert.match(place.file("state"), /^slot=blue\n/);
    assert.equal(readdirSync(place.home).includes("backups") && readdirSync(join(place.home, "backups")).some((f) => f.endsWith(".part")), false);
    place.set({ stuck: false });
    assert.equal((await place.deploy("c")).status, 0);
    assert.equal(place.serving(), image("c"));
  });
}

test("only the images that serve and served before stay, also when a failed deploy took the idle slot", async () => {
  const place = await deployed();
  await place.deploy("b");
  place.set({ broken: [image("c")] });
  assert.equal((await place.deploy("c")).status, 1);
  assert.deepEqual(place.docker.images, withWorkers("a", "b", "c"));
  for (const name of ["d", "d"]) assert.equal((await place.deploy(name)).status, 0);
  assert.deepEqual(place.docker.images, withWorkers("b", "d"));
});

test("the migration of a run that was cut short is waited for, and no second one starts beside it", { skip: !migrates }, async () => {
  const place = await deployed();
  const before = place.docker.migrated.length;
  place.set({ earlierMigration: 2 });
  const { status, output } = await place.deploy("b");
  assert.equal(status, 0, output);
  assert.match(output, /waiting for the migration of an earlier run/);
  assert.equal(place.docker.earlierMigration, 0);
  assert.equal(place.docker.migrated.length, before + 1);

  place.set({ earlierMigration: 100 });
  const edit = (text) => text.replace("tries < 600", "tries < 3");
  const stuck = await place.deploy("c", undefined, { edit });
  assert.equal(stuck.status, 1);
  assert.match(stuck.output, /does not end: docker ps; nothing has changed/);
  assert.equal(place.docker.earlierMigration, 97);
  assert.equal(place.docker.migrated.length, before + 1);
  assert.equal(place.serving(), NEW);
});

test("a rollback after a deploy that was cut short at its switch undoes that deploy, and no more", async () => {
  const place = await deployed();
  await place.deploy("b");
  // The last call before the state file is written.
  place.set({ curlKills: true });
  assert.notEqual((await place.deploy("c")).status, 0);
  assert.equal(place.serving(), image("c"));
  place.set({ curlKills: false });
  const { status, output } = await place.rollBack();
  assert.equal(status, 0, output);
  assert.equal(place.serving(), NEW);
  assert.deepEqual(place.slots(), ["app-green"]);
});

test("a rollback from a version goes back from it once, and does nothing where that one never served", async () => {
  const place = await deployed();
  place.set({ faults: { "--force-recreate": "kill" } });
  assert.notEqual((await place.deploy("b")).status, 0);
  place.set({});
  const never = await place.rollBackFrom("b");
  assert.equal(never.status, 0, never.output);
  assert.match(never.output, /which is not what to go back from/);
  assert.equal(place.serving(), OLD);
  assert.equal((await place.deploy("b")).status, 0);
  for (const time of ["once", "twice"]) {
    const { status, output } = await place.rollBackFrom("b");
    assert.equal(status, 0, `${time}: ${output}`);
    assert.equal(place.serving(), OLD, time);
  }
  assert.equal((await place.deploy("b")).status, 0);
  place.set({ curlKills: true });
  assert.notEqual((await place.deploy("c")).status, 0);
  place.set({ curlKills: false });
  assert.equal((await place.rollBackFrom("c")).status, 0);
  assert.equal(place.serving(), NEW);
});

test("a rollback that was cut short goes on when it is called again", async () => {
  const place = await deployed();
  await place.deploy("b");
  place.set({ curlKills: true });
  assert.notEqual((await place.rollBack()).status, 0);
  place.set({ curlKills: false });
  const { status, output } = await place.rollBack();
  assert.equal(status, 0, output);
  assert.equal(place.serving(), OLD);
  assert.equal(place.slots().length, 1);
});

for (const fault of ["kill", "kill after", "fail"]) {
  test(`${fault} at each call to Docker: something works serves throughout, and the next run recovers`, async () => {
    const probe = await deployed();
    await probe.deploy("b");
    const count = probe.docker.calls.length;
    assert.ok(count > 8);
    await Promise.all(
      Array.from({ length: count }, async (_, index) => {
        const place = await deployed();
        place.set({ faults: { [index + 1]: fault } });
        const cut = await place.deploy("b");
        const where = `${fault} at ${place.docker.calls[index]}\n${cut.output}`;
        assert.ok([OLD, NEW].includes(place.serving()), where);
        place.set({});
        const next = await place.deploy("c");
        assert.equal(next.status, 0, where + next.output);
        assert.equal(place.serving(), image("c"), where);
        assert.equal(place.slots().length, 1, where);
        assert.deepEqual(Object.values(place.workers()), hasWorker ? [workerImage("c")] : [], where);
      }),
    );
  });
}

test("says all keys that the host's .env lacks, at once, before it touches anything", async () => {
  const place = host({ env: keys.map((key) => `${key}=`).join("\n") });
  const { status, output } = await place.deploy("a");
  assert.equal(status, 1);
  for (const key of keys) assert.match(output, new RegExp(`\\b${key}\\b`));
  assert.deepEqual(place.docker.calls, []);
});

test("asks for a key only in the environments that need it", async () => {
  const edit = (text) => text.replace(/required_in=\(.*\)/, "required_in=(production:EXPORT_URL)");
  for (const [environment, status] of [["production", 1], ["staging", 0]]) {
    const env = keys.map((key) => `${key}=${key === "APP_ENV" ? environment : "x"}`).join("\n");
    const place = host({ env });
    const deployed = await place.deploy("a", withWorkers("a"), { edit });
    assert.equal(deployed.status, status, deployed.output);
    assert.equal(deployed.output.includes("EXPORT_URL"), status === 1);
  }
});

test("refuses an .env that others can read, a password that breaks a URL, and a lock that is held", async () => {
  const open = host();
  chmodSync(join(open.home, ".env"), 0o644);
  assert.match((await open.deploy("a")).output, /chmod 600/);
  if (migrates) {
    const bad = host({ env: keys.map((key) => `${key}=a@b`).join("\n") });
    assert.match((await bad.deploy("a")).output, /openssl rand/);
  }
});

for (const args of [["ghcr.io/acme/orders:latest"], ["--help"], [], [OLD, NEW, OLD], ["ghcr.io/acme/orders@sha256:abc"], [OLD, hasWorker ? "ghcr.io/acme/orders:latest" : NEW]]) {
  test(`refuses the arguments ${JSON.stringify(args)}`, async () => {
    const place = host();
    const { status } = await place.deploy("a", args);
    assert.ok(status === 1 || status === 2);
    assert.deepEqual(place.docker.calls, []);
  });
}

test("a rollback with nothing to go back to changes nothing", async () => {
  const place = await deployed();
  const { status, output } = await place.rollBack();
  assert.equal(status, 1);
  assert.match(output, /no previous version/);
  assert.equal(place.serving(), OLD);
  assert.equal(existsSync(join(place.home, "caddy/slot/green")), false);
});
