// `seaworthy setup github --apply` in a rendered tree (SEAWORTHY_TREE), against a stand-in for gh.
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { test } from "node:test";
import { standin } from "./answering.mjs";
import { fresh, gh } from "./github-model.mjs";
import { addStandins, place, run, tree } from "./standin.mjs";

const binary = fileURLToPath(new URL("../../target/debug/seaworthy", import.meta.url));

function setup(state, ...options) {
  const root = place({});
  const answer = (argv, { input }) => gh(state, argv, input);
  addStandins(root, { gh: standin(root, "gh", answer, { reads: "--input", errors: true }) });
  return run(root, binary, ["setup", "github", tree, "--apply", ...options]);
}
const copy = (state, more) => ({ ...structuredClone(state), changes: [], calls: 0, faults: {}, ...more });

async function isSetUp() {
  const state = fresh();
  const { status, output } = await setup(state, "--reviewer", "ann", "--reviewer", "acme/platform");
  assert.equal(status, 0, output);
  return { state, output };
}

test("makes the environments closed from the start, and the rules of main, and says what is left", async () => {
  const { state, output } = await isSetUp();
  const { staging, production } = state.environments;
  for (const environment of [staging, production]) {
    assert.deepEqual(environment.branches, ["main"]);
    assert.deepEqual(environment.deployment_branch_policy, { protected_branches: false, custom_branch_policies: true });
  }
  assert.deepEqual(staging.protection_rules, []);
  const [asked] = production.protection_rules;
  assert.equal(asked.prevent_self_review, true);
  assert.deepEqual(asked.reviewers, [{ type: "User", reviewer: { id: 11 } }, { type: "Team", reviewer: { id: 21 } }]);
  const [ruleset] = state.rulesets;
  assert.deepEqual(ruleset.conditions.ref_name.include, ["refs/heads/main"]);
  const rules = Object.fromEntries(ruleset.rules.map((rule) => [rule.type, rule.parameters]));
  assert.equal(rules.pull_request.required_approving_review_count, 1);
  assert.equal(rules.pull_request.require_last_push_approval, true);
  const checks = rules.required_status_checks.required_status_checks.map((it) => it.context);
  assert.ok(checks.includes("Look for secrets in the history"), checks.join());
  assert.ok(!ruleset.rules.some((rule) => rule.type === "bypass"));
  assert.match(output, /acme\/orders: \d+ changes made/);
  assert.match(output, /gh variable set APP_URL --env production/);
  assert.match(output, /untick Allow administrators to bypass/);
});

test("a second run changes nothing, and neither does --dry-run", async () => {
  const { state } = await isSetUp();
  const again = copy(state);
  const second = await setup(again, "--reviewer", "ann");
  assert.equal(second.status, 0, second.output);
  assert.match(second.output, /nothing to change/);
  assert.deepEqual(again.changes, []);
  const dry = fresh();
  const { status, output } = await setup(dry, "--reviewer", "ann", "--dry-run");
  assert.equal(status, 0, output);
  assert.match(output, /would set up environment production \(make it, have ann asked, prevent self-review/);
  assert.deepEqual(dry.changes, []);
});

test("what is stricter stays: reviewers, a pause, other checks, more approvals, who may not bypass", async () => {
  const { state } = await isSetUp();
  const strict = copy(state);
  strict.environments.production.protection_rules = [
    { type: "required_reviewers", prevent_self_review: false, reviewers: [{ type: "User", reviewer: { id: 99 } }] },
    { type: "wait_timer", wait_timer: 30 },
  ];
  strict.rulesets[0].bypass_actors = [];
  strict.rulesets[0].rules = [
    { type: "required_signatures" },
    { type: "pull_request", parameters: { required_approving_review_count: 3, require_code_owner_review: true, dismiss_stale_reviews_on_push: false, require_last_push_approval: false } },
    { type: "required_status_checks", parameters: { strict_required_status_checks_policy: true, required_status_checks: [{ context: "theirs", integration_id: 5 }] } },
  ];
  const { status, output } = await setup(strict);
  assert.equal(status, 0, output);
  const rules = strict.environments.production.protection_rules;
  assert.deepEqual(rules.map((rule) => rule.type), ["required_reviewers", "wait_timer"]);
  assert.deepEqual(rules[0].reviewers, [{ type: "User", reviewer: { id: 99 } }]);
  assert.equal(rules[0].prevent_self_review, true);
  assert.equal(rules[1].wait_timer, 30);
  const made = Object.fromEntries(strict.rulesets[0].rules.map((rule) => [rule.type, rule.parameters ?? true]));
  assert.ok(made.required_signatures && made.deletion && made.non_fast_forward);
  assert.equal(made.pull_request.required_approving_review_count, 3);
  assert.equal(made.pull_request.require_code_owner_review, true);
  assert.equal(made.pull_request.require_last_push_approval, true);
  assert.equal(made.required_status_checks.strict_required_status_checks_policy, true);
  assert.deepEqual(made.required_status_checks.required_status_checks[0], { context: "theirs", integration_id: 5 });
  const again = copy(strict);
  await setup(again);
  assert.deepEqual(again.changes, []);
});

test("rules from elsewhere that ask for all of it are enough; a ruleset that is off is switched on", async () => {
  const { state } = await isSetUp();
  const elsewhere = copy(state, { rules: state.rulesets[0].rules, rulesets: [] });
  await setup(elsewhere);
  assert.deepEqual(elsewhere.changes, []);
  const off = copy(state);
  off.rulesets[0].enforcement = "disabled";
  await setup(off);
  assert.deepEqual(off.changes, ["PUT repos/acme/orders/rulesets/1"]);
  assert.equal(off.rulesets[0].enforcement, "active");
});

test("an environment for protected branches stays so; one for other branches is told", async () => {
  const { state } = await isSetUp();
  const own = copy(state);
  own.environments.staging.deployment_branch_policy = { protected_branches: true, custom_branch_policies: false };
  own.environments.staging.branches = [];
  own.environments.production.branches = ["main", "release/*"];
  const { output } = await setup(own);
  assert.deepEqual(own.changes, []);
  assert.match(output, /environment production: release\/\* may use it too/);
  const tag = copy(state);
  tag.environments.production.branches = ["tag main"];
  assert.match((await setup(tag)).output, /environment production: tag main may use it too/);
  assert.deepEqual(tag.environments.production.branches, ["tag main", "main"]);
});

// Every call fails once, and is once the last before the run is killed.
for (const fault of [{ status: 1, output: "gh: Server Error (HTTP 502)\n" }, { status: "kill", output: "" }]) {
  test(`${fault.status === 1 ? "a failure" : "a kill"} at each call: production is never open, and the next run ends it`, async () => {
    const { state: rehearsal } = await isSetUp();
    for (let at = 1; at <= rehearsal.calls; at++) {
      const state = fresh({ faults: { [at]: fault } });
      const cut = await setup(state, "--reviewer", "ann");
      if (fault.status === 1) {
        // The second reviewer of the rehearsal is one call less here.
        if (at > state.calls) continue;
        assert.equal(cut.status, 1, `${at}: ${cut.output}`);
        assert.match(cut.output, /^error: setup github/m);
        assert.match(cut.output, /HTTP 502/);
      }
      const { production } = state.environments;
      if (production) {
        assert.ok(production.protection_rules.some((rule) => rule.reviewers?.length), `${at}`);
        assert.equal(production.deployment_branch_policy.custom_branch_policies, true);
      }
      const next = copy(state);
      const { status, output } = await setup(next, "--reviewer", "ann");
      assert.equal(status, 0, `${at}: ${output}`);
      assert.deepEqual(next.environments.production.branches, ["main"], `${at}`);
      assert.equal(next.rulesets.length, 1, `${at}`);
      const last = copy(next);
      await setup(last, "--reviewer", "ann");
      assert.deepEqual(last.changes, [], `${at}`);
    }
  });
}

for (const [name, state, options, status, said] of [
  ["nobody to ask", fresh(), [], 2, /environment production needs somebody to ask: give --reviewer/],
  ["a reviewer whom nobody knows", fresh(), ["--reviewer", "nobody"], 2, /GitHub knows nobody of that name/],
  ["a reviewer that is a path", fresh(), ["--reviewer", "../../user"], 2, /expected USER or ORGANISATION\/TEAM/],
  ["no rights", fresh({ repository: { full_name: "acme/orders", permissions: { admin: false } } }), ["--reviewer", "ann"], 1, /you do not administer acme\/orders/],
  ["no repository", fresh({ faults: { 1: { status: 1, output: "gh: Not Found (HTTP 404)\n" } } }), ["--reviewer", "ann"], 1, /no such repository on GitHub/],
  ["nobody signed in", fresh({ faults: { 1: { status: 4, output: "To get started with GitHub CLI, please run:  gh auth login\n" } } }), ["--reviewer", "ann"], 1, /nobody is signed in.*gh auth login/],
  ["no JSON", fresh({ faults: { 1: { status: 0, output: "<html>" } } }), ["--reviewer", "ann"], 1, /is not JSON/],
]) {
  test(`${name}: said, and nothing is changed`, async () => {
    const result = await setup(state, ...options);
    assert.equal(result.status, status, result.output);
    assert.match(result.output, said);
    assert.deepEqual(state.changes, []);
  });
}

test("a plan without required reviewers: it is said, with the way that needs less", async () => {
  const before = fresh();
  await setup(before, "--reviewer", "ann", "--dry-run");
  // Staging is made and given its branch; then comes production.
  const refusal = { status: 1, output: "gh: Failed to create the environment protection rule. Please ensure the billing plan supports the required reviewers protection rule. (HTTP 422)\n" };
  const state = fresh({ faults: { [before.calls + 3]: refusal } });
  const { status, output } = await setup(state, "--reviewer", "ann");
  assert.equal(status, 1);
  assert.match(output, /2 of \d changes are made and stay/);
  assert.match(output, /deploy\.approval = "pull-request"/);
});
