/** Takes jobs from the queue and runs them. */
import { type Job, Worker } from "bullmq";
import type { Redis } from "ioredis";
import type { Logger } from "pino";
import { QUEUE } from "./queue.ts";

/**
 * Runs one attempt of a job. It may run again, from the start, after an error or because its worker was lost: twice has
 * to do no more than once. `signal` says when its time is over.
 */
export type Handler = (data: unknown, signal: AbortSignal) => Promise<unknown>;

/** By the name of the job. */
export type Handlers = Readonly<Record<string, Handler>>;

export interface WorkPlan {
  redis: Redis;
  handlers: Handlers;
  /** Jobs at once. */
  concurrency: number;
  logger: Logger;
  queue?: string;
}

/** An attempt may take this long. Shorter than a shutdown, which waits for the jobs that run. */
const JOB_MS = 20 * 1000;

/**
 * A job whose worker is lost is free for another one after this time. A worker renews it while its event loop turns.
 * Longer than a shutdown, so that no second worker starts a job that the first one is about to finish.
 */
const LOCK_MS = 30 * 1000;

/** A job that loses more workers than this is what ends them. */
const MAX_STALLED = 2;

export function startWorker(plan: WorkPlan): Worker {
  const { redis, handlers, concurrency, logger, queue = QUEUE } = plan;
  // BullMQ hands over the signal to a function of three parameters.
  const run = (job: Job, _token?: string, signal?: AbortSignal) => runJob(handlers, job, signal);
  const worker = new Worker(queue, run, {
    connection: redis,
    concurrency,
    lockDuration: LOCK_MS,
    stalledInterval: LOCK_MS,
    maxStalledCount: MAX_STALLED,
  });
  logJobs(worker, logger);
  return worker;
}

/** A handler that ignores its signal must not hold its place for ever, so the attempt fails without it. */
export async function runJob(
  handlers: Handlers,
  job: Pick<Job, "name" | "data">,
  stop?: AbortSignal,
  limitMs = JOB_MS,
): Promise<unknown> {
  const handler = handlers[job.name];
  // An error like any other: the next attempt may meet a newer worker that knows this job.
  if (handler === undefined) throw new Error(`no handler for jobs named ${job.name}`);
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(new Error(`not done within ${limitMs} ms`)), limitMs);
  const signal = stop ? AbortSignal.any([stop, limit.signal]) : limit.signal;
  try {
    return await Promise.race([handler(job.data, signal), aborted(signal)]);
  } finally {
    clearTimeout(timer);
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

/** Ids and names only: what is in a job may be nobody else's business. */
function logJobs(worker: Worker, logger: Logger): void {
  const about = ({ id, name, attemptsMade }: Job) => ({ job: id, name, attempt: attemptsMade });
  worker.on("completed", (job) => {
    const ms = (job.finishedOn ?? 0) - (job.processedOn ?? 0);
    logger.info({ ...about(job), ms }, "job done");
  });
  worker.on("failed", (job, err) => {
    const again = job !== undefined && job.finishedOn === undefined;
    const fields = { ...(job && about(job)), err };
    if (again) logger.warn(fields, "attempt failed, another one follows");
    else logger.error(fields, "job failed for good");
  });
  worker.on("stalled", (id) => logger.warn({ job: id }, "its worker was lost, starts again"));
  // The connection tells of an outage itself; this is for what is not one.
  worker.on("error", (err) => logger.debug({ err }, "worker"));
}
