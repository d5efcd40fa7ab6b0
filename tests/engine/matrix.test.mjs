// Node.js x package manager x framework x data access, each with a real install: built, started, asked, stopped.
//
// SEAWORTHY_MATRIX   how many rows of a pairwise cover (4 by default, other ones for each commit that changes what is
//                    emitted), `pairwise` for a whole cover, `all` for every combination
//
// The values are those that the question table offers.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, test } from "node:test";
import { count, holds, same } from "./counts.mjs";
import { docker, inspect } from "./docker.mjs";
import { commit, ordered } from "./rotation.mjs";
import { newStack, root } from "./support.mjs";

const asked = process.env.SEAWORTHY_MATRIX ?? "4";
const schema = JSON.parse(readFileSync(path.join(root, "examples/minimal/.seaworthy/schema.json"), "utf8"));
const stack = schema.properties.stack.properties;

/** Without a database there is no data access to choose. */
const access = [...stack["data-access"].enum.map((it) => ({ "stack.database": "postgres", "stack.data-access": it })), { "stack.database": "none" }];
const factors = [...["node", "package-manager", "framework"].map((key) => stack[key].enum.map((value) => ({ [`stack.${key}`]: value }))), access];

const all = factors.reduce((rows, levels) => rows.flatMap((row) => levels.map((_, level) => [...row, level])), [[]]);
const pairsOf = (row) => row.flatMap((one, i) => row.slice(i + 1).map((other, j) => `${i}=${one},${i + 1 + j}=${other}`));

/** Each row has the most pairs that no row before it has; the commit decides between equals. */
function cover(rows) {
  const open = new Set(rows.flatMap(pairsOf));
  const found = [];
  const inOrder = ordered(rows);
  while (open.size > 0) {
    const fresh = (row) => pairsOf(row).filter((pair) => open.has(pair)).length;
    const best = inOrder.reduce((most, row) => (fresh(row) > fresh(most) ? row : most));
    for (const pair of pairsOf(best)) open.delete(pair);
    found.push(best);
  }
  return found;
}

const covering = cover(all);
const rows = asked === "all" ? all : asked === "pairwise" ? covering : covering.slice(0, Number(asked));
const pairs = (of) => new Set(of.flatMap(pairsOf)).size;
assert.ok(rows.length > 0, `SEAWORTHY_MATRIX=${asked} asks for nothing`);
console.log(`matrix of ${commit.slice(0, 12)}: ${rows.length} of ${all.length} combinations, ${pairs(rows)} of ${pairs(all)} pairs; a pairwise cover has ${covering.length}`);

for (const row of rows) {
  const set = Object.assign({}, ...row.map((level, factor) => factors[factor][level]));
  const name = Object.values(set).join(" ");
  describe(name, () => {
    test("installs, builds, becomes healthy, answers, and stops with 0", async () => {
      const made = await newStack("minimal", { set });
      try {
        const { ms } = await made.up();
        holds(`${name}: healthy after ${Math.round(ms / 1000)} s, with the build`, true);
        const container = await made.container();
        const version = await docker("exec", container, "node", "--version");
        same(`${name}: Node.js`, version.split(".")[0], `v${set["stack.node"]}`);
        const written = await made.fetch(made.write);
        holds(`${name}: it takes a write`, written.ok, `status ${written.status}`);
        count({ combinations_started: 1, requests_sent: 1 });
        await docker("stop", container);
        same(`${name}: exit code`, await inspect(container, ".State.ExitCode"), 0);
      } finally {
        await made.down();
        await docker("image", "rm", "--force", made.image);
      }
    });
  });
}
