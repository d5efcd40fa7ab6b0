import assert from "node:assert/strict";
import { test } from "node:test";
import { DrizzleQueryError } from "drizzle-orm/errors";
import { loggedError } from "../src/ops/log-errors.ts";

test("a failed query is logged without what the user sent", () => {
  const cause = new Error("relation does not exist");
  const logged = loggedError(new DrizzleQueryError("INSERT $1", ["my secret"], cause));
  assert.partialDeepStrictEqual(logged, { message: cause.message, query: "INSERT $1" });
  assert.doesNotMatch(JSON.stringify(logged), /my secret/);
});

test("any other error is logged as it is", () => {
  assert.partialDeepStrictEqual(loggedError(new TypeError("wrong")), {
    type: "TypeError",
    message: "wrong",
  });
});
