import type { FastifyInstance, FastifyReply } from "fastify";
import { type Answer, CONTENT_TYPES, type ContentType, type Uploads } from "../uploads.ts";

const newUpload = {
  type: "object",
  required: ["contentType"],
  additionalProperties: false,
  properties: { contentType: { type: "string", enum: CONTENT_TYPES } },
};

const uploadParams = {
  type: "object",
  required: ["id"],
  properties: { id: { type: "string", format: "uuid" } },
};

/** A client asks for a form, sends the file to S3 with it, and says that it has: only then the file stays. */
export function uploadRoutes(app: FastifyInstance, uploads: Uploads): void {
  app.post<{ Body: { contentType: ContentType } }>(
    "/uploads",
    { schema: { body: newUpload } },
    async ({ headers, body }, reply) =>
      send(reply, await uploads.create(headers, body.contentType)),
  );

  app.put<{ Params: { id: string } }>(
    "/uploads/:id",
    { schema: { params: uploadParams } },
    async ({ headers, params }, reply) => send(reply, await uploads.keep(headers, params.id)),
  );

  app.get<{ Params: { id: string } }>(
    "/uploads/:id",
    { schema: { params: uploadParams } },
    async ({ headers, params }, reply) => send(reply, await uploads.find(headers, params.id)),
  );
}

function send(reply: FastifyReply, { status, headers, body }: Answer): FastifyReply {
  return reply.code(status).headers(headers).send(body);
}
