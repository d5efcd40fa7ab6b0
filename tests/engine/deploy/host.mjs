// A host as the emitted runbook sets one up, and the emitted deploy workflow's steps on it. Everything is real but ssh,
// which becomes a shell in a session of its own on this machine.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { attempt, docker, freePort, run } from "../docker.mjs";
import { seaworthy } from "../support.mjs";

// What sshd does: a login's environment and a session of its own. KILL_* are for the programs below.
const SSH = `#!/usr/bin/env bash
cd / && exec env -i HOME="$HOST_ROOT" PATH="$HOST_ROOT/bin:$REAL_PATH" REAL_PATH="$REAL_PATH" DOCKER_HOST="\${DOCKER_HOST:-}" \\
  DOCKER_CONFIG="\${DOCKER_CONFIG:-}" KILL_AT="\${KILL_AT:-}" KILL_WHEN="\${KILL_WHEN:-}" \\
  setsid --wait bash -c "\${!#}"
`;

// In the place of each program that deploy.sh calls: the program, but for the call at which everything is to end.
const PROGRAM = `#!/bin/bash
name=\${0##*/} PATH=$REAL_PATH
[[ -n $DOCKER_HOST ]] || unset DOCKER_HOST
[[ -n $DOCKER_CONFIG ]] || unset DOCKER_CONFIG
if [[ -n $KILL_AT && "$name $*" =~ $KILL_AT ]]; then
  if [[ $KILL_WHEN != before ]]; then
    "$name" "$@" &
    if [[ $KILL_WHEN == after ]]; then wait; else sleep "$KILL_WHEN"; fi
  fi
  kill -KILL 0
fi
exec "$name" "$@"
`;

const PROGRAMS = ["docker", "curl", "mv", "ln", "rm", "sync"];

/** A host with a project name and ports of its own. `settings` go into its .env. */
export async function newHost({ versions, settings = {} }) {
  const root = mkdtempSync(path.join(tmpdir(), "seaworthy-host-"));
  const host = new Host({ root, name: `d${randomBytes(4).toString("hex")}`, registry: versions.registry });
  hosts.add(host);
  await host.setUp(settings);
  return host;
}

export class Host {
  constructor({ root, name, registry }) {
    Object.assign(this, { root, name, registry });
    this.tree = path.join(root, "repository");
    this.home = path.join(root, "opt", name);
  }

  async setUp(settings) {
    await seaworthy("new", this.tree, "--preset", "api", "--yes", "--no-install", "--set", `project.name=${this.name}`);
    mkdirSync(path.join(this.root, "bin"));
    for (const [name, text] of [["ssh", SSH], ...PROGRAMS.map((program) => [program, PROGRAM])]) {
      writeFileSync(path.join(this.root, "bin", name), text, { mode: 0o755 });
    }
    await this.#followTheRunbook();
    this.ports = { HTTP_PORT: await freePort(), HTTPS_PORT: await freePort(), VERIFY_PORT: await freePort() };
    const secrets = { POSTGRES_PASSWORD: randomBytes(16).toString("hex"), REDIS_PASSWORD: randomBytes(16).toString("hex") };
    this.settings = { SITE_ADDRESS: "localhost", ...this.ports, ...secrets, ...settings };
    this.set(this.settings);
  }

  /** The runbook's own lines for the folder of the service, without the account that owns it. */
  async #followTheRunbook() {
    const lines = this.read("docs/DEPLOYMENT.md").split("\n");
    const commands = lines.filter((line) => /^ {4}install .* \/opt\//.test(line));
    assert.equal(commands.length, 2, "the runbook says how to make the folder and its .env");
    mkdirSync(path.dirname(this.home), { recursive: true });
    for (const command of commands) {
      const here = command.replaceAll(`/opt/${this.name}`, this.home).replace("--owner=deploy --group=deploy", "");
      await run("bash", ["-c", here], { cwd: path.join(this.tree, "deploy/compose") });
    }
  }

  read(file) {
    return readFileSync(path.join(this.tree, file), "utf8");
  }

  /** Changes a file of the repository: what the next release is copied from. */
  edit(file, change) {
    const text = this.read(file);
    const changed = change(text);
    assert.notEqual(changed, text, `${file}: nothing to change`);
    writeFileSync(path.join(this.tree, file), changed);
  }

  /** Fills in keys of the host's .env, where they stand in the example, also as a comment, or at its end. */
  set(values) {
    const file = path.join(this.home, ".env");
    let text = readFileSync(file, "utf8");
    for (const [key, value] of Object.entries(values)) {
      const line = new RegExp(`^(# )?${key}=.*$`, "m");
      text = line.test(text) ? text.replace(line, `${key}=${value}`) : `${text}${key}=${value}\n`;
    }
    writeFileSync(file, text);
    chmodSync(file, 0o600);
  }

  /** One step of the workflow: host.sh with these words. Resolves to { code, output, ms }. */
  hostScript(words, options) {
    return this.#attempt("bash", [path.join(this.tree, "deploy/scripts/host.sh"), ...words], options);
  }

  /** A script of the current release with one argument, as a person calls it over ssh. */
  script(name, argument = "", options) {
    return this.#attempt("ssh", ["host", `${this.home}/current/${name} ${argument}`], options);
  }

  #attempt(command, args, { killAt = "", killWhen = "before" } = {}) {
    return attempt(command, args, {
      cwd: this.tree,
      env: {
        PATH: `${path.join(this.root, "bin")}:${process.env.PATH}`,
        REAL_PATH: process.env.PATH,
        HOST_ROOT: this.root,
        RUNNER_TEMP: this.root,
        GITHUB_OUTPUT: path.join(this.root, "outputs"),
        APP_HOME: this.home,
        REGISTRY_USER: this.registry.user,
        REGISTRY_TOKEN: this.registry.password,
        KILL_AT: killAt,
        KILL_WHEN: killWhen,
      },
    });
  }

  /** As the workflow deploys an image: copies the files of this commit, then runs their deploy.sh. */
  async deploy(commit, image, options) {
    // As in a fresh checkout.
    utimesSync(path.join(this.tree, "deploy/compose"), new Date(), new Date());
    const copied = await this.hostScript(["copy", commit]);
    assert.equal(copied.code, 0, copied.output);
    return this.hostScript(["deploy", commit, image], options);
  }

  /** As the workflow does after its smoke test and its watch. */
  async confirm(commit, image) {
    const confirmed = await this.hostScript(["confirm", commit, image]);
    assert.equal(confirmed.code, 0, confirmed.output);
  }

  rollBack(options) {
    // A shell in between tells a kill by the exit status, as host.sh does.
    return this.#attempt("bash", ["-c", `ssh host "${this.home}/current/deploy.sh --rollback"; exit $?`], options);
  }

  /** The state file as an object. */
  get state() {
    const lines = readFileSync(path.join(this.home, "state"), "utf8").trim().split("\n");
    return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]));
  }

  get serving() {
    return existsSync(path.join(this.home, "state")) ? this.state.slot : undefined;
  }

  get idle() {
    return this.serving === "blue" ? "green" : "blue";
  }

  /** Names of this project's containers that run, without the project: app-blue-1. */
  async running() {
    const names = await docker("ps", "--filter", `label=com.docker.compose.project=${this.name}`, "--format", "{{.Names}}");
    return names.split("\n").filter(Boolean).map((name) => name.replace(`${this.name}-`, "")).sort();
  }

  slots() {
    return this.running().then((names) => names.filter((name) => name.includes("app-")));
  }

  /** In the container of a service. */
  exec(service, ...command) {
    return docker("exec", `${this.name}-${service}-1`, ...command);
  }

  sql(query, database = this.name) {
    return this.exec("database", "psql", "--username", this.name, "--dbname", database, "--tuples-only", "--no-align", "--command", query);
  }

  /** Everything that the project has in the engine, and its folder. */
  async remove() {
    hosts.delete(this);
    await run("bash", ["-c", REMOVE, "remove", this.name, this.root]);
  }
}

const REMOVE = `
mine=label=com.docker.compose.project=$1
docker ps --all --quiet --filter "$mine" | xargs --no-run-if-empty docker rm --force --volumes
docker network ls --quiet --filter "$mine" | xargs --no-run-if-empty docker network rm
docker volume ls --quiet --filter "$mine" | xargs --no-run-if-empty docker volume rm
docker images --quiet --filter "label=org.opencontainers.image.title=$1" | sort --unique | xargs --no-run-if-empty docker rmi --force
rm -rf "$2"
`;

/** Those that are still there. */
const hosts = new Set();
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, () => {
    for (const { name, root } of hosts) spawnSync("bash", ["-c", REMOVE, "remove", name, root]);
    process.exit(1);
  });
}
