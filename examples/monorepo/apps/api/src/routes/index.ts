import type { FastifyInstance } from "fastify";
import { reportsOf } from "../jobs/reports.ts";
import type { Services } from "../ops/services.ts";
import { noteStore } from "../store/notes.ts";
import { noteRoutes } from "./notes.ts";
import { reportRoutes } from "./reports.ts";

/** Every route of the service but those for health. */
export function addRoutes(app: FastifyInstance, services: Services): void {
  noteRoutes(app, noteStore(services.database.pool));
  reportRoutes(app, reportsOf(services.jobs));
}
