import type { Hono } from "hono";
import type { Services } from "../ops/services.ts";
import { greetingRoutes } from "./greetings.ts";

/** Every route of the service but those for health. */
export function addRoutes(app: Hono, _services: Services): void {
  greetingRoutes(app);
}
