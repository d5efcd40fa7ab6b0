import type { FastifyInstance } from "fastify";

const person = {
  type: "object",
  required: ["name"],
  additionalProperties: false,
  properties: { name: { type: "string", minLength: 1, maxLength: 100 } },
};

export function greetingRoutes(app: FastifyInstance): void {
  app.post<{ Body: { name: string } }>(
    "/greetings",
    { schema: { body: person } },
    async (request) => ({ greeting: `Hello, ${request.body.name}!` }),
  );
}
