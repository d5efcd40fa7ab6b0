import type { FastifyInstance } from "fastify";
import type { Services } from "../ops/services.ts";
import { noteStore } from "../store/notes.ts";
import { noteRoutes } from "./notes.ts";

/** Every route of the service but those for health. */
export function addRoutes(app: FastifyInstance, services: Services): void {
  noteRoutes(app, noteStore(services.database.pool));
}
