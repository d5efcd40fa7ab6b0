// Some trees of the answer space, built and started in the container engine: other ones for each commit that changes what is
// emitted.
//
//   SEAWORTHY_SPACE=TREES node --test tests/space/sample.test.mjs
//
// SEAWORTHY_SPACE    the folder with the trees that tests/space made
// SEAWORTHY_SAMPLE   how many of them, 2 by default, or all
//
// Each is made again from its own seaworthy.toml, with a name and a port that nothing else has.
import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { describe, test } from "node:test";
import { count, holds } from "../engine/counts.mjs";
import { docker, run } from "../engine/docker.mjs";
import { commit, ordered } from "../engine/rotation.mjs";
import { newStack } from "../engine/support.mjs";

const trees = process.env.SEAWORTHY_SPACE ?? "";
const size = process.env.SEAWORTHY_SAMPLE ?? "2";

const all = readdirSync(trees).filter((name) => existsSync(path.join(trees, name, "compose.yaml")));
assert.ok(all.length > 0, `SEAWORTHY_SPACE=${trees} holds no tree`);
const order = ordered(all);
const sample = size === "all" ? order : order.slice(0, Number(size));
console.log(`sample of ${commit.slice(0, 12)}: ${sample.length} of ${all.length} trees: ${sample.join(" ")}`);

for (const name of sample) {
  describe(name, () => {
    test("builds, becomes healthy, and answers", async () => {
      const stack = await newStack(path.join(trees, name, "seaworthy.toml"));
      try {
        const { ms } = await stack.up();
        holds(`${name}: healthy after ${Math.round(ms / 1000)} s, with the build`, true);
        await run(`${stack.directory}/deploy/scripts/smoke-test.sh`, [stack.url]);
        holds(`${name}: the smoke test of the deployment passes`, true);
        const written = await stack.fetch(stack.write);
        holds(`${name}: it takes a write`, written.ok, `status ${written.status}`);
        count({ trees_started: 1, requests_sent: 1 });
      } finally {
        await stack.down();
        await docker("image", "rm", "--force", stack.image);
      }
    });
  });
}
