import { type Context, Hono } from "hono";
import { type Health, isReady } from "./health.ts";

export function healthRoutes(health: Health): Hono {
  const routes = new Hono();

  /** The process only. A restart would not mend a dependency, so none is asked. */
  routes.get("/livez", (context) => answer(context, 200, { status: "ok" }));

  /** Whether a load balancer should send requests here. */
  routes.get("/readyz", async (context) => {
    const report = await health.report();
    return answer(context, isReady(report) ? 200 : 503, report);
  });

  /** The same for people and monitors. Public, so it names nothing but states. */
  routes.get("/health", async (context) => {
    const report = await health.report();
    const uptimeSeconds = Math.floor(process.uptime());
    return answer(context, isReady(report) ? 200 : 503, { ...report, uptimeSeconds });
  });

  return routes;
}

function answer(context: Context, status: 200 | 503, body: object): Response {
  return context.json(body, status, { "cache-control": "no-store" });
}
