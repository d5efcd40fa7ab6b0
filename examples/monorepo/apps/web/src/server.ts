/** Opens what the service uses, and starts the server that `next build` made. */
import { once } from "node:events";
import { logRequests } from "./access-log.ts";
import { open } from "./open.ts";
import { setTimeouts } from "./ops/connections.ts";
import { startNext } from "./ops/next-server.ts";
import { shutDownOnSignals } from "./ops/shutdown.ts";

const { env, health, logger, services } = await open();

await startNext(env.PORT, (server) => {
  setTimeouts(server);
  logRequests(server, logger);
  shutDownOnSignals({
    server,
    health,
    logger,
    delayMs: env.SHUTDOWN_DELAY_MS,
    timeoutMs: env.SHUTDOWN_TIMEOUT_MS,
    stopServing: () => once(server.close(), "close"),
    closers: services.closers,
  });
  server.once("listening", () => logger.info({ port: env.PORT }, "listening"));
});
