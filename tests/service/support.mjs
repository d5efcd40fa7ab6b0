// Behaviour of an emitted service, seen from outside: its built server against real dependencies.
//
//   SEAWORTHY_TREE=DIR SEAWORTHY_TEST_MODULES=DIR node --test "tests/service/*.test.mjs"
//
// SEAWORTHY_TREE          a generated tree after `npm install` and `npm run build`
// SEAWORTHY_TEST_MODULES  a node_modules directory with autocannon, installed outside this repository
// SEAWORTHY_TEST_TOOLS    a bin directory with moto_server, for a tree that keeps files in S3
//
// Node 24, PostgreSQL's server programs and redis-server have to be installed; a missing one fails the
// test. Everything started here listens on a free loopback port, lives in a temporary directory and is
// stopped by its own pid.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chownSync, cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import http from "node:http";
import { createRequire } from "node:module";
import net from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseEnv } from "node:util";

export { sleep };

export const tree = required("SEAWORTHY_TREE");
export const hasDatabase = existsSync(path.join(tree, "src/ops/database.ts"));
export const hasRedis = existsSync(path.join(tree, "src/ops/redis.ts"));
export const hasPages = existsSync(path.join(tree, "src/app"));
/** Where routes are beside pages. */
const api = hasPages ? "/api" : "";
export const notes = `${api}/notes`;
export const hasWorker = existsSync(path.join(tree, "src/worker.ts"));

/** What the tree says about itself; the tests hold the service to its own numbers. */
export const declared = {
  checkLimitMs: number("src/ops/health.ts", /CHECK_LIMIT_MS = (\d+)/),
  delayMs: number("src/ops/env.ts", /SHUTDOWN_DELAY_MS: .*default\((\d+)\)/),
  timeoutMs: number("src/ops/env.ts", /SHUTDOWN_TIMEOUT_MS: .*default\((\d+)\)/),
  /** `/readyz?started` is another question than `/readyz`. */
  tellsStart: read("src/ops/health.ts").includes("startIsEnough"),
};

/** The keys of the schema: [{ name, zod, required }]. */
export const keys = [...read("src/ops/env.ts").matchAll(/^ {2}([A-Z][A-Z0-9_]*): (.*),$/gm)]
  .filter(([, , zod]) => zod.startsWith("z.") || zod.startsWith("originList"))
  .map(([, name, zod]) => ({ name, zod, required: !/\.(default|optional)\(|^originList/.test(zod) }));

if (!existsSync(path.join(tree, "dist/server.js"))) {
  throw new Error(`${tree} is not built: run npm install and npm run build in it`);
}

function required(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set; see the top of tests/service/support.mjs`);
  return path.resolve(value);
}

function read(file) {
  return readFileSync(path.join(tree, file), "utf8");
}

function number(file, pattern) {
  const found = pattern.exec(read(file));
  if (!found) throw new Error(`${pattern} is not in ${path.join(tree, file)}`);
  return Number(found[1]);
}

/** A package that only the tests need, for example autocannon. */
export function testModule(name) {
  const modules = required("SEAWORTHY_TEST_MODULES");
  return createRequire(path.join(modules, "any.js"))(name);
}

// Processes -----------------------------------------------------------------------------------------

const cleanups = [];

/** Undoes everything that the test file started, newest first. */
export async function stopEverything() {
  while (cleanups.length > 0) await cleanups.pop()();
}

function temporaryDirectory(owner) {
  const directory = mkdtempSync(path.join(tmpdir(), "seaworthy-test-"));
  if (owner) chownSync(directory, owner.uid, owner.gid);
  cleanups.push(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

function run(command, args, options = {}) {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], ...options });
  const running = { child, output: "", exited: once(child, "exit").then(([code, signal]) => ({ code, signal })) };
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text) => {
      running.output += text;
    });
  }
  return running;
}

async function kill(running, signal = "SIGKILL") {
  if (running.child.exitCode !== null || running.child.signalCode !== null) return;
  running.child.kill("SIGCONT");
  running.child.kill(signal);
  await running.exited;
}

/** Polls until the condition holds; fails with what was last seen. */
export async function eventually(what, condition, limitMs = 15_000) {
  const end = Date.now() + limitMs;
  let last;
  while (Date.now() < end) {
    try {
      last = await condition();
      if (last) return last;
    } catch (error) {
      last = error;
    }
    await sleep(50);
  }
  throw new Error(`not within ${limitMs} ms: ${what} (last: ${last?.stack ?? last})`);
}

export async function freePort() {
  const server = net.createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

function program(name, directories = []) {
  const found = [...directories, ...process.env.PATH.split(path.delimiter)]
    .map((directory) => path.join(directory, name))
    .find((file) => existsSync(file));
  if (!found) throw new Error(`${name} is not installed; these tests need it`);
  return found;
}

/** Starts a program of the Python packages that the tests install, until everything is stopped. */
export function startTool(name, args) {
  const running = run(program(name, [required("SEAWORTHY_TEST_TOOLS")]), args);
  cleanups.push(() => kill(running));
}

// PostgreSQL ----------------------------------------------------------------------------------------

/** PostgreSQL refuses to run as root. */
function unprivileged() {
  if (process.getuid() !== 0) return undefined;
  const id = (flag) => Number(spawnSync("id", [flag, "postgres"], { encoding: "utf8" }).stdout);
  return { uid: id("-u"), gid: id("-g") };
}

export async function startPostgres() {
  const installed = "/usr/lib/postgresql";
  const directories = existsSync(installed)
    ? readdirSync(installed).map((version) => path.join(installed, version, "bin"))
    : [];
  const owner = unprivileged();
  const data = path.join(temporaryDirectory(owner), "data");
  const port = await freePort();
  const initdb = spawnSync(
    program("initdb", directories),
    ["-D", data, "-U", "service", "--auth=trust", "--no-sync", "--encoding=UTF8"],
    { ...owner, cwd: "/", encoding: "utf8" },
  );
  if (initdb.status !== 0) throw new Error(`initdb: ${initdb.stderr}`);

  const args = ["-D", data, "-p", port, "-h", "127.0.0.1", "-k", "", "-F"].map(String);
  const postgres = {
    url: `postgres://service:secret@127.0.0.1:${port}/postgres`,
    async start() {
      postgres.running = run(program("postgres", directories), args, { ...owner, cwd: "/" });
      await eventually("PostgreSQL accepts connections", () =>
        postgres.running.output.includes("ready to accept connections"),
      );
    },
    /** Fast shutdown: open connections are cut. */
    stop: () => kill(postgres.running, "SIGINT"),
    /** The rows of a query, as another client sees them. */
    async query(sql) {
      const { Client } = createRequire(path.join(tree, "package.json"))("pg");
      const client = new Client({ connectionString: postgres.url });
      await client.connect();
      try {
        return (await client.query(sql)).rows;
      } finally {
        await client.end();
      }
    },
    /** Makes every query on the table wait until the returned function is called. */
    async lock(table) {
      const { Client } = createRequire(path.join(tree, "package.json"))("pg");
      const client = new Client({ connectionString: postgres.url });
      await client.connect();
      await client.query(`BEGIN; LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`);
      return () => client.end();
    },
    /** Keeps every socket open and answers nothing. */
    freeze: () => signalAll(postgres.running.child.pid, "SIGSTOP"),
    thaw: () => signalAll(postgres.running.child.pid, "SIGCONT"),
  };
  await postgres.start();
  cleanups.push(async () => {
    postgres.thaw();
    await kill(postgres.running, "SIGQUIT");
  });
  return postgres;
}

/** The postmaster and its backends. The parent first: it must not start another one. */
function signalAll(parent, signal) {
  try {
    process.kill(parent, signal);
  } catch {
    return; // Stopped by the test itself.
  }
  const { stdout } = spawnSync("ps", ["-o", "pid=", "--ppid", String(parent)], { encoding: "utf8" });
  for (const pid of stdout.split("\n").map(Number).filter(Boolean)) {
    try {
      process.kill(pid, signal);
    } catch {
      // A backend that has just ended.
    }
  }
}

// Redis ---------------------------------------------------------------------------------------------

export async function startRedis() {
  const port = await freePort();
  const directory = temporaryDirectory();
  const jobs = hasWorker ? ["--appendonly", "yes", "--appendfsync", "always", "--maxmemory-policy", "noeviction"] : [];
  const args = ["--port", port, "--bind", "127.0.0.1", "--save", "", "--dir", directory, ...jobs].map(String);
  const redis = {
    url: `redis://127.0.0.1:${port}`,
    async start() {
      redis.running = run(program("redis-server"), args);
      await eventually("Redis accepts connections", () =>
        redis.running.output.includes("Ready to accept connections"),
      );
    },
    stop: () => kill(redis.running, "SIGTERM"),
    freeze: () => redis.running.child.kill("SIGSTOP"),
    thaw: () => redis.running.child.kill("SIGCONT"),
  };
  await redis.start();
  cleanups.push(() => kill(redis.running));
  return redis;
}

/** Accepts every connection and never says a word. */
export async function startBlackHole() {
  const sockets = new Set();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {}).resume();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  cleanups.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { url: `postgres://service:secret@127.0.0.1:${server.address().port}/postgres` };
}

// The service ---------------------------------------------------------------------------------------

/** The dependencies that this tree has. */
export async function startDependencies() {
  const postgres = hasDatabase ? await startPostgres() : undefined;
  const redis = hasRedis ? await startRedis() : undefined;
  if (postgres) await migrate(postgres.url);
  return { postgres, redis, env: environment(postgres?.url, redis?.url) };
}

function environment(databaseUrl, redisUrl) {
  return {
    ...(databaseUrl && { DATABASE_URL: databaseUrl }),
    ...(redisUrl && { REDIS_URL: redisUrl }),
  };
}

/** Runs one of the tree's programs, or one with arguments, with nothing in its environment but the given keys. */
export async function runToEnd(script, env, limitMs = 20_000, cwd = tree) {
  const running = run(process.execPath, [script].flat(), { cwd, env });
  const timer = setTimeout(() => running.child.kill("SIGKILL"), limitMs);
  const result = await running.exited;
  clearTimeout(timer);
  return { ...result, output: running.output };
}

/** What a migration needs of the tree, for a test that changes it. */
export function copyOfTree() {
  const copy = temporaryDirectory();
  const names = ["package.json", "dist", ...["migrations", "prisma"].filter((folder) => existsSync(path.join(tree, folder)))];
  for (const name of names) cpSync(path.join(tree, name), path.join(copy, name), { recursive: true });
  for (const name of readdirSync(tree).filter((file) => file.endsWith(".config.ts"))) cpSync(path.join(tree, name), path.join(copy, name));
  symlinkSync(path.join(tree, "node_modules"), path.join(copy, "node_modules"));
  return copy;
}

async function migrate(databaseUrl) {
  const { code, output } = await runToEnd("dist/ops/migrate.js", { DATABASE_URL: databaseUrl });
  if (code !== 0) throw new Error(`migrations failed: ${output}`);
}

/** Keys of .env.example, for those that no test is about. */
export const exampleEnv = parseEnv(read(".env.example"));

export async function startService(env = {}) {
  const port = await freePort();
  const running = run(process.execPath, ["dist/server.js"], {
    cwd: tree,
    env: {
      ...exampleEnv,
      SHUTDOWN_DELAY_MS: String(declared.delayMs),
      APP_ENV: "test",
      LOG_LEVEL: "info",
      PORT: String(port),
      ...env,
    },
  });
  cleanups.push(() => kill(running));
  const service = {
    port,
    pid: running.child.pid,
    exited: running.exited,
    signal: (name) => running.child.kill(name),
    logs: () => running.output,
    get: (target, options) => request(port, { path: target, ...options }),
    stop: () => kill(running, "SIGKILL"),
  };
  const alive = eventually("/livez answers", async () => (await service.get("/livez")).status === 200);
  const ended = running.exited.then(() => Promise.reject(new Error(`ended: ${running.output}`)));
  await Promise.race([alive, ended]);
  ended.catch(() => {}); // The test decides whether a later end is wrong.
  return service;
}

/** The worker of a tree, or of a copy. It has a folder for temporary files of its own: the heartbeat lies there. */
export function startWorker(env = {}, cwd = tree) {
  const temporary = temporaryDirectory();
  const running = run(process.execPath, ["dist/worker.js"], {
    cwd,
    env: { ...exampleEnv, APP_ENV: "test", LOG_LEVEL: "info", TMPDIR: temporary, ...env },
  });
  cleanups.push(() => kill(running));
  return {
    exited: running.exited,
    signal: (name) => running.child.kill(name),
    logs: () => running.output,
    stop: () => kill(running, "SIGKILL"),
    /** Resolves to { code, output } of the health check, as the image and Kubernetes call it. */
    async probe(...args) {
      const probing = run(process.execPath, ["dist/ops/worker-probe.js", ...args], { cwd, env: { TMPDIR: temporary } });
      const { code } = await probing.exited;
      return { code, output: probing.output };
    },
  };
}

/** One request on a connection of its own. Resolves to { status, headers, body, ms }. */
export function request(port, { body, ...options }) {
  const start = performance.now();
  return new Promise((resolve, reject) => {
    const outgoing = http.request({ host: "127.0.0.1", port, agent: false, timeout: 20_000, ...options });
    outgoing.on("error", reject);
    outgoing.on("timeout", () => outgoing.destroy(new Error(`no answer from ${options.path}`)));
    outgoing.on("response", async (response) => {
      let text = "";
      for await (const chunk of response.setEncoding("utf8")) text += chunk;
      const ms = performance.now() - start;
      const json = response.headers["content-type"]?.includes("json");
      resolve({ status: response.statusCode, headers: response.headers, body: json ? JSON.parse(text) : text, ms });
    });
    outgoing.end(body);
  });
}

/** A write that every tree has: a note, or a greeting where there is no database. */
export const write = hasDatabase
  ? { path: notes, body: JSON.stringify({ text: "hello" }), status: 201 }
  : { path: `${api}/greetings`, body: JSON.stringify({ name: "Ada" }), status: 200 };

export function postWrite(service, headers = {}) {
  return service.get(write.path, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: write.body,
  });
}

/**
 * Begins a write and holds back the end of its body. `finish` sends it; `response` resolves to all that
 * the server said once it has closed the connection.
 */
export async function startHalfRequest(port) {
  const socket = net.connect(port, "127.0.0.1");
  await once(socket, "connect");
  const head = `POST ${write.path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n`;
  socket.write(`${head}Content-Length: ${write.body.length}\r\n\r\n${write.body.slice(0, 5)}`);
  let text = "";
  socket.setEncoding("utf8").on("data", (chunk) => {
    text += chunk;
  });
  const response = new Promise((resolve) => {
    socket.on("error", () => {}).on("close", () => resolve(text));
  });
  cleanups.push(() => socket.destroy());
  await sleep(100); // So that the server has read it.
  return { finish: () => socket.write(write.body.slice(5)), response };
}

export async function refusesConnections(port) {
  const socket = net.connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return false;
  } catch (error) {
    return error.code === "ECONNREFUSED";
  } finally {
    socket.destroy();
  }
}
