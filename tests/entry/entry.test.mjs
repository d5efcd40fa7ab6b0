// `init --ops` in code that somebody else wrote: what it emits compiles, is called by the lines that it puts into the entry
// point, and stops under load without failing a request; the JavaScript is the TypeScript without its types.
//
//   SEAWORTHY_PACKAGES=DIR node --test tests/entry/entry.test.mjs
//
// SEAWORTHY_PACKAGES   a folder whose node_modules has the frameworks, their types, zod and TypeScript in the versions of the
//                      pins; repositories are made in it
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { stripTypeScriptTypes } from "node:module";
import net from "node:net";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { parseEnv } from "node:util";
import { startLoad } from "../engine/load.mjs";
import { OWN_PROBE, PACKAGES, REPOSITORIES } from "./repositories.mjs";

const packages = path.resolve(process.env.SEAWORTHY_PACKAGES ?? "");
const binary = path.resolve(import.meta.dirname, "../../target/debug/seaworthy");
const scratch = mkdtempSync(path.join(packages, "entry-"));
const DELAY_MS = 700;
after(() => rmSync(scratch, { recursive: true, force: true }));

const seaworthy = (...args) => execFileSync(binary, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
const folderOf = (name) => path.join(scratch, name);
const read = (name, file) => readFileSync(path.join(folderOf(name), file), "utf8");
const version = (name) => JSON.parse(readFileSync(path.join(packages, "node_modules", name, "package.json"), "utf8")).version;

/** What the team has: package.json, a lock file, settings of TypeScript, and the code. */
function write(name, repository = REPOSITORIES[name]) {
  const { compiler, entry, more = {}, package: manifest, runs, server, text } = repository;
  const framework = name.split("-")[0];
  const names = PACKAGES[framework === "http" ? "http" : framework];
  const built = entry.replace(/^src\//, "dist/").replace(/\.ts$/, ".js");
  const start = runs ?? (compiler ? built : entry);
  const files = {
    [entry]: text,
    "package.json": JSON.stringify({
      name,
      private: true,
      ...manifest,
      scripts: { ...(compiler && !runs ? { build: "tsc" } : {}), start: `node ${start}` },
      dependencies: Object.fromEntries(names.map((it) => [it, version(it)])),
    }, null, 2),
    "package-lock.json": '{ "lockfileVersion": 3 }',
    ...(compiler ? { "tsconfig.json": JSON.stringify({ compilerOptions: compiler, include: ["src"] }) } : {}),
    ...more,
  };
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folderOf(name), file)), { recursive: true });
    writeFileSync(path.join(folderOf(name), file), content);
  }
  if (!server) throw new Error(`${name} has no server`);
  if (!entry.includes(".")) chmodSync(path.join(folderOf(name), entry), 0o755);
  return start;
}

/** What is told of `entry`, and the start. */
function fitted(name) {
  const { called = true, set = [] } = REPOSITORIES[name];
  const start = write(name);
  const how = called ? "--apply-entry" : "--ops";
  const report = JSON.parse(seaworthy("init", folderOf(name), "-y", how, "--json", ...set.flatMap((it) => ["--set", it])));
  return { start, report };
}

/** Whether the answers have this among them. */
const has = (name, answer) => (REPOSITORIES[name].set ?? []).includes(answer);
const folder = (name) => (existsSync(path.join(folderOf(name), "src/ops")) ? "src/ops" : "ops");

describe("src/ops in code that was there before", () => {
  const outcomes = {};
  before(() => {
    for (const name of Object.keys(REPOSITORIES)) outcomes[name] = fitted(name);
  });

  for (const [name, { called = true, entry, server, style }] of Object.entries(REPOSITORIES)) {
    test(`${name}: fitted once, and current from then on`, () => {
      const { report } = outcomes[name];
      const answers = read(name, "seaworthy.toml");
      assert.match(answers, new RegExp(`ops = \\["folder=${folder(name)}", "style=${style}", "server=${server}", "env=zod"\\]`));
      assert.equal(report.entry.state, called ? "applied" : "patch");
      assert.equal(report.entry.path, entry);
      const now = read(name, entry);
      assert.equal(now === REPOSITORIES[name].text, !called);
      // The patch is one for exactly this file.
      if (called) {
        execFileSync("git", ["apply", "--reverse", "-"], { cwd: folderOf(name), input: report.entry.patch, env: { ...process.env, GIT_CEILING_DIRECTORIES: scratch } });
        assert.equal(read(name, entry), REPOSITORIES[name].text);
        const again = JSON.parse(seaworthy("entry", folderOf(name), "--apply", "--json"));
        assert.equal(again.state, "applied");
        assert.equal(read(name, entry), now);
      }
      const state = JSON.parse(seaworthy("entry", folderOf(name), "--json")).state;
      assert.equal(state, called ? "called" : "patch");
      const lock = JSON.parse(read(name, "package.json")).dependencies;
      assert.match(lock.zod, /^\^4\./);
      seaworthy("check", folderOf(name));
      seaworthy("diff", folderOf(name));
      assert.match(seaworthy("upgrade", folderOf(name), "--allow-dirty", "--json"), /"outcome": "unchanged"/);
    });

  }

  for (const [name, { compiler, runs }] of Object.entries(REPOSITORIES).filter(([, it]) => it.compiler)) {
    test(`${name}: compiles`, () => {
      execFileSync(path.join(packages, "node_modules/.bin/tsc"), [], { cwd: folderOf(name), stdio: "inherit" });
      assert.equal(existsSync(path.join(folderOf(name), "dist/ops/service.js")), compiler && !runs);
    });
  }

  // They mostly wait.
  describe("a service", { concurrency: 5 }, () => {
    for (const name of Object.keys(REPOSITORIES)) {
      test(`${name}: serves, and stops without failing a request`, { timeout: 60_000 }, () => serves(name, outcomes[name].start));
    }
  });

  test("a service that answers /readyz by itself: ready once is enough for ECS", { timeout: 60_000 }, async () => {
    const name = "express-own-probe";
    const start = write(name, OWN_PROBE);
    seaworthy("init", folderOf(name), "-y", ...OWN_PROBE.set.flatMap((it) => ["--set", it]));
    const port = await freePort();
    const env = { PATH: process.env.PATH, PORT: String(port), SHUTDOWN_DELAY_MS: "0" };
    const child = spawn(process.execPath, ["--import", "./deploy/image/probes.mjs", start], { cwd: folderOf(name), env, stdio: "inherit" });
    try {
      const status = async (page) => (await fetch(`http://127.0.0.1:${port}${page}`).catch(() => ({}))).status;
      while ((await status("/livez")) !== 200) await sleep(50);
      const asked = async () => [await status("/readyz"), await status("/readyz?started"), await status("/readyz?verbose")];
      assert.deepEqual(await asked(), [503, 503, 503]);
      await status("/turn?to=up");
      assert.deepEqual(await asked(), [200, 200, 200]);
      await status("/turn?to=down");
      assert.deepEqual(await asked(), [503, 200, 503]);
    } finally {
      child.kill("SIGKILL");
    }
  });

  test("the JavaScript has types that hold", () => {
    const names = Object.keys(REPOSITORIES).filter((it) => !REPOSITORIES[it].compiler);
    // CommonJS is what Node takes .js for where no package.json says otherwise, and so does the compiler.
    const files = names.flatMap((name) => readdirSync(path.join(folderOf(name), folder(name))).map((file) => path.join(name, folder(name), file)));
    writeFileSync(path.join(scratch, "tsconfig.json"), JSON.stringify({
      compilerOptions: { ...REPOSITORIES["fastify-ts"].compiler, rootDir: ".", verbatimModuleSyntax: false, allowJs: true, checkJs: true, noEmit: true },
      files,
    }));
    execFileSync(path.join(packages, "node_modules/.bin/tsc"), [], { cwd: scratch, stdio: "inherit" });
  });

  for (const kind of ["fastify", "express", "hono", "http"]) {
    test(`${kind}: the JavaScript is the TypeScript without its types`, () => {
      const typed = path.join(folderOf(`${kind}-ts`), "src/ops");
      const plain = path.join(folderOf(`${kind}-js`), "src/ops");
      const stems = (from) => readdirSync(from).map((file) => file.replace(/\.\w+$/, "")).sort();
      assert.deepEqual(stems(plain), stems(typed));
      for (const stem of stems(typed)) {
        const [one] = readdirSync(plain).filter((file) => file.replace(/\.\w+$/, "") === stem);
        const wanted = bare(stripTypeScriptTypes(readFileSync(path.join(typed, `${stem}.ts`), "utf8")));
        assert.equal(bare(readFileSync(path.join(plain, one), "utf8")), wanted, `${kind}: ${one}`);
      }
    });
  }

  test("the schema takes the example beside it, and tells what is wrong", async () => {
    for (const [name, file] of [["fastify-ts", "dist/ops/env.js"], ["fastify-js", "src/ops/env.js"], ["hono-ts", "src/ops/env.ts"]]) {
      const { loadEnv } = await import(pathToFileURL(path.join(folderOf(name), file)).href);
      assert.equal(loadEnv(parseEnv(read(name, ".env.example"))).PORT, 3000);
      assert.equal(loadEnv({}).APP_ENV, "development", "it starts as it did before");
      assert.throws(() => loadEnv({ PORT: "70000" }), /PORT must be at most 65535/);
    }
  });
});

/** Code without comments, blanks, endings of imports, and casts of JSDoc. */
function bare(code) {
  return code
    .replace(/\/\*\* @type \{(?:[^{}]|\{[^}]*\})*\} \*\/ \(([^()]*)\)/g, "$1")
    .replace(/("(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`|\/\^[^\n]*?\/[gi]*[,)])|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, (_all, text) => text ?? "")
    .replace(/(from "\.\/[\w-]+)(?:\.\w+)?"/g, '$1"')
    .replace(/ as const\b/g, "")
    .replace(/import \{\s*\} from "[^"]*";/g, "")
    .replace(/\s+/g, "")
    .replace(/,([)}\]])/g, "$1")
    .replaceAll(";;", ";");
}

async function serves(name, start) {
  const { called = true } = REPOSITORIES[name];
  const port = await freePort();
  const database = has(name, "stack.database=postgres") ? await standIn() : undefined;
  const env = { PATH: process.env.PATH, PORT: String(port), APP_ENV: "production", SHUTDOWN_DELAY_MS: String(DELAY_MS), SHUTDOWN_TIMEOUT_MS: "10000" };
  if (database) env.DATABASE_URL = `postgres://u:p@127.0.0.1:${database.address().port}/d`;
  const child = spawn(process.execPath, ["--import", "./deploy/image/probes.mjs", start], { cwd: folderOf(name), env, stdio: ["ignore", "pipe", "inherit"] });
  let said = "";
  child.stdout.on("data", (data) => {
    said += data;
  });
  try {
    const get = (page) => fetch(`http://127.0.0.1:${port}${page}`);
    for (let tries = 0; !(await get("/livez").catch(() => undefined))?.ok; tries += 1) {
      assert.ok(tries < 300 && child.exitCode === null, `${name} does not start: ${said}`);
      await sleep(100);
    }
    const ready = await get("/readyz");
    const checks = database ? { database: { status: "up" } } : {};
    assert.deepEqual([ready.status, await ready.json()], [200, called ? { status: "ok", checks } : { status: "ok" }]);
    assert.equal(await (await get("/")).text(), "hello");
    assert.equal((await get("/livez")).headers.get("cache-control"), "no-store");
    const load = startLoad({ host: "127.0.0.1", port, clients: 5, request: () => ({ path: "/" }) });
    await sleep(300);
    const slow = get("/slow");
    await sleep(100);
    load.stopConnecting();
    child.kill("SIGTERM");
    await sleep(150);
    const stopping = await get("/readyz");
    assert.equal(stopping.status, 503);
    // ECS takes it out by itself.
    assert.equal((await get("/readyz?started")).status, has(name, "deploy.platform=ecs") ? 200 : 503);
    assert.equal((await get("/livez")).status, 200);
    assert.equal(await (await slow).text(), "slow");
    const [code] = child.exitCode === null ? await once(child, "exit") : [child.exitCode];
    const { answered, failed, failures } = await load.stop();
    assert.deepEqual([code, failed, failures], [0, 0, []]);
    assert.ok(answered >= 5, `only ${answered} requests`);
    // One of the two sees to the end: the code of the service where it calls src/ops.
    assert.equal(said.includes("SIGTERM: shutting down"), !called, said);
    assert.equal(said.includes('"message":"shut down"'), called && !name.startsWith("fastify"), said);
  } finally {
    child.kill("SIGKILL");
    database?.close();
  }
}

/** Answers as PostgreSQL does when it is asked for encryption. */
async function standIn() {
  const server = net.createServer((socket) => socket.on("data", () => socket.end("N")).on("error", () => {}));
  await once(server.listen(0, "127.0.0.1"), "listening");
  return server;
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}
