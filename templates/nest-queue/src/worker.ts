/** Puts the worker together and starts it: the process that runs background jobs. */
import { NestFactory } from "@nestjs/core";
import { HANDLERS, JobsModule } from "./jobs/jobs.module.ts";
import { createLogger } from "./logger.ts";
import { NestLogger } from "./nest-logger.ts";
import { loadEnv, orExit } from "./ops/env.ts";
import { Health } from "./ops/health.ts";
import { beat } from "./ops/heartbeat.ts";
import { closeInOrder, endOnSignals } from "./ops/shutdown.ts";
import { type Handlers, startWorker } from "./ops/work.ts";
import { openWorkerServices } from "./ops/worker-services.ts";

const env = orExit(loadEnv);
const logger = createLogger(env.LOG_LEVEL);
const health = new Health(logger);
const services = openWorkerServices(env, health, logger);
// Providers without a server: nothing listens.
const app = await NestFactory.createApplicationContext(JobsModule.forRoot(services), {
  logger: new NestLogger(logger),
  // What fails here is for this process to handle: Nest would end it without a line in the log.
  abortOnError: false,
});
const worker = startWorker({
  redis: services.redis,
  handlers: app.get<Handlers>(HANDLERS),
  concurrency: env.WORKER_CONCURRENCY,
  logger,
});

endOnSignals({ logger, timeoutMs: env.SHUTDOWN_TIMEOUT_MS }, async () => {
  health.beginShutdown();
  // Takes no more jobs and waits for those that run. What the limit cuts short, another worker starts again.
  const jobs = { name: "jobs", close: () => worker.close() };
  // Runs Nest's hooks, which find everything still open.
  const context = { name: "application context", close: () => app.close() };
  const clean = await closeInOrder(logger, [jobs, context, ...services.closers]);
  logger.info({ clean }, "shut down");
  return clean;
});
logger.info({ concurrency: env.WORKER_CONCURRENCY }, "taking jobs");
await beat(health, logger);
