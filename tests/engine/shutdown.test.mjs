// `docker stop`: under load no request on an open connection fails; what hangs ends at its limit.
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import net from "node:net";
import path from "node:path";
import { describe, test } from "node:test";
import { holds, same } from "./counts.mjs";
import { docker, eventually, inspect, sleep } from "./docker.mjs";
import { evaluate } from "./inspector.mjs";
import { startLoad } from "./load.mjs";
import { presets, stackOf } from "./support.mjs";

const CLIENTS = 20;

/** A machine that is busy may be this late. */
const LATE_MS = 8000;

/** How long `docker stop` takes, and what is left of the container. */
async function stop(container) {
  const start = performance.now();
  await docker("stop", container);
  const ms = Math.round(performance.now() - start);
  const { ExitCode: exitCode, OOMKilled: oom } = await inspect(container, ".State");
  return { ms, exitCode, oom };
}

for (const preset of presets) {
  describe(`${preset}: shutdown`, () => {
    test("under load: no request on an open connection fails", async () => {
      const stack = (await stackOf(preset)).copy();
      // As in production. On a developer's machine the delay is 0, so that a stop is quick; it takes the time away in
      // which clients learn that their connection closes.
      writeFileSync(path.join(stack.directory, ".env"), stack.file(".env").replace(/^SHUTDOWN_DELAY_MS=.*$/m, ""));
      await stack.up();
      const load = startLoad({ port: stack.port, clients: CLIENTS, request: () => (stack.hasDatabase ? stack.read : stack.write) });
      await sleep(3000);
      load.stopConnecting();
      const stopped = await stop(await stack.container());
      const { sent, answered, failed, failures, longestMs } = await load.stop();
      console.log(`  ${sent} requests on ${CLIENTS} connections, ${answered} answered, the slowest in ${Math.round(longestMs)} ms`);
      same("requests failed", [failed, failures], [0, []]);
      holds("there was load", answered > 5 * CLIENTS);
      same("exit code", stopped.exitCode, 0);
      holds(`stopped after ${stopped.ms} ms`, stopped.ms < graceOf(await stack.config()));
    });
  });
}

function graceOf(config) {
  return 1000 * Number(/^(\d+)s$/.exec(config.services.app.stop_grace_period)[1]);
}

/** Almost all of the time here is waiting, so the presets wait together. */
describe("shutdown of what hangs", { concurrency: true }, () => {
  for (const preset of presets) {
    test(`${preset}: a hung request ends at the hard limit, a hung process at the grace period`, async () => {
      const stack = await stackOf(preset);
      await stack.up();
      const grace = graceOf(await stack.config());
      const limit = Number(/SHUTDOWN_TIMEOUT_MS: .*default\((\d+)\)/.exec(stack.file("src/ops/env.ts"))[1]);
      const app = await stack.container();
      same(`${preset}: the grace period, in the engine`, (await inspect(app, ".Config.StopTimeout")) * 1000, grace);
      const second = await stack.compose("run", "--detach", "--no-deps", "app");
      try {
        await hang(second);
        const socket = await startRequest(stack.port);
        const [request, process] = await Promise.all([stop(app), stop(second)]);
        socket.destroy();
        same(`${preset}: hung request, exit code`, request.exitCode, 1);
        holds(`${preset}: hung request, ended after ${request.ms} ms, limit ${limit}`, request.ms >= limit - 100 && request.ms < Math.min(limit + LATE_MS, grace));
        same(`${preset}: hung process, exit code`, process.exitCode, 137);
        holds(`${preset}: hung process, killed after ${process.ms} ms, grace period ${grace}`, process.ms >= grace - 100 && process.ms < grace + LATE_MS);
      } finally {
        await docker("rm", "--force", second);
      }
    });
  }
});

/** Blocks the event loop of the service: it handles no signal any more. */
async function hang(container) {
  await eventually("the second process serves", async () => /Server listening/.test(await docker("logs", container)));
  await evaluate(container, "setTimeout(() => { for (;;); }, 200); 1");
  await sleep(1000);
}

/** Sends the head of a request and never its body. */
async function startRequest(port) {
  const socket = net.connect(port, "127.0.0.1");
  socket.on("error", () => {});
  await once(socket, "connect");
  socket.write("POST /notes HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 20\r\n\r\n{");
  await sleep(500);
  return socket;
}
