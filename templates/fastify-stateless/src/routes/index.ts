import type { FastifyInstance } from "fastify";
import type { Services } from "../ops/services.ts";
import { greetingRoutes } from "./greetings.ts";

/** Every route of the service but those for health. */
export function addRoutes(app: FastifyInstance, _services: Services): void {
  greetingRoutes(app);
}
