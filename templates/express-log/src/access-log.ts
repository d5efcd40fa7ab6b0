import { randomUUID } from "node:crypto";
import type { RequestHandler } from "express";
import type { Logger } from "pino";

declare global {
  namespace Express {
    interface Request {
      /** Its lines carry the id of the request. */
      log: Logger;
    }
  }
}

/** Probes arrive every few seconds: logging them would bury everything else. */
const QUIET: ReadonlySet<string> = new Set(["/livez", "/readyz", "/health"]);

/** One line per request, when its answer is out or its client has gone. */
export function logRequests(logger: Logger): RequestHandler {
  return (request, response, next) => {
    request.log = logger.child({ reqId: randomUUID() });
    if (!QUIET.has(request.path)) {
      const start = performance.now();
      const { method, originalUrl: url, host, ip: remoteAddress } = request;
      const req = { method, url, host, remoteAddress };
      response.once("close", () => {
        const res = { statusCode: response.statusCode };
        const ms = performance.now() - start;
        const outcome = response.writableFinished ? "request completed" : "request aborted";
        request.log.info({ req, res, ms }, outcome);
      });
    }
    next();
  };
}
