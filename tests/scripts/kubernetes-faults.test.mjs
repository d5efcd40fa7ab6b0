// deploy.sh of a rendered tree (SEAWORTHY_TREE) when any call of kubectl fails, or is the last before the run is killed.
import assert from "node:assert/strict";
import { test } from "node:test";
import { environment, version, workplace } from "./kubernetes-standin.mjs";

const deploy = (place, env) => place.run("deploy.sh", [environment, ...version("b")], env);

// Every call of kubectl in a deploy fails once, and is once the last before the run is killed: nothing that lasts happens
// between one call and the next.
const rehearsal = workplace();
await deploy(rehearsal);
const calls = rehearsal.state.calls;
for (const fault of ["fail", "kill after"]) {
  test(`${fault}: at each of the ${calls.length} calls one version serves, rollback.sh gives the old one, a new run the new one`, async () => {
    await Promise.all(
      calls.map(async (call, index) => {
        const at = `${fault} at ${call}`;
        const place = workplace({ faults: { [index + 1]: fault } });
        const { status, signal, output } = await deploy(place);
        if (fault === "fail") assert.ok(status === 0 || /error|fails this call/.test(output), at);
        else assert.equal(signal, "SIGKILL", at);
        assert.ok([version("a")[0], version("b")[0]].includes(place.serving()), at);
        if (status === 0) assert.deepEqual(place.pair(), version("b"), at);
        if (status === 1) assert.deepEqual(place.pair(), version("a"), at);
        assert.equal(place.state.clusters.one.mark, "rs-a", at);

        place.change({ faults: {} });
        const back = await place.run("rollback.sh", [environment]);
        assert.equal(back.status, 0, `${at}: ${back.output}`);
        assert.deepEqual(place.pair(), version("a"), at);

        const again = await deploy(place, { RELEASE: "1-2" });
        assert.equal(again.status, 0, `${at}: ${again.output}`);
        assert.deepEqual(place.pair(), version("b"), at);
      }),
    );
  });
}
