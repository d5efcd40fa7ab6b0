import type { Router } from "express";
import * as z from "zod";
import { parseInput } from "../input.ts";

const person = z.strictObject({ name: z.string().min(1).max(100) });

export function greetingRoutes(routes: Router): void {
  routes.post("/greetings", (request, response) => {
    const { name } = parseInput(person, request.body, "body");
    response.json({ greeting: `Hello, ${name}!` });
  });
}
