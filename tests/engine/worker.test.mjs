// Background jobs: both images from one Dockerfile, a job from the request to its result, and a worker that is stopped, hangs
// and is cut off from Redis.
import { describe, test } from "node:test";
import { count, holds, same } from "./counts.mjs";
import { docker, eventually, inspect, sleep } from "./docker.mjs";
import { evaluate } from "./inspector.mjs";
import { stackOf } from "./support.mjs";

const PRESET = "saas";
const JOBS = 60;

async function order(stack, text) {
  const response = await stack.fetch({ method: "POST", path: "/reports", body: JSON.stringify({ text }) });
  return { status: response.status, ...(await response.json()) };
}

async function state(stack, id) {
  return (await (await stack.fetch({ path: `/reports/${id}` })).json()).state;
}

function allDone(stack, ids, limitMs) {
  return eventually(
    "all jobs are done",
    async () => (await Promise.all(ids.map((id) => state(stack, id)))).every((it) => it === "done"),
    limitMs,
  );
}

describe(PRESET, () => {
  test("both images share their layers, and each has its own command and check", async () => {
    const stack = await stackOf(PRESET);
    await stack.up();
    count({ images_built: 1 });
    const service = await inspect(stack.image, ".");
    const worker = await inspect(`${stack.name}-worker:local`, ".");
    same("layers", worker.RootFS.Layers, service.RootFS.Layers);
    same("command of the worker", [worker.Config.Entrypoint, worker.Config.Cmd], [["node"], ["dist/worker.js"]]);
    same("check of the worker", worker.Config.Healthcheck.Test, ["CMD", "node", "dist/ops/worker-probe.js", "ready"]);
    same("user of the worker", worker.Config.User, service.Config.User);
    same("ports of the worker", worker.Config.ExposedPorts ?? null, null);
    const limits = (await stack.config()).services.worker;
    const container = await inspect(await stack.container("worker"), ".HostConfig");
    same("memory limit, in the engine", String(container.Memory), limits.deploy.resources.limits.memory);
    same("root file system is read-only", container.ReadonlyRootfs, true);
  });

  test("a job goes from the request to its result", async () => {
    const stack = await stackOf(PRESET);
    await stack.up();
    await stack.fetch({ method: "POST", path: "/notes", body: '{"text":"a whale"}' });
    const { status, id } = await order(stack, "whale");
    same("the order", status, 202);
    await allDone(stack, [id]);
    const { report } = await (await stack.fetch({ path: `/reports/${id}` })).json();
    holds(`the report: ${JSON.stringify(report)}`, report.notes >= 1);
  });

  test("stopped under jobs: exit 0, and none is lost", async () => {
    const stack = await stackOf(PRESET);
    await stack.up();
    const ordered = await Promise.all(Array.from({ length: JOBS }, (_, index) => order(stack, `text ${index}`)));
    const ids = ordered.map(({ id }) => id);
    const worker = await stack.container("worker");
    await docker("stop", worker);
    same("exit code", (await inspect(worker, ".State")).ExitCode, 0);
    await docker("start", worker);
    // Other files build images beside this one.
    await allDone(stack, ids, 240_000);
    holds(`${JOBS} of ${JOBS} jobs are done`, true);
  });

  test("Redis starts again: the jobs are still there, and the worker was not restarted", async () => {
    const stack = await stackOf(PRESET);
    await stack.up();
    const worker = await stack.container("worker");
    const startedAt = await inspect(worker, ".State.StartedAt");
    await docker("pause", worker);
    const { id } = await order(stack, "kept");
    await sleep(1500); // The log of writes goes to the disk every second.
    const redis = await stack.container("redis");
    await docker("kill", redis);
    await docker("start", redis);
    await docker("unpause", worker);
    await eventually("the service asks Redis again", async () => (await state(stack, id)) !== "unavailable");
    await allDone(stack, [id], 90_000);
    await eventually("healthy again", async () => (await inspect(worker, ".State.Health.Status")) === "healthy", 90_000);
    same("the worker was not restarted", await inspect(worker, ".State.StartedAt"), startedAt);
  });

  test("a hung event loop: unhealthy, and killed at the grace period", async () => {
    const stack = await stackOf(PRESET);
    await stack.up();
    const worker = await stack.container("worker");
    const health = () => inspect(worker, ".State.Health.Status");
    await eventually("healthy", async () => (await health()) === "healthy");
    const limit = 1000 * Number(/STUCK_MS = (\d+) \* 1000/.exec(stack.file("src/ops/heartbeat.ts"))[1]);
    await evaluate(worker, "setTimeout(() => { for (;;); }, 200); 1");
    const hung = performance.now();
    // Three checks in a row, each with a node of its own.
    await eventually("unhealthy", async () => (await health()) === "unhealthy", limit + 120_000);
    const seconds = Math.round((performance.now() - hung) / 1000);
    holds(`unhealthy ${seconds} s after it hung, limit ${limit / 1000} s`, seconds * 1000 > limit - 6000);
    const grace = 1000 * Number(/^(\d+)s$/.exec((await stack.config()).services.worker.stop_grace_period)[1]);
    same("the grace period, in the engine", (await inspect(worker, ".Config.StopTimeout")) * 1000, grace);
    const start = performance.now();
    await docker("stop", worker);
    const ms = Math.round(performance.now() - start);
    same("exit code", (await inspect(worker, ".State")).ExitCode, 137);
    holds(`killed after ${ms} ms, grace period ${grace}`, ms >= grace - 100 && ms < grace + 8000);
  });
});
