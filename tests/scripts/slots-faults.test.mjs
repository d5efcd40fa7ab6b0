// deploy.sh of a rendered tree (SEAWORTHY_TREE) with two slots when any call of kubectl fails, or is the last before the run is
// killed; the same of confirm.sh and rollback.sh.
import assert from "node:assert/strict";
import { test } from "node:test";
import { environment, version } from "./kubernetes-standin.mjs";
import { least, workplace } from "./slots-standin.mjs";

const OLD = version("a");
const NEW = version("b");
const deploy = (place, env) => place.run("deploy.sh", [environment, ...NEW], env);
const confirm = (place) => place.run("confirm.sh", [environment]);
const rollback = (place, ...more) => place.run("rollback.sh", [environment, ...more]);

/** After it: one version serves, no call has left requests without an answer; the same run again, and a rollback, do what they say. */
async function goesOn(place, at) {
  assert.ok([OLD[0], NEW[0]].includes(place.serving()), at);
  assert.deepEqual(place.live.outages, [], at);
  place.change({ faults: {}, faultWords: [] });
}

function settled(place, pair, at) {
  assert.deepEqual(place.pair(), pair, at);
  const [name, ...others] = place.running();
  assert.deepEqual(others, [], at);
  if (least) assert.equal(place.live.clusters.one.scaled, name, at);
  assert.deepEqual(place.live.outages, [], at);
}

/** All of them, a few at a time. */
async function each(all, check) {
  const left = [...all];
  const work = async () => {
    for (let one = left.shift(); one; one = left.shift()) await check(one);
  };
  await Promise.all(Array.from({ length: 4 }, work));
}

const rehearsal = workplace();
await deploy(rehearsal);
const calls = [...rehearsal.live.calls];

for (const fault of ["fail", "kill after"]) {
  test(`${fault}: at each of the ${calls.length} calls of a deploy one version serves, rollback.sh gives the old one, a new run the new one`, async () => {
    await each([...calls.entries()], async ([index, call]) => {
      const at = `${fault} at ${index + 1}: ${call}`;
      const place = workplace({ faults: { [index + 1]: fault } });
      const { status, signal, output } = await deploy(place);
      if (fault === "fail") assert.ok(status === 0 || /error|fails this call/.test(output), at);
      else assert.equal(signal, "SIGKILL", at);
      if (status === 0) assert.deepEqual(place.pair(), NEW, at);
      if (status === 1) settled(place, OLD, `${at}: ${output}`);
      await goesOn(place, at);

      const back = await rollback(place);
      assert.equal(back.status, 0, `${at}: ${back.output}`);
      settled(place, OLD, at);

      const again = await deploy(place, { RELEASE: "1-2" });
      assert.equal(again.status, 0, `${at}: ${again.output}`);
      assert.deepEqual(place.pair(), NEW, at);
      const good = await confirm(place);
      assert.equal(good.status, 0, `${at}: ${good.output}`);
      settled(place, NEW, at);
    });
  });
}

test("killed in the middle of what is applied: one version serves, and the next run gives the new one", async () => {
  for (const file of ["/start.yaml", "/switch.yaml"]) {
    const index = calls.findLastIndex((call) => call.includes(file));
    const place = workplace({ faults: { [index + 1]: "kill between" } });
    assert.equal((await deploy(place)).signal, "SIGKILL");
    await goesOn(place, file);
    const again = await deploy(place, { RELEASE: "1-2" });
    assert.equal(again.status, 0, again.output);
    await confirm(place);
    settled(place, NEW, file);
  }
});

for (const [name, first, run, pair] of [
  ["confirm.sh", deploy, confirm, NEW],
  ["rollback.sh", deploy, rollback, OLD],
  ["rollback.sh previous", async () => {}, (place) => rollback(place, "previous"), version("9")],
]) {
  test(`${name}: at each of its calls a failure or a kill leaves one version serving, and the same again ends it`, async () => {
    const whole = workplace();
    await first(whole);
    const before = whole.live.calls.length;
    assert.equal((await run(whole)).status, 0);
    const count = whole.live.calls.length - before;
    const faults = ["fail", "kill after"].flatMap((fault) => Array.from({ length: count }, (_, index) => [fault, index + 1]));
    await each(faults, async ([fault, index]) => {
      const place = workplace();
      await first(place);
      const at = `${fault} at ${whole.live.calls[before + index - 1]}`;
      place.change({ faults: { [place.live.calls.length + index]: fault } });
      await run(place);
      assert.ok([OLD[0], NEW[0], version("9")[0]].includes(place.serving()), at);
      assert.deepEqual(place.live.outages, [], at);
      place.change({ faults: {} });
      // What `previous` means has changed where it got through.
      if (!name.endsWith("previous") || place.serving() === OLD[0]) {
        const again = await run(place);
        assert.equal(again.status, 0, `${at}: ${again.output}`);
      } else {
        assert.equal((await rollback(place)).status, 0, at);
      }
      settled(place, pair, at);
    });
  });
}
