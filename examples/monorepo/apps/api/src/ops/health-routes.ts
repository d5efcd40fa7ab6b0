import type { FastifyInstance } from "fastify";
import { type Health, isReady } from "./health.ts";

/** Probes arrive every few seconds: logging them would bury everything else. */
const quiet = { logLevel: "silent" } as const;

export function healthRoutes(app: FastifyInstance, health: Health): void {
  /** The process only. A restart would not mend a dependency, so none is asked. */
  app.get("/livez", quiet, async (_request, reply) => {
    return reply.header("cache-control", "no-store").send({ status: "ok" });
  });

  /** Whether a load balancer should send requests here. */
  app.get("/readyz", quiet, async (_request, reply) => {
    const report = await health.report();
    return reply
      .code(isReady(report) ? 200 : 503)
      .header("cache-control", "no-store")
      .send(report);
  });

  /** The same for people and monitors. Public, so it names nothing but states. */
  app.get("/health", quiet, async (_request, reply) => {
    const report = await health.report();
    return reply
      .code(isReady(report) ? 200 : 503)
      .header("cache-control", "no-store")
      .send({ ...report, uptimeSeconds: Math.floor(process.uptime()) });
  });
}
