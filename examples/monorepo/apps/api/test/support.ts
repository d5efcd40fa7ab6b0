import type { FastifyInstance } from "fastify";
import { type AppOptions, buildApp } from "../src/app.ts";
import { createLogger } from "../src/logger.ts";
import { Health } from "../src/ops/health.ts";

/** The app without routes of its own and without dependencies. */
export function testApp(options: Partial<AppOptions> = {}): Promise<FastifyInstance> {
  const logger = createLogger("silent");
  return buildApp({ logger, health: new Health(logger), corsOrigins: [], ...options });
}
