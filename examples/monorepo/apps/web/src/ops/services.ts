/** What the service talks to: opened when it starts, watched by the health checks, closed after the last request. */
import type { Logger } from "pino";
import type { Env } from "./env.ts";
import type { Health } from "./health.ts";
import type { Closer } from "./shutdown.ts";

export interface Surroundings {
  env: Env;
  health: Health;
  logger: Logger;
}

export interface Services {
  /** In the order in which they are closed. */
  closers: readonly Closer[];
}

/** None so far. */
export async function openServices(_given: Surroundings): Promise<Services> {
  return { closers: [] };
}
