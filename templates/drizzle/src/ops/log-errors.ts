import { DrizzleQueryError } from "drizzle-orm/errors";
import { stdSerializers } from "pino";

/**
 * How an error stands in the log. Drizzle repeats in its errors what the user sent, in the message and in
 * `params`; the statement and the database's own error say as much.
 */
export function loggedError(error: Error): object {
  if (!(error instanceof DrizzleQueryError)) return stdSerializers.err(error);
  return { ...stdSerializers.err(error.cause ?? new Error("no cause")), query: error.query };
}
