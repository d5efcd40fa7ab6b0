import cors from "@fastify/cors";
import helmet from "@fastify/helmet";
import fastify, {
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from "fastify";
import { setTimeouts } from "./ops/connections.ts";
import type { Health } from "./ops/health.ts";
import { healthRoutes } from "./ops/health-routes.ts";
import { trustedProxies } from "./ops/proxies.ts";

export interface AppOptions {
  logger: FastifyBaseLogger;
  health: Health;
  corsOrigins: readonly string[];
}

/** Larger than any body that a route expects, small enough that many at once fit in memory. */
const BODY_LIMIT_BYTES = 64 * 1024;

/** Everything that all routes share. routes/index.ts adds the routes; a test adds its own, with fakes. */
export async function buildApp(options: AppOptions): Promise<FastifyInstance> {
  const app = fastify({
    loggerInstance: options.logger,
    bodyLimit: BODY_LIMIT_BYTES,
    trustProxy: trustedProxies,
    // While closing, requests on open connections are still served: the client may not repeat them.
    return503OnClosing: false,
    // One line per request, below, instead of two.
    logController: new LogController({ disableRequestLogging: true }),
    // An unknown property is a mistake to report, not to drop in silence.
    ajv: { customOptions: { removeAdditional: false } },
  });
  setTimeouts(app.server);
  app.setErrorHandler<FastifyError>(answerError);
  app.setNotFoundHandler((_request, reply) => reply.code(404).send({ error: "Not found" }));
  app.addHook("onResponse", async (request, reply) => {
    request.log.info({ req: request, res: reply, ms: reply.elapsedTime }, "request completed");
  });

  await app.register(helmet);
  if (options.corsOrigins.length > 0) {
    await app.register(cors, { origin: allowedOrigins(options.corsOrigins) });
  }
  healthRoutes(app, options.health);
  return app;
}

/** The cors plugin compares the entries of a list literally: "*" works only on its own. */
function allowedOrigins(origins: readonly string[]): string | string[] {
  return origins.includes("*") ? "*" : [...origins];
}

/** Says what a client did wrong. What went wrong in here is for the log alone. */
function answerError(error: FastifyError, request: FastifyRequest, reply: FastifyReply) {
  const { statusCode = 500, message } = error;
  if (statusCode >= 400 && statusCode < 500) {
    return reply.code(statusCode).send({ error: message });
  }
  request.log.error({ err: error }, "request failed");
  return reply.code(500).send({ error: "Internal server error" });
}
