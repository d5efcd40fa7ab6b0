/** Puts the service together and starts it. */
import { AppModule } from "./app.module.ts";
import { buildApp } from "./app.ts";
import { createLogger } from "./logger.ts";
import { setTimeouts } from "./ops/connections.ts";
import { loadEnv, orExit } from "./ops/env.ts";
import { Health } from "./ops/health.ts";
import { ServicesModule } from "./ops/services.module.ts";
import { openServices } from "./ops/services.ts";
import { shutDownOnSignals } from "./ops/shutdown.ts";

const env = orExit(loadEnv);
const logger = createLogger(env.LOG_LEVEL);
const health = new Health(logger);
const services = await openServices({ env, health, logger });
const app = await buildApp({
  logger,
  health,
  corsOrigins: env.CORS_ORIGINS,
  imports: [ServicesModule.forRoot(services), AppModule],
});

const server = app.getHttpServer();
setTimeouts(server);
// Instead of enableShutdownHooks(), which stops listening at the signal: load balancers need time to notice.
shutDownOnSignals({
  server,
  health,
  logger,
  delayMs: env.SHUTDOWN_DELAY_MS,
  timeoutMs: env.SHUTDOWN_TIMEOUT_MS,
  // Runs Nest's hooks: onModuleDestroy while requests still run, onApplicationShutdown after the last.
  stopServing: () => app.close(),
  closers: services.closers,
});
// All interfaces: in a container the loopback interface is out of reach for everybody else.
await app.listen(env.PORT, "0.0.0.0");
logger.info({ port: env.PORT }, "listening");
