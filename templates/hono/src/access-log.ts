import { randomUUID } from "node:crypto";
import type { MiddlewareHandler } from "hono";
import type { Logger } from "pino";
import { clientAddress } from "./ops/client-address.ts";

declare module "hono" {
  interface ContextVariableMap {
    /** Its lines carry the id of the request. */
    log: Logger;
  }
}

/** Probes arrive every few seconds: logging them would bury everything else. */
const QUIET: ReadonlySet<string> = new Set(["/livez", "/readyz", "/health"]);

/** One line per request, when its answer is ready. */
export function logRequests(logger: Logger): MiddlewareHandler {
  return async (context, next) => {
    const log = logger.child({ reqId: randomUUID() });
    context.set("log", log);
    const { method, path, url } = context.req;
    if (QUIET.has(path)) return next();

    const start = performance.now();
    await next();
    const req = {
      method,
      url: path + new URL(url).search,
      host: context.req.header("host"),
      remoteAddress: clientAddress(context),
    };
    const res = { statusCode: context.res.status };
    log.info({ req, res, ms: performance.now() - start }, "request completed");
  };
}
