import * as z from "zod";
import { context } from "../../../context.ts";
import { readJson, route } from "../../../http.ts";
import { parseInput } from "../../../input.ts";

const newNote = z.strictObject({
  text: z
    .string()
    .min(1)
    .max(10_000)
    // PostgreSQL's text cannot hold a NUL character.
    .refine((text) => !text.includes("\0"), "must not hold a NUL character"),
});

const page = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  before: z
    .string()
    .regex(/^[0-9]{1,18}$/)
    .optional(),
});

export const POST = route(async (request) => {
  const { text } = parseInput(newNote, await readJson(request), "body");
  const note = await context().notes.create(text);
  const headers = { location: `/api/notes/${note.id}` };
  return Response.json(note, { status: 201, headers });
});

export const GET = route(async (request) => {
  const query = Object.fromEntries(new URL(request.url).searchParams);
  const { limit, before } = parseInput(page, query, "query");
  return Response.json({ notes: await context().notes.list(limit, before) });
});
