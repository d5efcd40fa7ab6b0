// deploy/scripts/host.sh of a rendered tree (SEAWORTHY_TREE), against a stand-in for ssh.
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { place, run, tree } from "./standin.mjs";

// Runs the command as a shell on the host would, with the host's programs replaced by a record of their arguments.
const SSH = `#!/usr/bin/env node
const { execFileSync } = require("node:child_process");
if (process.env.SSH_LOST) process.exit(255);
const out = execFileSync("bash", ["-c", 'mkdir() { printf "%s\\n" mkdir "$@"; }; tar() { printf "%s\\n" tar "$@"; cat >/dev/null; }; env() { printf "%s\\n" env "$@"; cat; }; ' + process.argv.at(-1)], { stdio: ["inherit", "pipe", "inherit"] });
process.stdout.write(out);
`;
const settings = { HOST: "orders.example.com", LOGIN: "deploy", KNOWN_HOSTS: "orders.example.com ssh-ed25519 AAAA", SSH_KEY: "key" };

function host(args, env = {}) {
  const root = place({ ssh: SSH });
  const result = run(root, join(tree, "deploy/scripts/host.sh"), args, { env: { APP_HOME: "/opt/orders", RUNNER_TEMP: root, GITHUB_OUTPUT: "/nonexistent/output", ...env } });
  return result.then((more) => ({ root, ...more }));
}

test("connect pins the host's key and keeps the private one to itself", async () => {
  const { root, status, output } = await host(["connect"], settings);
  assert.equal(status, 0, output);
  assert.match(readFileSync(join(root, "ssh/config"), "utf8"), /StrictHostKeyChecking yes/);
  assert.equal(statSync(join(root, "ssh/key")).mode & 0o777, 0o600);
});

for (const [key, name] of Object.entries({ HOST: "DEPLOY_HOST", LOGIN: "DEPLOY_USER", KNOWN_HOSTS: "DEPLOY_KNOWN_HOSTS", SSH_KEY: "DEPLOY_SSH_KEY" })) {
  test(`connect says that ${name} is missing`, async () => {
    const { root, status, output } = await host(["connect"], { ...settings, [key]: "" });
    assert.equal(status, 1);
    assert.match(output, new RegExp(`${name} is not set`));
    assert.equal(existsSync(join(root, "ssh/config")), false);
  });
}

test("connect takes no option for ssh in a host's name", async () => {
  const { status } = await host(["connect"], { ...settings, HOST: "a\n  ProxyCommand touch x" });
  assert.equal(status, 1);
});

test("deploy passes the token on stdin and the rest as quoted words", async () => {
  const { status, output } = await host(["deploy", "abc", "ghcr.io/a/b@sha256:1; reboot"], { REGISTRY_USER: "some one", REGISTRY_TOKEN: "secret" });
  assert.equal(status, 0, output);
  assert.deepEqual(output.trim().split("\n"), ["env", "REGISTRY_USER=some one", "/opt/orders/releases/abc/deploy.sh", "ghcr.io/a/b@sha256:1; reboot", "secret"]);
});

test("copy unpacks this commit's files into a folder of their own", async () => {
  const { status, output } = await host(["copy", "abc"]);
  assert.equal(status, 0, output);
  assert.match(output, /mkdir\n-p\n\/opt\/orders\/releases\/abc\ntar\n-C\n\/opt\/orders\/releases\/abc/);
});

test("a connection that was lost in a deploy is told to the next steps; a deploy that failed is not", async () => {
  const token = { REGISTRY_USER: "someone", REGISTRY_TOKEN: "secret" };
  const output = join(mkdtempSync(join(tmpdir(), "output-")), "output");
  const deploy = ["deploy", "abc", "ghcr.io/a/b@sha256:1", "ghcr.io/a/b@sha256:2"];
  const lost = await host(deploy, { ...token, GITHUB_OUTPUT: output, SSH_LOST: "1" });
  assert.equal(lost.status, 255, lost.output);
  assert.equal(readFileSync(output, "utf8"), "lost=true\n");
  assert.equal((await host(deploy, token)).status, 0);
});

test("confirm runs the deploy.sh of its own release, so that an older one need not know it", async () => {
  const ssh = SSH.replace("execFileSync(", "(() => process.argv.at(-1) + '\\n')(");
  const root = place({ ssh });
  const env = { APP_HOME: "/opt/orders", RUNNER_TEMP: root };
  const { status, output } = await run(root, join(tree, "deploy/scripts/host.sh"), ["confirm", "abc", "ghcr.io/a/b@sha256:1"], { env });
  assert.equal(status, 0, output);
  assert.equal(output.trim(), "/opt/orders/releases/abc/deploy.sh --confirm ghcr.io/a/b@sha256:1");
});

test("a host that refuses fails the step", async () => {
  const { status } = await host(["rollback", "abc", "ghcr.io/a/b@sha256:1"], { APP_HOME: "/nonexistent" });
  assert.notEqual(status, 0);
});
