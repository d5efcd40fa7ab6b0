import { type Context, provide } from "../src/context.ts";
import { createLogger } from "../src/logger.ts";
import { Health } from "../src/ops/health.ts";

/** Takes the place of what the server opens. */
export function provideFakes(context: Partial<Context> = {}): void {
  const logger = createLogger("silent");
  provide({
    logger,
    health: new Health(logger),
    corsOrigins: [],
    ...context,
  });
}

export function get(path: string): Request {
  return new Request(`http://service.test${path}`);
}

export function post(path: string, body: unknown): Request {
  const headers = { "content-type": "application/json" };
  const init = { method: "POST", headers, body: JSON.stringify(body) };
  return new Request(`http://service.test${path}`, init);
}
