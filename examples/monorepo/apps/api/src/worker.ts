/** Puts the worker together and starts it: the process that runs background jobs. */
import { handlersOf } from "./jobs/index.ts";
import { createLogger } from "./logger.ts";
import { loadEnv, orExit } from "./ops/env.ts";
import { Health } from "./ops/health.ts";
import { beat } from "./ops/heartbeat.ts";
import { closeInOrder, endOnSignals } from "./ops/shutdown.ts";
import { startWorker } from "./ops/work.ts";
import { openWorkerServices } from "./ops/worker-services.ts";

const env = orExit(loadEnv);
const logger = createLogger(env.LOG_LEVEL);
const health = new Health(logger);
const services = openWorkerServices(env, health, logger);
const worker = startWorker({
  redis: services.redis,
  handlers: handlersOf(services),
  concurrency: env.WORKER_CONCURRENCY,
  logger,
});

endOnSignals({ logger, timeoutMs: env.SHUTDOWN_TIMEOUT_MS }, async () => {
  health.beginShutdown();
  // Takes no more jobs and waits for those that run. What the limit cuts short, another worker starts again.
  const jobs = { name: "jobs", close: () => worker.close() };
  const clean = await closeInOrder(logger, [jobs, ...services.closers]);
  logger.info({ clean }, "shut down");
  return clean;
});
logger.info({ concurrency: env.WORKER_CONCURRENCY }, "taking jobs");
await beat(health, logger);
