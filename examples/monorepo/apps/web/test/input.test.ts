import assert from "node:assert/strict";
import { test } from "node:test";
import * as z from "zod";
import { InputError, parseInput } from "../src/input.ts";

const schema = z.strictObject({ limit: z.coerce.number().int().max(100).default(20) });

test("input comes out as its schema says", () => {
  assert.deepEqual(parseInput(schema, { limit: "5" }, "query"), { limit: 5 });
  assert.deepEqual(parseInput(schema, {}, "query"), { limit: 20 });
});

test("every problem is named with its place, and is the client's to mend", () => {
  assert.throws(
    () => parseInput(schema, { limit: "many", more: 1 }, "query"),
    (error) =>
      error instanceof InputError &&
      error.status === 400 &&
      /^query\.limit: .*; query: .*more/.test(error.message),
  );
});
