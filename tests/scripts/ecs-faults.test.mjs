// deploy.sh for ECS of a rendered tree (SEAWORTHY_TREE) when a call of aws or docker fails, or is the last before the run is killed.
import assert from "node:assert/strict";
import { test } from "node:test";
import { environment, version, workplace } from "./ecs-standin.mjs";

const deploy = (place, env) => place.run("deploy.sh", [environment, ...version("b")], env);
const OLD_OR_NEW = [version("a")[0], version("b")[0]];

const rehearsal = workplace();
await deploy(rehearsal);
const numbered = rehearsal.all.calls.map((call, index) => ({ call, number: index + 1 }));

test("each call of a deploy fails once: the new version serves, or the old one does and it is said", async () => {
  for (const { call, number } of numbered) {
    const place = workplace({ faults: { [number]: "fail" } });
    const { status, output } = await deploy(place);
    const at = `fail at ${call.slice(0, 120)}: ${output}`;
    if (status !== 0) assert.match(output, /before still serves|see above for the version that serves|cannot be read/, at);
    assert.deepEqual(place.pair(), version(status === 0 ? "b" : "a"), at);
    assert.equal(place.mark().split(":")[1], "2", at);
  }
});

// Nothing that lasts happens between one of these and the next.
const CHANGES = /imagetools create|run-task|register-|create-service|update-service|tag-resource|put-scaling/;
const changes = numbered.filter(({ call }) => CHANGES.test(call));

test("killed after each change: one version serves, rollback.sh gives the old one, a new run the new one", async () => {
  assert.ok(changes.length >= 4);
  for (const { call, number } of changes) {
    const place = workplace({ faults: { [number]: "kill after" } });
    const { status, output } = await deploy(place);
    const at = `killed after ${call.slice(0, 120)}: ${output}`;
    assert.equal(status, null, at);
    assert.ok(OLD_OR_NEW.includes(place.serving()), at);

    place.all.faults = {};
    const back = await place.run("rollback.sh", [environment]);
    assert.equal(back.status, 0, `${at}${back.output}`);
    assert.deepEqual(place.pair(), version("a"), at);

    const again = await deploy(place, { RELEASE: "1-2" });
    assert.equal(again.status, 0, `${at}${again.output}`);
    assert.deepEqual(place.pair(), version("b"), at);
  }
});
