import type { Instrumentation } from "next";
import { context } from "./context.ts";

/** Next calls it once, before the first request. A built service is opened by server.ts. */
export async function register(): Promise<void> {
  if (process.env.NODE_ENV === "development") {
    const { open } = await import("./open.ts");
    await open();
  }
}

/** What fails while a page is rendered. Its reader is told nothing but that it did. */
export const onRequestError: Instrumentation.onRequestError = (error, request, { routePath }) => {
  const req = { method: request.method, url: request.path };
  context().logger.error({ err: error, req, routePath }, "request failed");
};
