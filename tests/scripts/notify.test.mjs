// deploy/scripts/notify.sh of a rendered tree (SEAWORTHY_TREE), against a stand-in for curl.
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { standin } from "./answering.mjs";
import { addStandins, place, run, tree } from "./standin.mjs";

const WEBHOOK = "https://hooks.slack.com/services/T0/B0/xY_-9";

async function notify(args, env = {}, answer = { status: 0, output: "ok" }) {
  const root = place({});
  const sent = [];
  const curl = (argv, { input }) => {
    sent.push({ argv, input });
    return answer;
  };
  addStandins(root, { curl: standin(root, "curl", curl, { reads: "--config", errors: true }) });
  const github = { GITHUB_REPOSITORY: "acme/orders", GITHUB_SERVER_URL: "https://github.com", GITHUB_RUN_ID: "42", GITHUB_SHA: "c".repeat(40) };
  const result = await run(root, join(tree, "deploy/scripts/notify.sh"), args, { env: { ...github, SLACK_WEBHOOK_URL: WEBHOOK, ...env } });
  const body = sent[0] && JSON.parse(sent[0].argv[sent[0].argv.indexOf("--data") + 1]);
  return { ...result, sent, body };
}

test("a deploy that waits: one message, and the address is no argument", async () => {
  const { status, output, sent, body } = await notify(["waiting", "production"]);
  assert.equal(status, 0, output);
  assert.match(output, /was told/);
  assert.equal(sent.length, 1);
  assert.equal(sent[0].input, `url = "${WEBHOOK}"\n`);
  assert.doesNotMatch(sent[0].argv.join(" "), /hooks\.slack/);
  assert.deepEqual(Object.keys(body), ["text"]);
  assert.match(body.text, /c{12} to production waits for an approval\. <https:\/\/github\.com\/acme\/orders\/actions\/runs\/42\|Open the run>/);
});

for (const [wentBack, said] of [
  ["success", /failed; the version before serves/],
  ["failure", /going back failed too: look at it now/],
  ["cancelled", /going back failed too/],
  ["skipped", /stopped before the users got/],
  ["", /stopped before the users got/],
]) {
  test(`a deploy that failed, whose way back ended as ${JSON.stringify(wentBack)}, says what serves`, async () => {
    assert.match((await notify(["failed", "production"], { WENT_BACK: wentBack })).body.text, said);
  });
}

test("no text breaks out of the message", async () => {
  const { status, body } = await notify(["failed", '"},\n<!channel> & `id` $(id)'], {});
  assert.equal(status, 0);
  assert.deepEqual(Object.keys(body), ["text"]);
  assert.match(body.text, /to "\},\n&lt;!channel&gt; &amp; `id` \$\(id\) failed/);
});

for (const [name, env, answer] of [
  ["no webhook", { SLACK_WEBHOOK_URL: "" }],
  ["an address elsewhere", { SLACK_WEBHOOK_URL: "https://example.com/hooks.slack.com/x" }],
  ["an address with a second setting", { SLACK_WEBHOOK_URL: `${WEBHOOK}"\noutput = "/tmp/x` }],
  ["Slack's refusal", {}, { status: 22, output: "no_service" }],
]) {
  test(`${name}: it is said, and the deploy goes on`, async () => {
    const { status, output } = await notify(["failed", "production"], env, answer);
    assert.equal(status, 0);
    assert.match(output, /::warning::nobody was told that production is failed: \S/);
  });
}

test("another event is a mistake in the workflow", async () => {
  assert.equal((await notify(["done", "production"])).status, 2);
  assert.equal((await notify(["failed"])).status, 2);
});
