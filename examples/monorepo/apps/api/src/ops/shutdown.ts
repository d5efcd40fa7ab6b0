/** Stops the service without failing a request: once, in order, and within a hard limit. */
import type { Server } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { Connections } from "./connections.ts";
import type { Health } from "./health.ts";

export interface Closer {
  name: string;
  close: () => Promise<unknown>;
}

interface ShutdownLogger {
  info: (fields: object, message: string) => void;
  error: (fields: object, message: string) => void;
  fatal: (fields: object, message: string) => void;
}

export interface EndPlan {
  logger: ShutdownLogger;
  /** Counted from the signal. Below the platform's own limit, after which it kills the process. */
  timeoutMs: number;
}

export interface ShutdownPlan extends EndPlan {
  server: Server;
  health: Health;
  /** Load balancers need this long to see that the service is not ready. */
  delayMs: number;
  /** Stops listening and waits for the requests that are running. */
  stopServing: () => Promise<unknown>;
  /** What requests use, closed after the last of them and in this order: workers, queues, Redis, database. */
  closers: readonly Closer[];
}

/** How often connections that have become idle are closed while the last requests finish. */
const SWEEP_MS = 100;

/** Call it before the server listens: it has to see every connection. */
export function shutDownOnSignals(plan: ShutdownPlan): void {
  const connections = new Connections(plan.server);
  endOnSignals(plan, () => shutDown(plan, connections));
}

/** Ends the process once and within the limit, also where it is in an unknown state. `shutDown` resolves to whether all went well. */
export function endOnSignals(plan: EndPlan, shutDown: () => Promise<boolean>): void {
  let stopping = false;

  const stop = (reason: string, exitCode: number) => {
    if (stopping) {
      plan.logger.fatal({ reason }, "interrupted while shutting down");
      process.exit(1);
    }
    stopping = true;
    plan.logger.info({ reason }, "shutting down");
    setTimeout(() => {
      plan.logger.fatal({ timeoutMs: plan.timeoutMs }, "shutdown took too long");
      process.exit(1);
    }, plan.timeoutMs);
    void shutDown().then((clean) => process.exit(clean ? exitCode : 1));
  };

  process.on("SIGTERM", () => stop("SIGTERM", 0));
  process.on("SIGINT", () => stop("SIGINT", 0));
  // After either of these the process is in an unknown state: it ends, but its requests need not.
  process.on("uncaughtException", (err) => {
    plan.logger.fatal({ err }, "uncaught exception");
    stop("uncaughtException", 1);
  });
  process.on("unhandledRejection", (err) => {
    plan.logger.fatal({ err }, "unhandled rejection");
    stop("unhandledRejection", 1);
  });
}

/** Resolves to whether everything closed without an error. */
export async function shutDown(plan: ShutdownPlan, connections: Connections): Promise<boolean> {
  plan.health.beginShutdown();
  connections.announceClose();
  await sleep(plan.delayMs);

  const sweep = setInterval(() => {
    if (!plan.server.listening) connections.closeIdle();
  }, SWEEP_MS);
  const server = { name: "http server", close: plan.stopServing };
  const served = await closeInOrder(plan.logger, [server]);
  clearInterval(sweep);

  const closed = await closeInOrder(plan.logger, plan.closers);
  const clean = served && closed;
  plan.logger.info({ clean }, "shut down");
  return clean;
}

/** One that fails must not keep the others open. Resolves to whether none did. */
export async function closeInOrder(
  logger: ShutdownLogger,
  closers: readonly Closer[],
): Promise<boolean> {
  let clean = true;
  for (const { name, close } of closers) {
    try {
      await close();
    } catch (err) {
      logger.error({ err, closer: name }, "could not close");
      clean = false;
    }
  }
  return clean;
}
