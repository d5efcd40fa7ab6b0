import type { Hono } from "hono";
import { validator } from "hono/validator";
import * as z from "zod";
import { parseInput } from "../input.ts";

const person = z.strictObject({ name: z.string().min(1).max(100) });

export function greetingRoutes(app: Hono): void {
  app.post(
    "/greetings",
    validator("json", (body) => parseInput(person, body, "body")),
    (context) => context.json({ greeting: `Hello, ${context.req.valid("json").name}!` }),
  );
}
