import type { Router } from "express";
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

export function noteRoutes(routes: Router, notes: NoteStore): void {
  routes.post("/notes", async (request, response) => {
    const { text } = parseInput(newNote, request.body, "body");
    const note = await notes.create(text);
    response.status(201).location(`/notes/${note.id}`).json(note);
  });

  routes.get("/notes", async (request, response) => {
    const { limit, before } = parseInput(page, request.query, "query");
    response.json({ notes: await notes.list(limit, before) });
  });

  routes.get("/notes/:id", async (request, response) => {
    const { id } = parseInput(noteParams, request.params, "params");
    const note = await notes.find(id);
    if (note) response.json(note);
    else response.status(404).json({ error: "No such note" });
  });
}
