/** Puts the service together and starts it. */
import { buildApp } from "./app.ts";
import { createLogger } from "./logger.ts";
import { loadEnv, orExit } from "./ops/env.ts";
import { Health } from "./ops/health.ts";
import { type Closer, shutDownOnSignals } from "./ops/shutdown.ts";
import { greetingRoutes } from "./routes/greetings.ts";

const env = orExit(loadEnv);
const logger = createLogger(env.LOG_LEVEL);
const health = new Health(logger);
const closers: Closer[] = [];
const app = await buildApp({ logger, health, corsOrigins: env.CORS_ORIGINS });

greetingRoutes(app);

shutDownOnSignals({
  server: app.server,
  health,
  logger,
  delayMs: env.SHUTDOWN_DELAY_MS,
  timeoutMs: env.SHUTDOWN_TIMEOUT_MS,
  stopServing: () => app.close(),
  closers,
});
// All interfaces: in a container the loopback interface is out of reach for everybody else.
await app.listen({ host: "0.0.0.0", port: env.PORT });
