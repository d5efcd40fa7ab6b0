// deploy/scripts/preflight.sh of a rendered tree (SEAWORTHY_TREE), against a stand-in for gh.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { place, run, tree } from "./standin.mjs";

const GH = `#!/usr/bin/env node
const answers = JSON.parse(require("node:fs").readFileSync(process.env.STANDIN + "/answers.json", "utf8"));
const answer = answers[process.argv[3].replace("repos/acme/orders/", "")];
if (answer === undefined) { console.error("gh: Not Found (HTTP 404)"); process.exit(1); }
process.stdout.write(typeof answer === "string" ? answer : JSON.stringify(answer));
`;

const reviewers = (more = {}) => ({ type: "required_reviewers", prevent_self_review: true, reviewers: [{ type: "User" }], ...more });
const environment = (name, more = {}) => ({
  name,
  can_admins_bypass: false,
  protection_rules: [reviewers(), { type: "branch_policy" }],
  deployment_branch_policy: { protected_branches: true, custom_branch_policies: false },
  ...more,
});
const good = {
  "environments/staging": environment("staging", { protection_rules: [] }),
  "environments/production": environment("production"),
  "branches/main": { name: "main", protected: true },
};
const custom = environment("production", { deployment_branch_policy: { protected_branches: false, custom_branch_policies: true } });
const policies = (...names) => ({ branch_policies: names.map((name) => ({ name })) });

function preflight(answers, args = ["--second-person", "staging", "production"]) {
  const root = place({ gh: GH });
  writeFileSync(join(root, "answers.json"), JSON.stringify(answers));
  return run(root, join(tree, "deploy/scripts/preflight.sh"), args, { env: { GITHUB_REPOSITORY: "acme/orders" } });
}
const production = (more) => ({ ...good, "environments/production": environment("production", more) });

for (const [name, answers, args] of [
  ["protected branches", good],
  ["named branches", { ...good, "environments/production": custom, "environments/production/deployment-branch-policies": policies("main") }],
  ["one person, who approves the own run", production({ protection_rules: [reviewers({ prevent_self_review: false })] }), ["production"]],
]) {
  test(`passes: ${name}`, async () => {
    const { status, output } = await preflight(answers, args);
    assert.equal(status, 0, output);
    assert.match(output, /production wait for an approval/);
    assert.doesNotMatch(output, /::/);
  });
}

test("with approvals by pull request nobody has to be asked again, but other branches stay out", async () => {
  const args = ["--by-pull-request", "staging", "production"];
  const named = { protection_rules: [], deployment_branch_policy: { protected_branches: false, custom_branch_policies: true } };
  const only = {
    "environments/staging": environment("staging", named),
    "environments/production": environment("production", named),
    "environments/staging/deployment-branch-policies": policies("main"),
    "environments/production/deployment-branch-policies": policies("main"),
  };
  const { status, output } = await preflight(only, args);
  assert.equal(status, 0, output);
  assert.match(output, /Only jobs of main/);
  const open = environment("production", { deployment_branch_policy: null });
  for (const answers of [{ ...only, "environments/production": open }, { ...only, "environments/production": undefined }]) {
    assert.equal((await preflight(answers, args)).status, 1);
  }
  // Of another protected branch nobody asks who approved what it holds.
  const any = await preflight(good, args);
  assert.equal(any.status, 1, any.output);
  assert.match(any.output, /environment staging: jobs of any protected branch/);
});

for (const [name, answers, said] of [
  ["no such environment", { ...good, "environments/production": undefined }, /production: cannot be read.*404/],
  ["no staging environment", { ...good, "environments/staging": undefined }, /staging: cannot be read/],
  ["no rules", production({ protection_rules: [] }), /nobody has to approve/],
  ["a rule without people", production({ protection_rules: [reviewers({ reviewers: [] })] }), /nobody has to approve/],
  ["self-review", production({ protection_rules: [reviewers({ prevent_self_review: false })] }), /approve it alone/],
  ["self-review not told", production({ protection_rules: [reviewers({ prevent_self_review: undefined })] }), /approve it alone/],
  ["no branch policy", production({ deployment_branch_policy: null }), /any branch/],
  ["no branch policy before production", { ...good, "environments/staging": environment("staging", { deployment_branch_policy: null }) }, /staging: jobs of any branch/],
  ["main unprotected", { ...good, "branches/main": { protected: false } }, /not known to be one/],
  ["main unreadable", { ...good, "branches/main": undefined }, /not known to be one/],
  ["any branch by pattern", { ...good, "environments/production": custom, "environments/production/deployment-branch-policies": policies("main", "*") }, /more than the branch main/],
  ["branches by pattern that anybody can make", { ...good, "environments/production": custom, "environments/production/deployment-branch-policies": policies("main", "release/?*") }, /more than the branch main/],
  ["a tag of that name", { ...good, "environments/production": custom, "environments/production/deployment-branch-policies": { branch_policies: [{ name: "main", type: "tag" }] } }, /more than the branch main/],
  ["branch policies unreadable", { ...good, "environments/production": custom }, /cannot be read/],
  ["no JSON", { ...good, "environments/production": "<html>" }, /not understood/],
  ["an empty answer", { ...good, "environments/production": "" }, /not understood/],
  ["another environment's answer", { ...good, "environments/production": environment("staging") }, /not understood/],
  ["rules of another shape", production({ protection_rules: "none" }), /not understood/],
]) {
  test(`fails closed: ${name}`, async () => {
    const { status, output } = await preflight(answers);
    assert.equal(status, 1, output);
    assert.match(output, said);
    assert.match(output, /what to do: \S/);
  });
}

test("says that administrators can skip the approval", async () => {
  const { status, output } = await preflight(production({ can_admins_bypass: true }));
  assert.equal(status, 0, output);
  assert.match(output, /::warning::.*administrators/);
});

test("no environment named is a mistake in the workflow", async () => {
  assert.equal((await preflight(good, ["--second-person"])).status, 2);
});
