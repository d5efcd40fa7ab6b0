// deploy/storage/apply.sh of a rendered tree (SEAWORTHY_TREE) that keeps files in S3, with a stand-in for the AWS CLI that
// notes what it is asked for.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { place, run, tree } from "./standin.mjs";

const OWNER = "123456789012";

const AWS = `#!/usr/bin/env bash
printf '%s\\0' "$@" >>"$STANDIN/asked"; printf '\\n\\0' >>"$STANDIN/asked"
case "$1 $2" in
  'sts get-caller-identity') echo ${OWNER} ;;
  's3api head-bucket') [[ $STANDIN_BUCKET == there ]] ;;
  "s3api $STANDIN_FAILS") exit 254 ;;
esac
`;

async function apply(args, env = {}) {
  const root = place({ aws: AWS });
  const given = { AWS_REGION: "eu-central-1", STANDIN_BUCKET: "there", STANDIN_FAILS: "", ...env };
  const { status, output } = await run(root, join(tree, "deploy/storage/apply.sh"), args, { env: given });
  const asked = existsSync(join(root, "asked")) ? readFileSync(join(root, "asked"), "utf8") : "";
  const calls = asked.split("\n\0").slice(0, -1).map((call) => call.split("\0").slice(0, -1));
  return { status, output, calls, call: (name) => calls.find(([, second]) => second === name) };
}

const names = (calls) => calls.map(([, name]) => name);
const value = (call, option) => call[call.indexOf(option) + 1];

const SETTINGS = [
  "put-public-access-block",
  "put-bucket-ownership-controls",
  "put-bucket-encryption",
  "put-bucket-policy",
  "put-bucket-lifecycle-configuration",
];

test("a bucket that is there gets its settings, closed to the public first", async () => {
  const { status, output, calls, call } = await apply(["files", "https://app.example", "http://localhost:5173"]);
  assert.equal(status, 0, output);
  assert.deepEqual(names(calls), ["get-caller-identity", "head-bucket", ...SETTINGS, "put-bucket-cors"]);
  assert.equal(
    value(call("put-public-access-block"), "--public-access-block-configuration"),
    "BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true",
  );
  const { Statement } = JSON.parse(value(call("put-bucket-policy"), "--policy"));
  assert.equal(Statement.length, 3);
  for (const { Effect, Resource } of Statement) {
    assert.equal(Effect, "Deny");
    for (const resource of [Resource].flat()) assert.match(resource, /^arn:aws:s3:::files(\/\*)?$/);
  }
  const { CORSRules } = JSON.parse(value(call("put-bucket-cors"), "--cors-configuration"));
  assert.deepEqual(CORSRules[0].AllowedOrigins, ["https://app.example", "http://localhost:5173"]);
});

test("every setting goes to the account's own bucket, in its region", async () => {
  const { calls } = await apply(["files"]);
  for (const call of calls.filter(([service]) => service === "s3api")) {
    assert.equal(value(call, "--bucket"), "files");
    assert.equal(value(call, "--region"), "eu-central-1");
    assert.equal(value(call, "--expected-bucket-owner"), OWNER);
  }
});

test("without origins no page may call", async () => {
  const { status, calls } = await apply(["files"]);
  assert.equal(status, 0);
  assert.deepEqual(names(calls).slice(-1), ["delete-bucket-cors"]);
});

test("a bucket that is not there is made in its region, which the first one does not name", async () => {
  for (const [region, place] of [["eu-central-1", true], ["us-east-1", false]]) {
    const { status, call } = await apply(["files"], { STANDIN_BUCKET: "", AWS_REGION: region });
    assert.equal(status, 0);
    assert.equal(call("create-bucket").includes(`LocationConstraint=${region}`), place);
  }
});

test("what fails stops the script there", async () => {
  for (const [index, name] of SETTINGS.entries()) {
    const { status, calls, output } = await apply(["files"], { STANDIN_FAILS: name });
    assert.notEqual(status, 0);
    assert.equal(names(calls).at(-1), SETTINGS[index]);
    assert.doesNotMatch(output, /is set up/);
  }
  assert.notEqual((await apply(["files"], { STANDIN_BUCKET: "", STANDIN_FAILS: "create-bucket" })).status, 0);
});

test("what is no bucket, origin or region is refused before anything is asked", async () => {
  const wrong = [[], ["Up"], ["a.b"], ["a|b"], ["-ab"], ["files", "app.example"], ["files", 'https://a.example"'], ["files", "https://a/b"], ["files", "*"]];
  for (const args of wrong) {
    const { status, output, calls } = await apply(args);
    assert.equal(status, 2, output);
    assert.match(output, /usage: /);
    assert.deepEqual(calls, []);
  }
  for (const region of ["", "Frankfurt", "eu-central-1; id"]) {
    assert.equal((await apply(["files"], { AWS_REGION: region })).status, 2);
  }
});
