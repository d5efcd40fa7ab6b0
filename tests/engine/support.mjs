// The emitted stacks in a real container engine: the one that DOCKER_HOST, the context or the default socket gives.
//
//   tests/run.sh engine                                   all files, with the Node.js of the emitted code
//   node --test tests/engine/image.test.mjs               one of them; it makes its trees and removes everything
//
// SEAWORTHY_PRESETS   which presets, "minimal api at-scale" by default; with answers: api,stack.data-access=drizzle
// SEAWORTHY_TREES     a directory in which the files of one run share their trees, images and running stacks. Whoever
//                     sets it cleans up: node tests/engine/clean.mjs
// SEAWORTHY_COUNTS    a file for the counts, see counts.mjs
//
// Each tree gets a project name and a port of its own, as answers: nothing that was emitted is changed.
import { randomBytes } from "node:crypto";
import { copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after } from "node:test";
import { fileURLToPath } from "node:url";
import { clean } from "./clean.mjs";
import { count } from "./counts.mjs";
import { attempt, freePort, inspect, run } from "./docker.mjs";

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
export const presets = (process.env.SEAWORTHY_PRESETS ?? "minimal api at-scale").split(" ");

const shared = process.env.SEAWORTHY_TREES;
const trees = shared ?? mkdtempSync(path.join(tmpdir(), "seaworthy-engine-"));

const engine = await attempt("docker", ["version", "--format", "{{.Server.Version}}"], { limitMs: 30_000 });
if (engine.code !== 0) {
  throw new Error(`no container engine answers; start one, or set DOCKER_HOST\n${engine.output}`);
}

if (!shared) {
  after(() => clean(trees));
  for (const signal of ["SIGINT", "SIGTERM"]) {
    process.once(signal, () => {
      clean(trees);
      process.exit(1);
    });
  }
}

/** `seaworthy ARGS` as built from this checkout. */
export function seaworthy(...args) {
  return run("cargo", ["run", "--quiet", "--manifest-path", path.join(root, "Cargo.toml"), "--", ...args]);
}

/** A project name, a port and a folder that is not there yet, for a tree that something else makes. */
export async function treeFolder() {
  const project = `t${randomBytes(4).toString("hex")}`;
  return { project, port: await freePort(), directory: path.join(trees, project, "tree") };
}

/**
 * A new tree from a preset (or an answers file) with a project name and a port of its own. `set` holds more answers:
 * { "stack.redis": false }. `options` are more arguments of `new`.
 */
export async function newStack(preset, { set = {}, options = [] } = {}) {
  const name = `t${randomBytes(4).toString("hex")}`;
  const port = await freePort();
  const answers = Object.entries({ "project.name": name, "stack.port": port, ...set });
  const directory = path.join(trees, name, "tree");
  mkdirSync(path.dirname(directory), { recursive: true });
  await seaworthy("new", directory, "--preset", preset, "--yes", ...answers.flatMap(([key, value]) => ["--set", `${key}=${value}`]), ...options);
  // All that a person has to do.
  copyFileSync(path.join(directory, ".env.example"), path.join(directory, ".env"));
  return new Stack({ preset, name, port, directory });
}

/** The one tree of a preset, or of a preset with answers (api,stack.data-access=drizzle), that all files of a run share. Whoever changes it changes it back, or takes a copy. */
export async function stackOf(preset) {
  const made = path.join(trees, `${preset}.json`);
  if (existsSync(made)) return new Stack(JSON.parse(readFileSync(made, "utf8")));
  const [base, ...answers] = preset.split(",");
  const stack = await newStack(base, { set: Object.fromEntries(answers.map((answer) => answer.split("="))) });
  const { name, port, directory } = stack;
  writeFileSync(made, JSON.stringify({ preset, name, port, directory }));
  return stack;
}

/** One tree and what `docker compose` makes of it. */
export class Stack {
  constructor({ preset, name, port, directory }) {
    Object.assign(this, { preset, name, port, directory });
    this.url = `http://127.0.0.1:${port}`;
    this.image = `${name}:local`;
    this.hasDatabase = this.has("database");
    this.hasRedis = this.has("redis");
    /** Where routes are beside pages. */
    const api = existsSync(path.join(directory, "src/app")) ? "/api" : "";
    this.notes = `${api}/notes`;
    /** A request that every instance answers, and that needs the database where there is one. */
    this.read = { path: this.hasDatabase ? this.notes : "/livez" };
    this.write = this.hasDatabase
      ? { method: "POST", path: this.notes, body: '{"text":"kept"}' }
      : { method: "POST", path: `${api}/greetings`, body: '{"name":"you"}' };
  }

  /** Whether compose.yaml has the service. */
  has(service) {
    return new RegExp(`^  ${service}:$`, "m").test(this.file("compose.yaml").split(/^services:$/m)[1].split(/^networks:$/m)[0]);
  }

  file(name) {
    return readFileSync(path.join(this.directory, name), "utf8");
  }

  /** The same answers with the same names, in a folder that may be changed. Without node_modules. */
  copy() {
    const directory = path.join(mkdtempSync(path.join(trees, "copy-")), "tree");
    cpSync(this.directory, directory, {
      recursive: true,
      filter: (source) => path.relative(this.directory, source) !== "node_modules",
    });
    return new Stack({ ...this, directory });
  }

  #arguments(args) {
    return ["compose", "--project-directory", this.directory, ...args];
  }

  /** Rejects unless it exits with 0; resolves to what it wrote to stdout. */
  async compose(...args) {
    return (await run("docker", this.#arguments(args))).stdout.trim();
  }

  /** Resolves to { code, output, ms } whatever happens. */
  attempt(...args) {
    return attempt("docker", this.#arguments(args));
  }

  /** Resolves to { output, ms } of BuildKit. */
  async build(...options) {
    const result = await run("docker", ["compose", "--progress", "plain", "--project-directory", this.directory, "build", ...options]);
    count({ images_built: 1 });
    return result;
  }

  /** As the README says, and until everything is healthy. Fails with the logs. */
  async up(...options) {
    const args = ["up", "--build", "--detach", "--wait", "--wait-timeout", "180", ...options];
    const result = await this.attempt("--progress", "plain", ...args);
    if (result.code !== 0) throw new Error(`up: exit ${result.code}\n${result.output.slice(-6000)}\n${await this.logs()}`);
    count({ images_built: 1 });
    return result;
  }

  /**
   * Containers, networks and volumes go; the image stays for the next file of the run. Only for who needs a new start, or
   * changed the database: what runs is found by the next file, and removed at the end.
   */
  down() {
    return this.compose("down", "--volumes", "--remove-orphans", "--timeout", "5");
  }

  async logs(...services) {
    return (await this.attempt("logs", "--no-color", "--no-log-prefix", ...services)).output;
  }

  /** Id of the container of a service. */
  async container(service = "app") {
    const id = await this.compose("ps", "--all", "--quiet", service);
    if (!id) throw new Error(`${service} has no container`);
    return id;
  }

  async inspect(field, service = "app") {
    return inspect(await this.container(service), field);
  }

  /** compose.yaml with all defaults filled in. */
  async config() {
    return JSON.parse(await this.compose("config", "--format", "json"));
  }

  /** One request on a connection of its own. */
  async fetch({ path: target, method = "GET", body }) {
    const headers = body ? { "content-type": "application/json" } : {};
    return fetch(this.url + target, { method, body, headers, signal: AbortSignal.timeout(20_000) });
  }
}
