/** Puts the service together and starts it. */
import { buildApp } from "./app.ts";
import { openDatabase } from "./database.ts";
import { createLogger } from "./logger.ts";
import { loadEnv, orExit } from "./ops/env.ts";
import { Health } from "./ops/health.ts";
import { type Closer, shutDownOnSignals } from "./ops/shutdown.ts";
import { limitWrites } from "./rate-limit.ts";
import { closeRedis, openRedis } from "./redis.ts";
import { noteRoutes } from "./routes/notes.ts";
import { noteStore } from "./store/notes.ts";

const env = orExit(loadEnv);
const logger = createLogger(env.LOG_LEVEL);
const health = new Health(logger);
const closers: Closer[] = [];
const app = await buildApp({ logger, health, corsOrigins: env.CORS_ORIGINS });

const redis = openRedis(env.REDIS_URL, logger);
// Not required: without Redis nothing is limited, and everything else works.
health.watch({ name: "redis", required: false, ping: () => redis.ping() });
closers.push({ name: "redis", close: () => closeRedis(redis) });
await limitWrites(app, redis);

const database = openDatabase(env.DATABASE_URL, env.DATABASE_POOL_MAX, logger);
health.watch({ name: "database", required: true, ping: database.ping });
closers.push({ name: "database", close: database.close });
noteRoutes(app, noteStore(database.pool));

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
