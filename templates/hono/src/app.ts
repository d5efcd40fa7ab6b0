import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { cors } from "hono/cors";
import { HTTPException } from "hono/http-exception";
import { secureHeaders } from "hono/secure-headers";
import type { Logger } from "pino";
import { logRequests } from "./access-log.ts";
import { InputError } from "./input.ts";
import type { Health } from "./ops/health.ts";
import { healthRoutes } from "./ops/health-routes.ts";

export interface AppOptions {
  logger: Logger;
  health: Health;
  corsOrigins: readonly string[];
}

/** Larger than any body that a route expects, small enough that many at once fit in memory. */
const BODY_LIMIT_BYTES = 64 * 1024;

/** Everything that all routes share. routes/index.ts adds the routes; a test adds its own, with fakes. */
export function buildApp(options: AppOptions): Hono {
  const app = new Hono();
  app.onError(answerError);
  app.notFound((context) => context.json({ error: "Not found" }, 404));
  app.use(logRequests(options.logger));
  app.use(
    secureHeaders({
      contentSecurityPolicy: {
        defaultSrc: ["'self'"],
        frameAncestors: ["'self'"],
        objectSrc: ["'none'"],
      },
    }),
  );
  if (options.corsOrigins.length > 0) {
    app.use(cors({ origin: allowedOrigins(options.corsOrigins) }));
  }
  app.use(bodyLimit({ maxSize: BODY_LIMIT_BYTES, onError: refuseBody }));
  app.route("/", healthRoutes(options.health));
  return app;
}

/** The cors middleware compares the entries of a list literally: "*" works only on its own. */
function allowedOrigins(origins: readonly string[]): string | string[] {
  return origins.includes("*") ? "*" : [...origins];
}

function refuseBody(): never {
  throw new HTTPException(413, { message: "The body is too large" });
}

/** Says what a client did wrong. What went wrong in here is for the log alone. */
function answerError(error: Error, context: Context): Response {
  if (error instanceof HTTPException && error.res) {
    // Made by a middleware, and more than a message: a challenge to sign in, for example.
    return error.getResponse();
  }
  if (error instanceof InputError || (error instanceof HTTPException && error.status < 500)) {
    return context.json({ error: error.message }, error.status);
  }
  context.get("log").error({ err: error }, "request failed");
  return context.json({ error: "Internal server error" }, 500);
}
