import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";
import type { Router } from "express";
import { type AppOptions, buildApp } from "../src/app.ts";
import { createLogger } from "../src/logger.ts";
import { Health } from "../src/ops/health.ts";

type Fetch = (path: string, init?: RequestInit) => Promise<Response>;

/** Serves the app with the routes of a test, without dependencies, until the test ends. */
export async function serve(
  context: Pick<TestContext, "after">,
  addRoutes: (routes: Router) => void = () => {},
  options: Partial<AppOptions> = {},
): Promise<Fetch> {
  const logger = createLogger("silent");
  const { app, routes } = buildApp({
    logger,
    health: new Health(logger),
    corsOrigins: [],
    ...options,
  });
  addRoutes(routes);
  const server = createServer(app).listen(0, "127.0.0.1");
  await once(server, "listening");
  context.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  return (path, init) => fetch(`http://127.0.0.1:${port}${path}`, init);
}

export function post(body: unknown): RequestInit {
  const headers = { "content-type": "application/json" };
  return { method: "POST", headers, body: JSON.stringify(body) };
}
