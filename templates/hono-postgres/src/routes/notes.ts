import type { Hono } from "hono";
import { validator } from "hono/validator";
import * as z from "zod";
import { parseInput } from "../input.ts";
import type { NoteStore } from "../store/notes.ts";

const id = z.string().regex(/^[0-9]{1,18}$/);

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
  before: id.optional(),
});

const noteParams = z.object({ id });

export function noteRoutes(app: Hono, notes: NoteStore): void {
  app.post(
    "/notes",
    validator("json", (body) => parseInput(newNote, body, "body")),
    async (context) => {
      const { text } = context.req.valid("json");
      const note = await notes.create(text);
      return context.json(note, 201, { location: `/notes/${note.id}` });
    },
  );

  app.get(
    "/notes",
    validator("query", (query) => parseInput(page, query, "query")),
    async (context) => {
      const { limit, before } = context.req.valid("query");
      return context.json({ notes: await notes.list(limit, before) });
    },
  );

  app.get(
    "/notes/:id",
    validator("param", (params) => parseInput(noteParams, params, "params")),
    async (context) => {
      const note = await notes.find(context.req.valid("param").id);
      return note ? context.json(note) : context.json({ error: "No such note" }, 404);
    },
  );
}
