import type { Logger } from "pino";
import type { Health } from "./ops/health.ts";

/** What routes and pages use. */
export interface Context {
  logger: Logger;
  health: Health;
  corsOrigins: readonly string[];
}

/**
 * Next bundles routes apart from the server, so that each has a copy of this module. What all of them see
 * is one place in the process.
 */
const PLACE: unique symbol = Symbol.for("service.context");

const places = globalThis as { [PLACE]?: Context };

export function provide(context: Context): void {
  places[PLACE] = context;
}

export function context(): Context {
  const given = places[PLACE];
  if (given === undefined) throw new Error("nothing is open: dist/server.js starts the service");
  return given;
}
