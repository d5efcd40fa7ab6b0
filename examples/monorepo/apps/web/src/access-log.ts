import { randomUUID } from "node:crypto";
import type { Server } from "node:http";
import type { Logger } from "pino";
import { clientAddress } from "./ops/client-address.ts";

/** Probes arrive every few seconds, and files by the dozen: logging them would bury everything else. */
const QUIET = /^\/(livez|readyz|health|_next\/static\/.*)(\?|$)/;

/** One line per request, when its answer is out or its client has gone. */
export function logRequests(server: Server, logger: Logger): void {
  server.prependListener("request", (request, response) => {
    const { method, url = "/" } = request;
    if (QUIET.test(url)) return;
    const start = performance.now();
    const req = { method, url, host: request.headers.host, remoteAddress: clientAddress(request) };
    response.once("close", () => {
      const res = { statusCode: response.statusCode };
      const ms = performance.now() - start;
      const outcome = response.writableFinished ? "request completed" : "request aborted";
      logger.info({ reqId: randomUUID(), req, res, ms }, outcome);
    });
  });
}
