/** What all route handlers share. */
import { context } from "./context.ts";
import { InputError } from "./input.ts";

/** Larger than any body that a route expects, small enough that many at once fit in memory. */
const BODY_LIMIT_BYTES = 64 * 1024;

class TooLargeError extends Error {
  readonly status = 413;
}

type Handler<Rest extends unknown[]> = (request: Request, ...rest: Rest) => Promise<Response>;

/** Says what a client did wrong. What went wrong in here is for the log alone. */
export function route<Rest extends unknown[]>(handler: Handler<Rest>): Handler<Rest> {
  return async (request, ...rest) => {
    try {
      return await handler(request, ...rest);
    } catch (error) {
      // How Next's redirect() and notFound() leave a handler.
      if (error instanceof Error && "digest" in error) throw error;
      if (error instanceof InputError || error instanceof TooLargeError) {
        return Response.json({ error: error.message }, { status: error.status });
      }
      context().logger.error({ err: error }, "request failed");
      return Response.json({ error: "Internal server error" }, { status: 500 });
    }
  };
}

/** The body of a request. Forms of other sites cannot send this type, so no such form is taken. */
export async function readJson(request: Request): Promise<unknown> {
  const type = request.headers.get("content-type") ?? "";
  if (!/^application\/json\s*(;|$)/i.test(type)) {
    throw new InputError("body: must be of type application/json");
  }
  const text = await readText(request);
  try {
    return JSON.parse(text);
  } catch {
    throw new InputError("body: is not JSON");
  }
}

async function readText(request: Request): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of request.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > BODY_LIMIT_BYTES) throw new TooLargeError("The body is too large");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
