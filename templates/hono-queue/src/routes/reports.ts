import type { Hono } from "hono";
import { validator } from "hono/validator";
import * as z from "zod";
import { parseInput } from "../input.ts";
import { type Reports, reportOrder } from "../jobs/reports.ts";

const reportParams = z.object({ id: z.uuid() });

const UNAVAILABLE = { error: "Reports are not available now" };

/** A report takes longer than a request should: it is ordered here, and asked for until it is there. */
export function reportRoutes(app: Hono, reports: Reports): void {
  app.post(
    "/reports",
    validator("json", (body) => parseInput(reportOrder, body, "body")),
    async (context) => {
      const id = await reports.order(context.req.valid("json"));
      if (id === undefined) return context.json(UNAVAILABLE, 503, { "retry-after": "5" });
      return context.json({ id }, 202, { location: `/reports/${id}` });
    },
  );

  app.get(
    "/reports/:id",
    validator("param", (params) => parseInput(reportParams, params, "params")),
    async (context) => {
      const found = await reports.find(context.req.valid("param").id);
      if (found.state === "unknown") return context.json({ error: "No such report" }, 404);
      if (found.state === "unavailable") {
        return context.json(UNAVAILABLE, 503, { "retry-after": "5" });
      }
      return context.json(found);
    },
  );
}
