// The health check follows the database, and a dependency that is down restarts nothing.
import { before, describe, test } from "node:test";
import { holds, same } from "./counts.mjs";
import { eventually, inspect } from "./docker.mjs";
import { presets, stackOf } from "./support.mjs";

for (const preset of presets) {
  describe(`${preset}: health`, () => {
    let stack;
    before(async () => {
      stack = await stackOf(preset);
    });

    test("follows the database", async (t) => {
      if (!stack.hasDatabase) {
        same("services that it could wait for", Object.keys((await stack.config()).services), ["app"]);
        return;
      }
      await stack.up();
      t.after(() => stack.down());
      const app = await stack.container();
      const health = () => inspect(app, ".State.Health.Status");
      const { interval, retries } = intervals(await inspect(app, ".Config.Healthcheck"));
      const startedAt = await inspect(app, ".State.StartedAt");
      same("with the database", await health(), "healthy");

      await stack.compose("stop", "database");
      const stopped = performance.now();
      await eventually("not ready", async () => (await stack.fetch({ path: "/readyz" })).status === 503);
      holds(`not ready ${since(stopped)} after the database stopped`, true);
      same("it is alive", (await stack.fetch({ path: "/livez" })).status, 200);
      same("what it says about itself", (await (await stack.fetch({ path: "/health" })).json()).checks.database, { status: "down" });
      // Each probe may take up to its own time limit.
      await eventually("unhealthy", async () => (await health()) === "unhealthy", (retries + 2) * interval);
      holds(`unhealthy ${since(stopped)} after the database stopped (${retries} probes, one in ${interval / 1000} s)`, true);

      await stack.compose("start", "database");
      const started = performance.now();
      await eventually("healthy", async () => (await health()) === "healthy", 60_000);
      holds(`healthy ${since(started)} after the database started`, true);
      same("reads work", (await stack.fetch(stack.read)).status, 200);
      same("it was not restarted", await inspect(app, ".State.StartedAt"), startedAt);
    });
  });
}

function since(start) {
  return `${((performance.now() - start) / 1000).toFixed(1)} s`;
}

/** Durations of the engine are nanoseconds; these are milliseconds. */
function intervals({ Interval, Retries }) {
  return { interval: Interval / 1e6, retries: Retries };
}
