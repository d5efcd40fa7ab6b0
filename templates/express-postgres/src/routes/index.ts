import type { Router } from "express";
import type { Services } from "../ops/services.ts";
import { noteStore } from "../store/notes.ts";
import { noteRoutes } from "./notes.ts";

/** Every route of the service but those for health. */
export function addRoutes(routes: Router, services: Services): void {
  noteRoutes(routes, noteStore(services.database));
}
