import type { Hono } from "hono";
import { type AppOptions, buildApp } from "../src/app.ts";
import { createLogger } from "../src/logger.ts";
import { Health } from "../src/ops/health.ts";

/** The app without routes of its own and without dependencies. */
export function testApp(options: Partial<AppOptions> = {}): Hono {
  const logger = createLogger("silent");
  return buildApp({ logger, health: new Health(logger), corsOrigins: [], ...options });
}

/** What the server adds to a request: the connection that it came on, here one from a proxy. */
const bindings = { incoming: { socket: { remoteAddress: "10.0.0.1" } } };

export async function send(app: Hono, path: string, init?: RequestInit): Promise<Response> {
  return app.request(path, init, bindings);
}

export function post(body: unknown): RequestInit {
  const headers = { "content-type": "application/json" };
  return { method: "POST", headers, body: JSON.stringify(body) };
}
