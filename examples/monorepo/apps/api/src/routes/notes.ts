import type { FastifyInstance } from "fastify";
import type { NoteStore } from "../store/notes.ts";

const id = { type: "string", pattern: "^[0-9]{1,18}$" };

const newNote = {
  type: "object",
  required: ["text"],
  additionalProperties: false,
  properties: {
    // PostgreSQL's text cannot hold a NUL character.
    text: { type: "string", minLength: 1, maxLength: 10_000, pattern: "^[^\\u0000]*$" },
  },
};

const page = {
  type: "object",
  additionalProperties: false,
  properties: {
    limit: { type: "integer", minimum: 1, maximum: 100, default: 20 },
    before: id,
  },
};

const noteParams = { type: "object", required: ["id"], properties: { id } };

export function noteRoutes(app: FastifyInstance, notes: NoteStore): void {
  app.post<{ Body: { text: string } }>(
    "/notes",
    { schema: { body: newNote } },
    async (request, reply) => {
      const note = await notes.create(request.body.text);
      return reply.code(201).header("location", `/notes/${note.id}`).send(note);
    },
  );

  app.get<{ Querystring: { limit: number; before?: string } }>(
    "/notes",
    { schema: { querystring: page } },
    async (request) => {
      const { limit, before } = request.query;
      return { notes: await notes.list(limit, before) };
    },
  );

  app.get<{ Params: { id: string } }>(
    "/notes/:id",
    { schema: { params: noteParams } },
    async (request, reply) => {
      const note = await notes.find(request.params.id);
      return note ?? reply.code(404).send({ error: "No such note" });
    },
  );
}
