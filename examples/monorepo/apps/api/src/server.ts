/** Puts the service together and starts it. */
import { buildApp } from "./app.ts";
import { createLogger } from "./logger.ts";
import { loadEnv, orExit } from "./ops/env.ts";
import { Health } from "./ops/health.ts";
import { openServices } from "./ops/services.ts";
import { shutDownOnSignals } from "./ops/shutdown.ts";
import { addRoutes } from "./routes/index.ts";

const env = orExit(loadEnv);
const logger = createLogger(env.LOG_LEVEL);
const health = new Health(logger);
const app = await buildApp({ logger, health, corsOrigins: env.CORS_ORIGINS });
const services = await openServices({ app, env, health, logger });
addRoutes(app, services);

shutDownOnSignals({
  server: app.server,
  health,
  logger,
  delayMs: env.SHUTDOWN_DELAY_MS,
  timeoutMs: env.SHUTDOWN_TIMEOUT_MS,
  stopServing: () => app.close(),
  closers: services.closers,
});
// All interfaces: in a container the loopback interface is out of reach for everybody else.
await app.listen({ host: "0.0.0.0", port: env.PORT });
