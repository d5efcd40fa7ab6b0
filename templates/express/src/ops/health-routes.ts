import { Router } from "express";
import { type Health, isReady } from "./health.ts";

export function healthRoutes(health: Health): Router {
  const router = Router();

  /** The process only. A restart would not mend a dependency, so none is asked. */
  router.get("/livez", (_request, response) => {
    response.set("cache-control", "no-store").json({ status: "ok" });
  });

  /** Whether a load balancer should send requests here. */
  router.get("/readyz", async (_request, response) => {
    const report = await health.report();
    response
      .status(isReady(report) ? 200 : 503)
      .set("cache-control", "no-store")
      .json(report);
  });

  /** The same for people and monitors. Public, so it names nothing but states. */
  router.get("/health", async (_request, response) => {
    const report = await health.report();
    response
      .status(isReady(report) ? 200 : 503)
      .set("cache-control", "no-store")
      .json({ ...report, uptimeSeconds: Math.floor(process.uptime()) });
  });

  return router;
}
