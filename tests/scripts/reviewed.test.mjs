// deploy/scripts/reviewed.sh of a rendered tree (SEAWORTHY_TREE), against a stand-in for gh.
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { standin } from "./answering.mjs";
import { addStandins, place, run, tree } from "./standin.mjs";

const COMMIT = "c".repeat(40);
const HEAD = "b".repeat(40);
const rule = (parameters) => ({
  type: "pull_request",
  parameters: { required_approving_review_count: 1, dismiss_stale_reviews_on_push: true, require_last_push_approval: true, ...parameters },
});
const rules = (parameters) => [{ type: "deletion" }, { type: "non_fast_forward" }, rule(parameters)];
const pull = (more) => ({ number: 7, merged_at: "2026-11-22T00:00:00Z", merge_commit_sha: COMMIT, base: { ref: "main" }, head: { sha: HEAD }, user: { login: "ann" }, ...more });
const review = (login, more) => ({ user: { login, type: "User" }, state: "APPROVED", commit_id: HEAD, author_association: "MEMBER", ...more });
const written = (author, committer = "web-flow") => ({ author: { login: author }, committer: { login: committer } });

const good = (more = {}) => ({
  "rules/branches/main": rules(),
  [`commits/${COMMIT}/pulls`]: [pull()],
  "pulls/7/commits": [written("ann"), { author: null, committer: null }],
  "pulls/7/reviews": [review("bob")],
  ...more,
});

/** `answers`: path -> list, or the text that gh prints in its place. The API gives two entries a page. */
async function reviewed(answers, args = []) {
  const root = place({});
  const answer = ([, , , path]) => {
    const given = answers[path.replace("repos/acme/orders/", "")];
    if (given === undefined) return { status: 1, output: "gh: Not Found (HTTP 404)\n" };
    if (typeof given === "string") return { status: 0, output: given };
    const pages = [];
    for (let at = 0; at < given.length || at === 0; at += 2) pages.push(given.slice(at, at + 2));
    return { status: 0, output: JSON.stringify(pages) };
  };
  addStandins(root, { gh: standin(root, "gh", answer) });
  return run(root, join(tree, "deploy/scripts/reviewed.sh"), args, { env: { GITHUB_REPOSITORY: "acme/orders", GITHUB_SHA: COMMIT } });
}

for (const [name, answers] of [
  ["another person's approval of the last commit", good()],
  ["an approval on a later page, and a comment after it", good({ "pulls/7/reviews": [review("eve", { state: "COMMENTED" }), review("eve", { state: "COMMENTED" }), review("bob"), review("bob", { state: "COMMENTED" })] })],
  ["one of two who asks for changes later on", good({ "pulls/7/reviews": [review("bob"), review("eve"), review("eve", { state: "CHANGES_REQUESTED" })] })],
  ["a name that another one holds", good({ "pulls/7/commits": [written("bobby")] })],
  ["another pull request that has the commit too", good({ [`commits/${COMMIT}/pulls`]: [pull(), pull({ number: 8, merge_commit_sha: HEAD }), pull({ number: 9, merged_at: null })] })],
]) {
  test(`passes: ${name}`, async () => {
    const { status, output } = await reviewed(answers);
    assert.equal(status, 0, output);
    assert.match(output, /Pull request 7 was approved as it is by bob/);
  });
}

const reviews = (...list) => good({ "pulls/7/reviews": list });
for (const [name, answers, said] of [
  ["rules that cannot be read", good({ "rules/branches/main": undefined }), /cannot be read.*404/],
  ["no rules", good({ "rules/branches/main": [] }), /main takes changes that nobody approved/],
  ["no approval required", good({ "rules/branches/main": rules({ required_approving_review_count: 0 }) }), /nobody approved/],
  ["approvals that outlive a push", good({ "rules/branches/main": rules({ dismiss_stale_reviews_on_push: false }) }), /nobody approved/],
  ["whoever pushes last may approve", good({ "rules/branches/main": rules({ require_last_push_approval: false }) }), /nobody approved/],
  ["force pushes", good({ "rules/branches/main": [rule()] }), /can be rewritten/],
  ["no JSON", good({ "rules/branches/main": "<html>" }), /cannot be read/],
  ["another shape", good({ "rules/branches/main": '[{"message":"Upgrade to GitHub Pro"}]' }), /cannot be read/],
  ["a push past the rules", good({ [`commits/${COMMIT}/pulls`]: [] }), /did not come to main by a merged pull request/],
  ["a pull request that only names the commit", good({ [`commits/${COMMIT}/pulls`]: [pull({ merge_commit_sha: HEAD })] }), /did not come/],
  ["a pull request that is open", good({ [`commits/${COMMIT}/pulls`]: [pull({ merged_at: null })] }), /did not come/],
  ["a pull request to another branch", good({ [`commits/${COMMIT}/pulls`]: [pull({ base: { ref: "next" } })] }), /did not come/],
  ["two that claim it", good({ [`commits/${COMMIT}/pulls`]: [pull(), pull({ number: 8 })] }), /did not come/],
  ["commits that cannot be read", good({ "pulls/7/commits": undefined }), /cannot be read/],
  ["more commits than the API lists", good({ "pulls/7/commits": JSON.stringify([Array.from({ length: 250 }, () => written("ann"))]) }), /more commits than GitHub lists/],
  ["reviews that cannot be read", good({ "pulls/7/reviews": undefined }), /cannot be read/],
  ["no review", reviews(), /nobody but its authors approved/],
  ["its own author", reviews(review("ann")), /nobody but its authors/],
  ["somebody who wrote a part of it", good({ "pulls/7/commits": [written("ann"), written("ann"), written("bob")] }), /nobody but its authors/],
  ["somebody who committed a part of it", good({ "pulls/7/commits": [written("ann", "bob")] }), /nobody but its authors/],
  ["an approval of an earlier commit", reviews(review("bob", { commit_id: COMMIT })), /nobody but its authors/],
  ["an approval that was taken back", reviews(review("bob"), review("bob", { state: "DISMISSED" })), /nobody but its authors/],
  ["changes asked for", reviews(review("bob", { state: "CHANGES_REQUESTED" })), /nobody but its authors/],
  ["a passer-by", reviews(review("bob", { author_association: "CONTRIBUTOR" })), /nobody but its authors/],
  ["a program", reviews(review("bob", { user: { login: "bob", type: "Bot" } })), /nobody but its authors/],
  ["nobody any more", reviews(review("bob", { user: null })), /nobody but its authors/],
]) {
  test(`fails closed: ${name}`, async () => {
    const { status, output } = await reviewed(answers);
    assert.equal(status, 1, output);
    assert.match(output, said);
    assert.match(output, /what to do: \S/);
  });
}

test("an argument is a mistake in the workflow", async () => {
  assert.equal((await reviewed(good(), ["production"])).status, 2);
});
