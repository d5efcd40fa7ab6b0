import cors from "cors";
import express, {
  type ErrorRequestHandler,
  type Express,
  json,
  type RequestHandler,
  Router,
} from "express";
import helmet from "helmet";
import type { Logger } from "pino";
import { logRequests } from "./access-log.ts";
import type { Health } from "./ops/health.ts";
import { healthRoutes } from "./ops/health-routes.ts";
import { trustedProxies } from "./ops/proxies.ts";

export interface AppOptions {
  logger: Logger;
  health: Health;
  corsOrigins: readonly string[];
}

export interface App {
  app: Express;
  /** Takes the routes. It stands before the handlers of what no route answers, whenever a route is added. */
  routes: Router;
}

/** Larger than any body that a route expects, small enough that many at once fit in memory. */
const BODY_LIMIT_BYTES = 64 * 1024;

/** Everything that all routes share. routes/index.ts adds the routes; a test adds its own, with fakes. */
export function buildApp(options: AppOptions): App {
  const app = express();
  const routes = Router();
  app.set("trust proxy", trustedProxies);
  app.use(logRequests(options.logger));
  app.use(helmet());
  if (options.corsOrigins.length > 0) {
    app.use(cors({ origin: allowedOrigins(options.corsOrigins) }));
  }
  app.use(healthRoutes(options.health));
  app.use(json({ limit: BODY_LIMIT_BYTES }));
  app.use(routes);
  app.use(answerNotFound);
  app.use(answerError);
  return { app, routes };
}

/** The cors middleware compares the entries of a list literally: "*" works only on its own. */
function allowedOrigins(origins: readonly string[]): string | string[] {
  return origins.includes("*") ? "*" : [...origins];
}

const answerNotFound: RequestHandler = (_request, response) => {
  response.status(404).json({ error: "Not found" });
};

/** Says what a client did wrong. What went wrong in here is for the log alone. */
const answerError: ErrorRequestHandler = (error, request, response, next) => {
  const { status = 500, message } = Object(error) as { status?: number; message?: string };
  if (status >= 400 && status < 500 && !response.headersSent) {
    response.status(status).json({ error: message });
    return;
  }
  request.log.error({ err: error }, "request failed");
  if (response.headersSent) {
    // Half an answer is out: closing the connection is how the client learns that the rest is missing.
    next(error);
    return;
  }
  response.status(500).json({ error: "Internal server error" });
};
