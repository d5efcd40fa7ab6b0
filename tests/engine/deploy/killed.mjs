// deploy.sh and everything that it started, killed at each of its steps. Users notice nothing, and the next run finishes.
//
// SEAWORTHY_KILLS   `all` for every point; a third of them by default, other ones for each commit that changes what is emitted
import assert from "node:assert/strict";
import { ordered } from "../rotation.mjs";
import { newStage } from "./stage.mjs";
import { migration } from "./versions.mjs";

/**
 * When the process group gets SIGKILL: at the first call that matches, `before` or `after` it, or so many seconds into it.
 * RELEASE stands for the one that is being deployed, SERVING for the slot that serves.
 */
const BEFORE_THE_SWITCH = [
  ["pulling the image", "^docker .* pull ", "0.05"],
  ["recovering", "--no-recreate", "0.2"],
  ["backing up", "pg_dump", "0.1"],
  ["keeping the backup", "^mv .*dump$", "before"],
  ["starting the database and Redis", "--wait-timeout [0-9]+ database", "0.3"],
  ["migrating", " migrate$", "1.2"],
  ["migrated", " migrate$", "after"],
  ["creating the slot", "--force-recreate", "0.2"],
  ["starting the slot", "--force-recreate", "0.7"],
];
const AROUND_THE_SWITCH = [
  ["waiting for the slot", "--force-recreate", "2"],
  ["reloading Caddy", "RELEASE/.*caddy reload", "before"],
  ["asking the slot through Caddy", "^curl .*Slot: (blue|green)", "before"],
  ["switched", "^curl .*Slot: --output", "before"],
  ["writing the state", "^mv .*state.new", "before"],
  ["written the state", "^mv .*state.new", "after"],
  ["linking the release", "^ln .*releases/RELEASE ", "before"],
  ["stopping the old slot", "stop app-SERVING", "0.5"],
  ["removing old releases", "^rm -rf .*/releases/", "before"],
];

/** By default. */
const A_THIRD = 3;
const taken = new Set([BEFORE_THE_SWITCH, AROUND_THE_SWITCH].flatMap((points) => ordered(points.map(([step]) => step)).slice(0, points.length / A_THIRD)));

export const beforeTheSwitch = (t, versions) => killedAt(t, versions, "killed before the switch", BEFORE_THE_SWITCH);
export const aroundTheSwitch = (t, versions) => killedAt(t, versions, "killed around the switch", AROUND_THE_SWITCH);

const chosen = (points) => (process.env.SEAWORTHY_KILLS === "all" ? points : points.filter((point) => taken.has(point[0])));

async function killedAt(t, versions, name, points) {
  const stage = await newStage({ versions, name });
  try {
    for (const release of ["v2", "v3"]) await stage.build(release);
    await stage.build("slow", migration("0002_slow", "SELECT pg_sleep(8);"));
    for (const [index, point] of chosen(points).entries()) {
      await t.test(`killed: ${point[0]}`, () => killed(stage, index, point));
    }
    await t.test("the data", () => stage.dataIsThere());
  } finally {
    await stage.end();
  }
}

async function killed(stage, index, [step, pattern, when]) {
  const { host, images } = stage;
  const [serving] = await stage.load.seen();
  const [next, after] = ["v1", "v2", "v3"].filter((version) => version !== serving);
  const version = step === "migrating" ? "slow" : next;
  const commit = `cut-${index}`;
  const killAt = pattern.replace("RELEASE", commit).replace("SERVING", host.serving);
  const cut = () => host.deploy(commit, images.get(version), { killAt, killWhen: when });
  await stage.scene(`killed ${step}`, cut, { code: 137, serves: [serving, version] });

  // Also where the container of a migration is still at work: it is waited for.
  await stage.scene("  the next run", () => host.deploy(`next-${index}`, images.get(after)), { serves: after });
  await host.confirm(`next-${index}`, images.get(after));
  assert.deepEqual(await host.slots(), [`app-${host.serving}-1`]);
  assert.deepEqual(await host.running(), [`app-${host.serving}-1`, "caddy-1", "database-1", "redis-1"]);
}
