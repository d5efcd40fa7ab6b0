// The limits are those of the file, and what goes over one of them ends, says so, and starts again.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { before, describe, test } from "node:test";
import { holds, same } from "./counts.mjs";
import { eventually, inspect, nodeIn } from "./docker.mjs";
import { evaluate } from "./inspector.mjs";
import { presets, stackOf } from "./support.mjs";

for (const preset of presets) {
  describe(`${preset}: limits`, () => {
    let stack;
    let app;
    before(async () => {
      stack = await stackOf(preset);
      await stack.up();
      app = await stack.container();
    });

    test("of every service, in the engine as in compose.yaml", async () => {
      for (const [name, service] of Object.entries((await stack.config()).services)) {
        const { limits, reservations } = service.deploy.resources;
        const host = await stack.inspect(".HostConfig", name);
        same(`${name}: memory, CPUs and processes`, [host.Memory, host.NanoCpus / 1e9, host.PidsLimit], [
          Number(limits.memory), Number(limits.cpus), limits.pids,
        ]);
        same(`${name}: memory reserved`, host.MemoryReservation, Number(reservations.memory));
      }
    });

    test("of the service, in the kernel", async () => {
      const { limits } = (await stack.config()).services.app.deploy.resources;
      const found = JSON.parse(await nodeIn(app, CGROUP));
      same("memory, CPUs and processes", found, [Number(limits.memory), Number(limits.cpus), limits.pids]);
      const heap = await evaluate(app, 'require("node:v8").getHeapStatistics().heap_size_limit');
      const share = heap / Number(limits.memory);
      // V8 counts a little more than the old space, which the option sets.
      holds(`heap limit ${(heap / 2 ** 20).toFixed(0)} MiB, ${(100 * share).toFixed(0)} % of the memory limit`, share > 0.7 && share < 0.85);
    });

    test("over the heap: ends with a message, and starts again", async () => {
      const { died, ms } = await endAndReturn(stack, app, FILL_HEAP);
      holds(`ended with exit code ${died.exitCode}, healthy again after ${Math.round(ms)} ms`, died.exitCode !== "0");
      same("ended by the kernel", died.oom, false);
      holds("the log says why", /heap limit.*heap out of memory/s.test(await stack.logs("app")), await stack.logs("app"));
    });

    test("over the container's memory, outside of the heap: killed, and starts again", async () => {
      const { died, ms } = await endAndReturn(stack, app, FILL_MEMORY);
      same("exit code", died.exitCode, "137");
      same("ended by the kernel", died.oom, true);
      holds(`healthy again after ${Math.round(ms)} ms`, true);
    });

    test("too many processes: refused, and the service goes on", async () => {
      const { pids } = (await stack.config()).services.app.deploy.resources.limits;
      const { started, code } = JSON.parse(await nodeIn(app, FORK));
      same("the next process", code, "EAGAIN");
      holds(`${started} more processes were started, of at most ${pids} in all`, started > 0 && started < pids);
      const response = await stack.fetch({ path: "/livez" });
      same("the service answers", response.status, 200);
    });
  });
}

/** Memory, CPUs and processes, with version 2 of cgroups or version 1. */
const CGROUP = `
  const { existsSync, readFileSync } = require("node:fs");
  const first = (...files) => readFileSync("/sys/fs/cgroup/" + files.find((file) => existsSync("/sys/fs/cgroup/" + file)), "utf8").trim();
  const memory = first("memory.max", "memory/memory.limit_in_bytes");
  const pids = first("pids.max", "pids/pids.max");
  const [quota, period] = existsSync("/sys/fs/cgroup/cpu.max")
    ? first("cpu.max").split(" ")
    : [first("cpu/cpu.cfs_quota_us"), first("cpu/cpu.cfs_period_us")];
  console.log(JSON.stringify([Number(memory), quota / period, Number(pids)]));
`;

/** A leak as services have them: a little more in each turn of the event loop. */
const FILL_HEAP = `{
  const kept = [];
  const grow = () => { for (let i = 0; i < 200; i += 1) kept.push(new Array(1000).fill(Math.random())); setImmediate(grow); };
  setImmediate(grow);
}`;

const FILL_MEMORY = `{
  const kept = [];
  const grow = () => { kept.push(Buffer.alloc(8 * 2 ** 20, 1)); setImmediate(grow); };
  setImmediate(grow);
}`;

const FORK = `
  const { spawn } = require("node:child_process");
  const children = [];
  const next = () => {
    const child = spawn("sleep", ["60"], { stdio: "ignore" });
    child.once("spawn", () => { children.push(child); next(); });
    child.once("error", ({ code }) => {
      console.log(JSON.stringify({ started: children.length, code }));
      for (const other of children) other.kill("SIGKILL");
    });
  };
  next();
`;

/** Runs what ends the service's process, and resolves when the engine has started it again and it is healthy. */
async function endAndReturn(stack, app, expression) {
  const before = await inspect(app, ".RestartCount");
  const events = await watch(app);
  try {
    await evaluate(app, expression);
    const die = await eventually("it ends", () => events.seen.find(({ Action }) => Action === "die"), 120_000);
    const start = performance.now();
    await eventually("it is started again", async () => (await inspect(app, ".RestartCount")) > before);
    await eventually("it is healthy again", async () => (await inspect(app, ".State.Health.Status")) === "healthy");
    const ms = performance.now() - start;
    same("started again", (await inspect(app, ".RestartCount")) - before, 1);
    same("it answers", (await stack.fetch(stack.read)).status, 200);
    const { exitCode } = die.Actor.Attributes;
    return { died: { exitCode, oom: events.seen.some(({ Action }) => Action === "oom") }, ms };
  } finally {
    events.stop();
  }
}

/** The ends of a container, as they come: the engine itself keeps only its last few events. */
async function watch(container) {
  const filters = [`container=${container}`, "event=die", "event=oom"].flatMap((filter) => ["--filter", filter]);
  const child = spawn("docker", ["events", "--format", "{{json .}}", ...filters], { stdio: ["ignore", "pipe", "inherit"] });
  const seen = [];
  createInterface({ input: child.stdout }).on("line", (line) => seen.push(JSON.parse(line)));
  // It does not say when it is connected. Before the process ends there is always a second and more to fill its memory.
  await once(child, "spawn");
  return { seen, stop: () => child.kill() };
}
