// What a team sees day by day: versions that are good, and versions that are not. Over TLS, as users come.
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { docker } from "../docker.mjs";
import { newStage } from "./stage.mjs";
import { FAULTS, migration } from "./versions.mjs";

export async function releases(t, versions) {
  const stage = await newStage({ versions, name: "releases", tls: true });
  try {
    await t.test("a new version, and back", () => newVersion(stage));
    for (const [fault, what, says] of [
      ["hangs", "a version that never listens", /does not become healthy/],
      ["crashes", "a version that crashes", /does not become healthy/],
      ["mute", "a version that is healthy and out of reach", /healthy but does not answer through Caddy/],
    ]) {
      await t.test(what, () => badVersion(stage, fault, what, says));
    }
    await t.test("a migration that fails, and one that adds", () => migrations(stage));
    await t.test("what is kept", () => kept(stage));
    await t.test("the data", () => stage.dataIsThere());
  } finally {
    await stage.end();
  }
}

async function newVersion(stage) {
  await stage.build("v2");
  await stage.scene("a new version", () => stage.deploy("v2"), { serves: "v2" });
  assert.deepEqual(await stage.host.slots(), ["app-green-1"]);
  await stage.scene("rollback", () => stage.host.rollBack(), { serves: "v1" });
  assert.deepEqual(await stage.host.slots(), ["app-blue-1"]);
}

async function badVersion(stage, fault, what, says) {
  await stage.build(fault, FAULTS[fault]);
  const before = stage.host.state;
  // No test waits as long as a person would.
  const patience = ["deploy/compose/deploy.sh", "slot_timeout=120", "slot_timeout=15"];
  stage.host.edit(patience[0], (text) => text.replace(patience[1], patience[2]));
  await stage.scene(what, () => stage.deploy(fault), { code: 1, serves: "v1", says });
  stage.host.edit(patience[0], (text) => text.replace(patience[2], patience[1]));
  assert.deepEqual(stage.host.state, before);
  assert.deepEqual(await stage.host.slots(), ["app-blue-1"]);
}

async function migrations(stage) {
  const columns = () => stage.host.sql("SELECT column_name FROM information_schema.columns WHERE table_name = 'notes'");
  await stage.build("v3-bad", migration("0002_add-color", "ALTER TABLE notes ADD COLUMN color text;\nSELECT 1 / 0;"));
  const { output } = await stage.scene("a migration that fails", () => stage.deploy("v3-bad"), {
    code: 1,
    serves: "v1",
    says: /division by zero[\s\S]*the migration failed/,
  });
  assert.doesNotMatch(output, /starting slot/);
  assert.doesNotMatch(await columns(), /color/, "half a migration stays");
  await stage.build("v3", migration("0002_add-color", "ALTER TABLE notes ADD COLUMN color text;"));
  await stage.scene("a migration that adds", () => stage.deploy("v3"), { serves: "v3" });
  assert.match(await columns(), /color/);
  // The older code with the newer tables, as the rule for migrations promises.
  await stage.scene("rollback over a migration", () => stage.host.rollBack(), { serves: "v1" });
  await stage.scene("the good version again", () => stage.deploy("v3"), { serves: "v3" });
  await stage.scene("the same version once more", () => stage.deploy("v3"), { serves: "v3" });
}

/** The image before is there to go back to, and nothing else fills the disk; no token stays behind. */
async function kept(stage) {
  const { host, images } = stage;
  assert.equal(host.state.image, images.get("v3"));
  assert.equal(host.state.previous_image, images.get("v1"));
  const digests = await docker("images", "--digests", "--filter", `label=org.opencontainers.image.title=${host.name}`, "--format", "{{.Digest}}");
  const expected = ["v1", "v3"].map((release) => images.get(release).split("@")[1]);
  assert.deepEqual(digests.split("\n").sort(), expected.sort());
  assert.deepEqual(readdirSync(path.join(host.home, "releases")).sort(), ["v1", "v3"]);
  for (const file of readdirSync(host.home)) assert.doesNotMatch(file, /\.registry|\.docker/);
  assert.equal(existsSync(path.join(host.root, ".docker")), false);
  await stage.scene("rollback once more", () => host.rollBack(), { serves: "v1" });
  assert.match(readFileSync(path.join(host.home, "caddy/Caddyfile"), "utf8"), /app-green/);
}
