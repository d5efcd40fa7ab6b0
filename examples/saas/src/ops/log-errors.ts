import { stdSerializers } from "pino";
import { Prisma } from "../generated/prisma/client.ts";

/**
 * How an error stands in the log. Prisma repeats in the message of a query that it refuses what the user sent;
 * what is wrong with it is the last line.
 */
export function loggedError(error: Error): object {
  const logged = stdSerializers.err(error);
  if (!(error instanceof Prisma.PrismaClientValidationError)) return logged;
  const reason = error.message.trimEnd().split("\n").at(-1) ?? "";
  return { ...logged, message: reason, stack: error.stack?.replace(error.message, () => reason) };
}
