import type * as z from "zod";

/** What a client sent does not fit: answered with 400 and this message. */
export class InputError extends Error {
  readonly status = 400;

  constructor(message: string) {
    super(message);
    this.name = "InputError";
  }
}

/** `part` names the input to the client: "body", "query" or "params". */
export function parseInput<T extends z.ZodType>(
  schema: T,
  input: unknown,
  part: string,
): z.output<T> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const problems = result.error.issues.map(
    ({ path, message }) => `${[part, ...path].join(".")}: ${message}`,
  );
  throw new InputError(problems.join("; "));
}
