/**
 * How a worker, which listens on no port, shows that it is well: it writes a file again and again. worker-probe.ts reads
 * it, in a process of its own.
 */
import { readFileSync, statSync } from "node:fs";
import { rename, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Health, isReady, type Report } from "./health.ts";

const NAME = "shop-api-worker.heartbeat";

export const HEARTBEAT_FILE = join(tmpdir(), NAME);

const BEAT_MS = 5 * 1000;

/** An event loop that is stuck for this long has lost its jobs to other workers. */
const STUCK_MS = 30 * 1000;

interface HeartbeatLogger {
  error: (fields: object, message: string) => void;
}

/** Beats until the process ends, also while it shuts down. */
export async function beat(
  health: Health,
  logger: HeartbeatLogger,
  file = HEARTBEAT_FILE,
): Promise<never> {
  for (;;) {
    try {
      // Beside its place and then moved: whoever reads it finds it whole.
      await writeFile(`${file}.new`, JSON.stringify(await health.report()));
      await rename(`${file}.new`, file);
    } catch (err) {
      logger.error({ err, file }, "no heartbeat");
    }
    await sleep(BEAT_MS);
  }
}

/**
 * What is wrong with the worker, or nothing. By itself that is whether the worker is stuck: a restart would mend it.
 * `ready` also asks whether it can do its work: a restart would not mend that.
 */
export function findProblem(ready: boolean, file = HEARTBEAT_FILE): string | undefined {
  try {
    const age = Date.now() - statSync(file).mtimeMs;
    if (age > STUCK_MS) return `the last heartbeat is ${Math.round(age / 1000)} s old`;
    const report = JSON.parse(readFileSync(file, "utf8")) as Report;
    return ready && !isReady(report) ? `not ready: ${JSON.stringify(report)}` : undefined;
  } catch (error) {
    return `no heartbeat: ${error}`;
  }
}
