import { type Health, isReady } from "./health.ts";

/** The process only. A restart would not mend a dependency, so none is asked. */
export function livez(): Response {
  return answer(200, { status: "ok" });
}

/** Whether a load balancer should send requests here. */
export async function readyz(health: Health): Promise<Response> {
  const report = await health.report();
  return answer(isReady(report) ? 200 : 503, report);
}

/** The same for people and monitors. Public, so it names nothing but states. */
export async function status(health: Health): Promise<Response> {
  const report = await health.report();
  const uptimeSeconds = Math.floor(process.uptime());
  return answer(isReady(report) ? 200 : 503, { ...report, uptimeSeconds });
}

function answer(status: 200 | 503, body: object): Response {
  return Response.json(body, { status, headers: { "cache-control": "no-store" } });
}
