// What happens to a machine: two deploys at once, a rollback that is cut short, changes to what is not in two slots, a
// reboot, and data that has to come back.
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import path from "node:path";
import { attempt, eventually } from "../docker.mjs";
import { newStage } from "./stage.mjs";

export async function mishaps(t, versions) {
  const stage = await newStage({ versions, name: "mishaps" });
  try {
    await stage.build("v2");
    await stage.build("v3");
    await t.test("two deploys at once", () => twoAtOnce(stage));
    await t.test("a rollback that is cut short", () => cutRollBack(stage));
    await t.test("a deploy that is cut short, rolled back", () => rolledBackCutDeploy(stage));
    await t.test("settings and files that are wrong", () => wrongFiles(stage));
    await t.test("Redis changes", () => redisChanges(stage));
    await t.test("a reboot", () => reboot(stage));
    await t.test("a restore", () => restore(stage));
  } finally {
    await stage.end();
  }
}

async function twoAtOnce(stage) {
  const { host, images } = stage;
  const [before] = await nowAndBefore(stage);
  const both = () => Promise.all(["v2", "v3"].map((version) => host.deploy(version, images.get(version))));
  const { serves } = await stage.scene("two deploys at once", both, { serves: ["v2", "v3"] });
  const { image, previous_image: previous } = host.state;
  assert.equal(image, images.get(serves));
  assert.equal(previous, images.get(before), "nobody has seen the one work that came first");
  await host.confirm(serves, image);
  assert.equal((await stage.host.slots()).length, 1);
}

async function cutRollBack(stage) {
  const [now, before] = await nowAndBefore(stage);
  for (const [when, pattern] of [["starting", "--force-recreate"], ["switched", "^curl .*Slot: --output"]]) {
    const cut = () => stage.host.rollBack({ killAt: pattern, killWhen: when === "starting" ? "0.5" : "before" });
    await stage.scene(`a rollback killed ${when}`, cut, { code: 137, serves: [now, before] });
  }
  await stage.scene("  the next rollback", () => stage.host.rollBack(), { serves: before });
  assert.equal((await stage.host.slots()).length, 1);
}

/** Back to what served before the deploy, and not to the version before that. */
async function rolledBackCutDeploy(stage) {
  const [now] = await nowAndBefore(stage);
  const third = await another(stage);
  const cut = () => stage.deploy(third, { killAt: "^curl .*Slot: --output" });
  await stage.scene("a deploy killed when it had switched", cut, { code: 137, serves: third });
  await stage.scene("  rolled back", () => stage.host.rollBack(), { serves: now });
  assert.equal((await stage.host.slots()).length, 1);
}

async function nowAndBefore({ host, images }) {
  const { image, previous_image: previous } = host.state;
  return [image, previous].map((wanted) => [...images].find(([, name]) => name === wanted)?.[0]);
}

/** A version that neither serves nor did before: its files are not those of either. */
async function another(stage) {
  const known = await nowAndBefore(stage);
  return ["v1", "v2", "v3"].find((version) => !known.includes(version));
}

const CADDYFILE = "deploy/compose/Caddyfile";
const COMPOSE = "deploy/compose/compose.yaml";

async function wrongFiles(stage) {
  const { host } = stage;
  const [now] = await nowAndBefore(stage);
  const third = await another(stage);
  const deploy = () => stage.deploy(third);
  const refused = (what, says) => stage.scene(what, deploy, { code: 1, serves: now, says });

  await edited(host, COMPOSE, ["services:", "servces:"], () => refused("compose.yaml that is not valid", /nothing has changed/));
  await edited(host, CADDYFILE, ["import app", "no_such_directive"], () => refused("a Caddyfile that Caddy refuses", /Caddy/));
  host.set({ REDIS_PASSWORD: "" });
  await refused("a setting that is missing", /not set in .*: REDIS_PASSWORD/);
  host.set({ REDIS_PASSWORD: host.settings.REDIS_PASSWORD });
  // Whoever keeps a connection may see it closed when Caddy's configuration changes.
  stage.load.keepsNone = true;
  await edited(host, CADDYFILE, ["try_files /green", "try_files /none"], () => refused("a Caddyfile that does not switch", /Caddy/));
  stage.load.keepsNone = false;
  await edited(host, COMPOSE, ["max_connections=", "no_such_setting="], () => databaseDown(stage, deploy, now));
}

/** Does something with a repository in which one text stands for another. */
async function edited(host, file, [from, to], action) {
  const good = host.read(file);
  host.edit(file, (text) => text.replace(from, to));
  await action();
  host.edit(file, () => good);
}

/** The one database cannot be changed without a pause; what was there comes back. */
async function databaseDown(stage, deploy, now) {
  await stage.load.pause();
  const { code, output } = await deploy();
  assert.equal(code, 1, output);
  assert.match(output, /going back to database redis of release/);
  stage.load.resume();
  await stage.scene("after a database that did not start", async () => [], { serves: now });
}

/** The service only counts in it, and works without. */
async function redisChanges(stage) {
  stage.host.edit("deploy/compose/compose.yaml", (text) => text.replace("--maxmemory 192mb", "--maxmemory 128mb"));
  const third = await another(stage);
  await stage.scene("Redis gets another setting", () => stage.deploy(third), { serves: third });
}

/** All processes of all containers end at once. What was stopped before stays stopped. */
async function reboot(stage) {
  const { host } = stage;
  const [now] = await nowAndBefore(stage);
  await stage.load.pause();
  const before = await host.running();
  for (const container of before) {
    await attempt("docker", ["exec", "--privileged", "--user", "0", `${host.name}-${container}`, "sh", "-c", "kill -9 -1"]);
  }
  await eventually("the service is back after a reboot", async () => {
    const response = await fetch(`${stage.url}/readyz`);
    return response.ok && response.headers.get("x-release") === now;
  });
  assert.deepEqual(await host.running(), before);
  stage.load.resume();
  await stage.scene("after a reboot", async () => [], { serves: now });
  await stage.scene("the next deploy", () => stage.deploy("v2"), { serves: "v2" });
}

async function restore(stage) {
  const { host } = stage;
  await stage.load.pause();
  const backup = await host.script("backup.sh");
  assert.equal(backup.code, 0, backup.output);
  const kept = [...stage.load.written];
  const written = await host.sql("SELECT count(*) FROM notes");
  await host.sql("DELETE FROM notes; CREATE TABLE later (id int)");

  const file = path.join(host.home, "backups", readdirSync(path.join(host.home, "backups")).sort().at(-1));
  const { code, output } = await host.script("restore.sh", file);
  assert.equal(code, 0, output);
  stage.load.written = new Map(kept);
  stage.load.resume();
  await stage.scene("after a restore", async () => [], { serves: "v2" });
  await stage.dataIsThere();
  assert.ok(Number(written) >= kept.length);
  assert.equal(await host.sql("SELECT to_regclass('later')"), "", "the dump does not have this table");
  const [, name] = /is the database (before_\w+)/.exec(output);
  assert.match(await host.sql("\\dt", name), /later/);
  await stage.scene("a deploy after a restore", () => stage.deploy("v3"), { serves: "v3" });
  await brokenDump(stage, file, kept);
}

/** Half a dump, and the service stopped half way: nothing is lost, and the same command once more finishes. */
async function brokenDump(stage, file, kept) {
  const { host } = stage;
  const half = path.join(host.home, "half.dump");
  await attempt("bash", ["-c", 'head --bytes=600 "$1" >"$2"', "head", file, half]);
  await stage.scene("half a dump is refused", () => host.script("restore.sh", half), { code: 1, serves: "v3", says: /nothing has changed/ });
  await stage.load.pause();
  const cut = await host.script("restore.sh", file, { killAt: "psql --username", killWhen: "after" });
  assert.equal(cut.code, "SIGKILL", cut.output);
  const { code, output } = await host.script("restore.sh", file);
  assert.equal(code, 0, output);
  stage.load.written = new Map(kept);
  stage.load.resume();
  await stage.scene("a restore that was killed, again", async () => [], { serves: "v3" });
}
