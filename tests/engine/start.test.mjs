// From `new` and one `cp .env.example .env` to a stack that works, and to `npm run dev` beside it.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, test } from "node:test";
import { holds, same } from "./counts.mjs";
import { eventually, run } from "./docker.mjs";
import { presets, stackOf } from "./support.mjs";

for (const preset of presets) {
  describe(`${preset}: start`, () => {
    test("docker compose up --build --wait, and it works", async () => {
      const stack = await stackOf(preset);
      await stack.down();
      const { ms } = await stack.up();
      holds(`healthy after ${Math.round(ms / 1000)} s, with the build`, true);
      await run(`${stack.directory}/deploy/scripts/smoke-test.sh`, [stack.url]);
      holds("the smoke test of the deployment passes", true);
      const written = await stack.fetch(stack.write);
      holds("it takes a write", written.ok, `status ${written.status}`);
      if (stack.hasDatabase) {
        const { notes } = await (await stack.fetch({ path: stack.notes })).json();
        same("what is read back", notes[0].text, "kept");
      }
      await stack.down();
    });

    test("npm run dev, on this machine with the services in the engine", async () => {
      const stack = await stackOf(preset);
      // Its own process group: npm, node --watch and the service are stopped together.
      const dev = spawn("npm", ["run", "dev"], { cwd: stack.directory, detached: true, stdio: ["ignore", "pipe", "pipe"] });
      let log = "";
      for (const stream of [dev.stdout, dev.stderr]) stream.setEncoding("utf8").on("data", (text) => (log += text));
      const exited = once(dev, "exit");
      const ended = exited.then(([code]) => Promise.reject(new Error(`npm run dev ended with ${code}: ${log}`)));
      ended.catch(() => {}); // The test decides whether a later end is wrong.
      try {
        const ready = eventually("npm run dev becomes ready", async () => (await stack.fetch({ path: "/readyz" })).ok, 120_000);
        holds("npm run dev becomes ready", await Promise.race([ready, ended]), log);
      } finally {
        if (dev.exitCode === null) process.kill(-dev.pid, "SIGTERM");
        await exited;
        await stack.down();
      }
    });
  });
}
