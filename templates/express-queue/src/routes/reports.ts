import type { Router } from "express";
import * as z from "zod";
import { parseInput } from "../input.ts";
import { type Reports, reportOrder } from "../jobs/reports.ts";

const reportParams = z.object({ id: z.uuid() });

const UNAVAILABLE = { error: "Reports are not available now" };

/** A report takes longer than a request should: it is ordered here, and asked for until it is there. */
export function reportRoutes(routes: Router, reports: Reports): void {
  routes.post("/reports", async (request, response) => {
    const id = await reports.order(parseInput(reportOrder, request.body, "body"));
    if (id === undefined) response.status(503).set("retry-after", "5").json(UNAVAILABLE);
    else response.status(202).location(`/reports/${id}`).json({ id });
  });

  routes.get("/reports/:id", async (request, response) => {
    const { id } = parseInput(reportParams, request.params, "params");
    const found = await reports.find(id);
    if (found.state === "unknown") response.status(404).json({ error: "No such report" });
    else if (found.state === "unavailable") {
      response.status(503).set("retry-after", "5").json(UNAVAILABLE);
    } else response.json(found);
  });
}
