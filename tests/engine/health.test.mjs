// The health check follows the database, and a dependency that is down restarts nothing.
import { describe, test } from "node:test";
import { holds, same } from "./counts.mjs";
import { eventually, inspect } from "./docker.mjs";
import { presets, stackOf } from "./support.mjs";

/** Almost all of the time here is waiting, so the presets wait together. */
describe("health", { concurrency: true }, () => {
  for (const preset of presets) test(`${preset}: follows the database`, () => followTheDatabase(preset));
});

async function followTheDatabase(preset) {
  const stack = await stackOf(preset);
  if (!stack.hasDatabase) {
    same(`${preset}: services that it could wait for`, Object.keys((await stack.config()).services), ["app"]);
    return;
  }
  await stack.up();
  const app = await stack.container();
  const health = () => inspect(app, ".State.Health.Status");
  const { interval, retries } = intervals(await inspect(app, ".Config.Healthcheck"));
  const startedAt = await inspect(app, ".State.StartedAt");
  same(`${preset}: with the database`, await health(), "healthy");

  await stack.compose("stop", "database");
  const stopped = performance.now();
  await eventually("not ready", async () => (await stack.fetch({ path: "/readyz" })).status === 503);
  holds(`${preset}: not ready ${since(stopped)} after the database stopped`, true);
  same(`${preset}: it is alive`, (await stack.fetch({ path: "/livez" })).status, 200);
  same(`${preset}: what it says about the database`, (await (await stack.fetch({ path: "/health" })).json()).checks.database, { status: "down" });
  // The first probe may come a whole interval later, and each takes a while.
  await eventually("unhealthy", async () => (await health()) === "unhealthy", (retries + 2) * interval);
  holds(`${preset}: unhealthy ${since(stopped)} after the database stopped (${retries} probes, one in ${interval / 1000} s)`, true);

  await stack.compose("start", "database");
  const started = performance.now();
  await eventually("healthy", async () => (await health()) === "healthy", 60_000);
  holds(`${preset}: healthy ${since(started)} after the database started`, true);
  same(`${preset}: reads work`, (await stack.fetch(stack.read)).status, 200);
  same(`${preset}: it was not restarted`, await inspect(app, ".State.StartedAt"), startedAt);
}

function since(start) {
  return `${((performance.now() - start) / 1000).toFixed(1)} s`;
}

/** Durations of the engine are nanoseconds; these are milliseconds. */
function intervals({ Interval, Retries }) {
  return { interval: Interval / 1e6, retries: Retries };
}
