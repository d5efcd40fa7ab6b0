import type { ArgumentMetadata, PipeTransform } from "@nestjs/common";
import type * as z from "zod";
import { parseInput } from "./input.ts";

/** What a client sent, as the schema says: `@Body(new ZodPipe(schema))`. */
export class ZodPipe<T extends z.ZodType> implements PipeTransform<unknown, z.output<T>> {
  constructor(private readonly schema: T) {}

  transform(input: unknown, { type }: ArgumentMetadata): z.output<T> {
    return parseInput(this.schema, input, type === "param" ? "params" : type);
  }
}
