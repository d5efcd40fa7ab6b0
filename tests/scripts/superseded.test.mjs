// deploy/scripts/superseded.sh of a rendered tree (SEAWORTHY_TREE), against a stand-in for gh.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { place, run, tree } from "./standin.mjs";

// Answers by path, and applies the filter with jq, as gh does.
const GH = `#!/usr/bin/env node
const { readFileSync } = require("node:fs");
const { execFileSync } = require("node:child_process");
const answers = JSON.parse(readFileSync(process.env.STANDIN + "/answers.json", "utf8"));
const [, , api, paginate, path, jq, filter] = process.argv;
if (api !== "api" || paginate !== "--paginate" || jq !== "--jq") process.exit(2);
const answer = answers[path.replace("repos/acme/orders/", "").replace(/\\?.*/, "")];
if (answer === undefined) { console.error("gh: Not Found (HTTP 404)"); process.exit(1); }
process.stdout.write(execFileSync("jq", ["--raw-output", filter], { input: JSON.stringify(answer) }));
`;

const MINE = "a".repeat(40);
const OTHER = "b".repeat(40);
const statuses = (...states) => states.map((state) => ({ state }));

/** Newest first, as the API lists them. */
const here = (deployments, compared) => ({
  deployments: deployments.map(([sha], index) => ({ id: 100 + index, sha })),
  ...Object.fromEntries(deployments.map(([, ...states], index) => [`deployments/${100 + index}/statuses`, statuses(...states)])),
  ...(compared && { [`compare/${OTHER}...${MINE}`]: compared }),
});

function superseded(answers, { args = ["production"], anyway = "" } = {}) {
  const root = place({ gh: GH });
  writeFileSync(join(root, "answers.json"), JSON.stringify(answers));
  const env = { GITHUB_REPOSITORY: "acme/orders", GITHUB_SHA: MINE, DEPLOY_ANYWAY: anyway };
  return run(root, join(tree, "deploy/scripts/superseded.sh"), args, { env });
}

const waiting = [MINE, "in_progress", "waiting"];
const running = [OTHER, "success", "in_progress"];

for (const [name, answers, said] of [
  ["the first deployment", here([]), /no successful deployment yet/],
  ["nothing but failures before", here([waiting, [OTHER, "failure", "in_progress"]]), /no successful deployment yet/],
  ["a newer commit", here([waiting, running], { status: "ahead" }), /not older/],
  ["the same commit", here([waiting, running], { status: "identical" }), /not older/],
  ["a newer commit, after one that failed", here([waiting, ["c".repeat(40), "error"], running], { status: "ahead" }), /not older/],
]) {
  test(`goes out: ${name}`, async () => {
    const { status, output } = await superseded(answers);
    assert.equal(status, 0, output);
    assert.match(output, said);
    assert.doesNotMatch(output, /::/);
  });
}

for (const [name, answers, said] of [
  ["older than what runs", here([waiting, running], { status: "behind" }), /runs b{40}, which is newer than a{40}/],
  ["older than what runs, whose record is inactive", here([[OTHER, "inactive", "success"], waiting], { status: "behind" }), /which is newer/],
  ["another history", here([waiting, running], { status: "diverged" }), /main was rewritten/],
  ["a comparison that is not understood", here([waiting, running], { status: "sideways" }), /is not understood: sideways/],
  ["a commit that is gone", here([waiting, running]), /cannot be read: gh: Not Found/],
  ["no list", {}, /cannot be read: gh: Not Found.*\n.*deployments: read/],
  ["a list that is no list", { deployments: { message: "maintenance" } }, /cannot be read/],
  ["no statuses", { deployments: [{ id: 100, sha: OTHER }] }, /cannot be read/],
]) {
  test(`stops: ${name}`, async () => {
    const { status, output } = await superseded(answers);
    assert.equal(status, 1, output);
    assert.match(output, said);
    assert.match(output, /what to do: /);
  });
}

test("DEPLOY_ANYWAY is for one commit, and says so", async () => {
  const older = here([waiting, running], { status: "behind" });
  assert.equal((await superseded(older, { anyway: OTHER })).status, 1);
  const { status, output } = await superseded(older, { anyway: MINE });
  assert.equal(status, 0, output);
  assert.match(output, /::warning::DEPLOY_ANYWAY lets a{40} out/);
});

test("needs one environment", async () => {
  for (const args of [[], ["staging", "production"]]) assert.equal((await superseded({}, { args })).status, 2);
});
