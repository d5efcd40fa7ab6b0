// credentials.sh of a rendered tree (SEAWORTHY_TREE), whichever cloud it is for, against stand-ins that record.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

const tree = process.env.SEAWORTHY_TREE;
if (!tree) throw new Error("SEAWORTHY_TREE must name a rendered repository for kubernetes");
const script = join(tree, "deploy/kubernetes/credentials.sh");
const text = readFileSync(script, "utf8");

const RECORD = `#!/usr/bin/env bash
printf '%s\\n' "\${0##*/} $*" >>"\${RECORD}"
if [[ -n \${ANSWER:-} && \${0##*/} =~ ^(curl|kubectl)$ ]]; then printf '%s' "\${ANSWER}"; fi
exit "\${STATUS:-0}"
`;

function run(args, env = {}) {
  const dir = mkdtempSync(join(tmpdir(), "credentials-"));
  for (const tool of ["aws", "gcloud", "az", "kubectl", "curl"]) writeFileSync(join(dir, tool), RECORD, { mode: 0o755 });
  const record = join(dir, "record");
  writeFileSync(record, "");
  const { status, stdout, stderr } = spawnSync("bash", [script, ...args], {
    encoding: "utf8",
    env: { PATH: `${dir}:${process.env.PATH}`, RECORD: record, KUBECONFIG: join(dir, "kubeconfig"), ...env },
  });
  return { status, stdout, stderr, dir, calls: readFileSync(record, "utf8").split("\n").filter(Boolean) };
}

const clouds = {
  aws: { is: text.includes("aws eks"), target: "eu-central-1/shop_1", first: /^aws eks update-kubeconfig --region eu-central-1 --name shop_1 --kubeconfig \S+kubeconfig$/ },
  gcp: { is: text.includes("gcloud"), target: "europe-west3/shop-1", first: /^gcloud container clusters get-credentials shop-1 --location=europe-west3$/ },
  azure: { is: text.includes("az aks"), target: "shop.rg/shop-1", first: /^az aks get-credentials --resource-group shop\.rg --name shop-1 --file \S+kubeconfig --overwrite-existing$/ },
  none: { is: text.includes("KUBE_CA_CERTIFICATE"), target: "https://api.example.org:6443", first: /^kubectl config set-cluster cluster --server=https:\/\/api\.example\.org:6443 /, env: { KUBE_CA_CERTIFICATE: "-----BEGIN" } },
};
const cloud = Object.keys(clouds).find((name) => clouds[name].is);
const { target, first, env } = clouds[cloud];

test(`${cloud}: writes a kubeconfig for the one target, without a token`, () => {
  const { status, calls, stderr } = run([target], env);
  assert.equal(status, 0, stderr);
  assert.match(calls[0], first);
  for (const call of calls) assert.doesNotMatch(call, / --token=/);
});

for (const wrong of ["", "plain", "a/b/c", "--flag/x", "$(id)/x", "a b/c"]) {
  test(`${cloud}: refuses ${JSON.stringify(wrong)} before it calls anything`, () => {
    const { status, calls } = run([wrong], env);
    assert.notEqual(status, 0);
    assert.deepEqual(calls, []);
  });
}

test(`${cloud}: a sign-in that fails fails the script`, () => {
  assert.notEqual(run([target], { ...env, STATUS: "1" }).status, 0);
});

test(`${cloud}: needs to be told where`, () => {
  const { status, stderr, calls } = run([target], { ...env, KUBECONFIG: "" });
  assert.notEqual(status, 0);
  assert.match(stderr, /KUBECONFIG/);
  assert.deepEqual(calls, []);
});

test("azure: a token in the form that kubectl reads", { skip: cloud !== "azure" }, () => {
  const { status, calls } = run(["--token"]);
  assert.equal(status, 0);
  assert.match(calls[0], /^az account get-access-token --resource 6dae42f8-\S+ --output json --query \{apiVersion: .*kind: 'ExecCredential'.*accessToken\}\}$/);
});

const none = { skip: cloud !== "none" };
const runner = { ACTIONS_ID_TOKEN_REQUEST_TOKEN: "request-secret", ACTIONS_ID_TOKEN_REQUEST_URL: "https://runner.example.org/token?api-version=2.0" };

test("none: a token is for this API server only, short-lived, and in the form that kubectl reads", none, () => {
  const { status, stdout, stderr, calls } = run(["--token", target], { ...runner, ANSWER: '{"value":"signed.token"}' });
  assert.equal(status, 0, stderr);
  assert.match(calls[0], /--data-urlencode audience=https:\/\/api\.example\.org:6443 /);
  const { kind, apiVersion, status: credential } = JSON.parse(stdout);
  assert.deepEqual([kind, apiVersion, credential.token], ["ExecCredential", "client.authentication.k8s.io/v1", "signed.token"]);
  const seconds = (Date.parse(credential.expirationTimestamp) - Date.now()) / 1000;
  assert.ok(seconds > 200 && seconds < 300, `${seconds} s`);
});

test("none: no token in the answer, no credential", none, () => {
  const { status, stdout } = run(["--token", target], { ...runner, ANSWER: "{}" });
  assert.notEqual(status, 0);
  assert.equal(stdout, "");
});

test("none: outside a job that may ask for a token", none, () => {
  const { status, stderr, calls } = run(["--token", target]);
  assert.notEqual(status, 0);
  assert.match(stderr, /id-token: write/);
  assert.deepEqual(calls, []);
});

test("none: without the authority's certificate", none, () => {
  const { status, stderr } = run([target], { GITHUB_ACTIONS: "true" });
  assert.notEqual(status, 0);
  assert.match(stderr, /KUBE_CA_CERTIFICATE/);
});

test("none: by hand, only the context of this API server is used", none, () => {
  const other = run([target], { HOME: "/home/ada", ANSWER: "https://other.example.org:6443" });
  assert.notEqual(other.status, 0);
  assert.match(other.stderr, /current context is https:\/\/other\.example\.org:6443, not/);

  const own = run([target], { HOME: "/home/ada", ANSWER: target });
  assert.equal(own.status, 0, own.stderr);
  assert.match(own.calls[1], /^kubectl config view --kubeconfig=\/home\/ada\/\.kube\/config --minify --raw --flatten$/);
});
