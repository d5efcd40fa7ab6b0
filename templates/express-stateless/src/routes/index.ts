import type { Router } from "express";
import type { Services } from "../ops/services.ts";
import { greetingRoutes } from "./greetings.ts";

/** Every route of the service but those for health. */
export function addRoutes(routes: Router, _services: Services): void {
  greetingRoutes(routes);
}
