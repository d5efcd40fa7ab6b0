import * as z from "zod";
import { readJson, route } from "../../../http.ts";
import { parseInput } from "../../../input.ts";

const person = z.strictObject({ name: z.string().min(1).max(100) });

export const POST = route(async (request) => {
  const { name } = parseInput(person, await readJson(request), "body");
  return Response.json({ greeting: `Hello, ${name}!` });
});
