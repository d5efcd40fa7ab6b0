import type { FastifyInstance } from "fastify";
import type { ReportOrder, Reports } from "../jobs/reports.ts";

const order = {
  type: "object",
  required: ["text"],
  additionalProperties: false,
  properties: { text: { type: "string", minLength: 1, maxLength: 1000 } },
};

const reportParams = {
  type: "object",
  required: ["id"],
  properties: { id: { type: "string", format: "uuid" } },
};

const UNAVAILABLE = { error: "Reports are not available now" };

/** A report takes longer than a request should: it is ordered here, and asked for until it is there. */
export function reportRoutes(app: FastifyInstance, reports: Reports): void {
  app.post<{ Body: ReportOrder }>(
    "/reports",
    { schema: { body: order } },
    async (request, reply) => {
      const id = await reports.order(request.body);
      if (id === undefined) return reply.code(503).header("retry-after", "5").send(UNAVAILABLE);
      return reply.code(202).header("location", `/reports/${id}`).send({ id });
    },
  );

  app.get<{ Params: { id: string } }>(
    "/reports/:id",
    { schema: { params: reportParams } },
    async (request, reply) => {
      const found = await reports.find(request.params.id);
      if (found.state === "unknown") return reply.code(404).send({ error: "No such report" });
      if (found.state === "unavailable") {
        return reply.code(503).header("retry-after", "5").send(UNAVAILABLE);
      }
      return found;
    },
  );
}
