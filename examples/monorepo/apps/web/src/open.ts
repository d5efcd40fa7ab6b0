import { provide } from "./context.ts";
import { createLogger } from "./logger.ts";
import { type Env, loadEnv, orExit } from "./ops/env.ts";
import { Health } from "./ops/health.ts";
import { openServices, type Services } from "./ops/services.ts";

export interface Opened {
  env: Env;
  health: Health;
  logger: ReturnType<typeof createLogger>;
  services: Services;
}

/** Opens what routes and pages use, and hands it to them. */
export async function open(): Promise<Opened> {
  const env = orExit(loadEnv);
  const logger = createLogger(env.LOG_LEVEL);
  const health = new Health(logger);
  const services = await openServices({ env, health, logger });
  provide({ logger, health, corsOrigins: env.CORS_ORIGINS });
  return { env, health, logger, services };
}
