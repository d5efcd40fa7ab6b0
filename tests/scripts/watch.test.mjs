// deploy/scripts/watch.sh of a rendered tree (SEAWORTHY_TREE), against a stand-in for what counts.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { standin } from "./answering.mjs";
import { addStandins, place, run, tree } from "./standin.mjs";

const script = join(tree, "deploy/scripts/watch.sh");
const limit = (name) => Number(readFileSync(script, "utf8").match(new RegExp(`readonly ${name}=(\\d+)`))[1]);
const LOOKS = limit("looks");
const FEWEST = limit("fewest_requests");
/** Enough requests for the limits to be whole numbers. */
const MANY = FEWEST * 100;
const failing = (more) => (MANY * limit("most_failed_percent")) / 100 + more;
const slow = (more) => (MANY * limit("most_slow_percent")) / 100 + more;

/** Watches a version that is counted as `answers` say, one after the other; the last one stays. */
async function watch(answers, args = ["counts", "production"]) {
  const root = place({ sleep: "#!/bin/sh\n" });
  const asked = [];
  const answer = (argv) => {
    const given = answers[Math.min(asked.length, answers.length - 1)];
    asked.push(argv);
    return typeof given === "string" ? { status: 0, output: `${given}\n` } : given;
  };
  addStandins(root, { counts: standin(root, "counts", answer) });
  return { ...(await run(root, script, args)), asked };
}

test("a version that does well stays, after all looks", async () => {
  const { status, output, asked } = await watch([`${MANY} ${failing(0)} ${slow(0)}`]);
  assert.equal(status, 0, output);
  assert.match(output, /The new version stays/);
  assert.equal(asked.length, LOOKS);
  for (const argv of asked) assert.match(argv.join(" "), /^production [1-9]\d*$/);
});

for (const [name, bad, said] of [
  ["errors", `${MANY} ${failing(1)} 0`, /\d+\.\d % of \d+ requests failed, and the limit is/],
  ["slow answers", `${MANY} 0 ${slow(1)}`, /requests took longer than \d+ ms, and the limit is/],
]) {
  test(`${name} that rise end the watch at that look`, async () => {
    const { status, output, asked } = await watch([`${MANY} 0 0`, `${MANY} 0 0`, bad]);
    assert.equal(status, 1, output);
    assert.match(output, said);
    assert.match(output, /what to do: \S/);
    assert.equal(asked.length, 3);
  });
}

test("too few requests prove nothing: the version stays, and that is said", async () => {
  const few = FEWEST - 1;
  const share = (name) => (FEWEST * limit(name)) / 100;
  const { status, output } = await watch([`${few} ${share("most_failed_percent")} ${share("most_slow_percent")}`]);
  assert.equal(status, 0, output);
  assert.match(output, new RegExp(`::warning::${few} requests .* too few to judge`));
  assert.equal((await watch(["0 0 0"])).status, 0);
});

test("a version that hardly answers but with errors, or late, does not stay because few ask", async () => {
  for (const [name, counts] of [["most_failed_percent", (bad) => `${bad} ${bad} 0`], ["most_slow_percent", (bad) => `${bad} 0 ${bad}`]]) {
    const bad = (FEWEST * limit(name)) / 100 + 1;
    assert.ok(bad < FEWEST);
    const { status, output } = await watch([counts(bad)]);
    assert.equal(status, 1, output);
    assert.match(output, /100\.0 % of \d+ requests/);
  }
});

test("what cannot be counted at first, or at the last look, is asked again", async () => {
  const down = { status: 255, output: "connection lost\n" };
  const late = await watch([down, `${MANY} 0 0`]);
  assert.equal(late.status, 0, late.output);
  assert.match(late.output, /::warning::.*exit status 255.*connection lost/);
  const good = Array.from({ length: LOOKS - 1 }, () => `${MANY} 0 0`);
  const last = await watch([...good, down, `${MANY} ${failing(1)} 0`]);
  assert.equal(last.status, 1, last.output);
  assert.equal(last.asked.length, LOOKS + 1);
});

for (const answer of ["", "12", "1 2 3 4", "-1 0 0", "one 0 0", "1 0 0; reboot", "1 0 0\n1 0 0", { status: 1, output: "1 0 0\n" }]) {
  test(`a version that nobody can see does not stay: ${JSON.stringify(answer)}`, async () => {
    const { status, output } = await watch([`${MANY} 0 0`, answer]);
    assert.equal(status, 1, output);
    assert.match(output, /nobody can say what users get/);
  });
}

test("a failure that no request shows ends the watch at once", async () => {
  const { status, output, asked } = await watch([`${MANY} 0 0`, { status: 3, output: "pod x was restarted\n" }]);
  assert.equal(status, 1);
  assert.match(output, /::error::the new version fails: pod x was restarted/);
  assert.equal(asked.length, 2);
});

test("nothing to ask is a mistake in the workflow", async () => {
  assert.equal((await watch(["0 0 0"], [])).status, 2);
});
