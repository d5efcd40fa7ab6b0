import * as z from "zod";
import { context } from "../../../../context.ts";
import { route } from "../../../../http.ts";
import { parseInput } from "../../../../input.ts";

const noteParams = z.object({ id: z.string().regex(/^[0-9]{1,18}$/) });

interface Segment {
  params: Promise<{ id: string }>;
}

export const GET = route(async (_request, segment: Segment) => {
  const { id } = parseInput(noteParams, await segment.params, "params");
  const note = await context().notes.find(id);
  if (note) return Response.json(note);
  return Response.json({ error: "No such note" }, { status: 404 });
});
