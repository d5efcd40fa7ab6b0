// Requests per second that one instance answers on one core, with PostgreSQL and the load on the others.
// Reported, never asserted: `tests/run.sh capacity`. Needs what tests/service/support.mjs names.
import { execFileSync } from "node:child_process";
import { availableParallelism } from "node:os";
import { hasDatabase, postWrite, startDependencies, startService, stopEverything, testModule } from "../service/support.mjs";

const SECONDS = 10;
const CONNECTIONS = 50;
const autocannon = testModule("autocannon");

try {
  const { env } = await startDependencies();
  const service = await startService({ ...env, SHUTDOWN_DELAY_MS: "0" });
  const others = `1-${availableParallelism() - 1}`;
  execFileSync("taskset", ["--all-tasks", "--cpu-list", "--pid", "0", String(service.pid)]);
  execFileSync("taskset", ["--all-tasks", "--cpu-list", "--pid", others, String(process.pid)]);
  await postWrite(service);
  for (const path of hasDatabase ? ["/notes/1", "/livez"] : ["/livez"]) {
    const url = `http://127.0.0.1:${service.port}${path}`;
    const { requests, latency, errors, non2xx } = await autocannon({ url, connections: CONNECTIONS, duration: SECONDS });
    console.log(`${path}: ${Math.round(requests.average)} requests/s, p99 ${latency.p99} ms, ${errors + non2xx} failed`);
  }
} finally {
  await stopEverything();
}
