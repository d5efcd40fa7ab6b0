import assert from "node:assert/strict";
import { test } from "node:test";
import { PrismaPg } from "@prisma/adapter-pg";
import { PrismaClient } from "../src/generated/prisma/client.ts";
import { loggedError } from "../src/ops/log-errors.ts";

test("a query that Prisma refuses is logged without what the user sent", async () => {
  const prisma = new PrismaClient({ adapter: new PrismaPg("postgres://127.0.0.1:1/none") });
  const wrong: { text: string } = JSON.parse('{ "text": "my secret", "other": 1 }');
  const error: Error = await prisma.note.create({ data: wrong }).then(
    () => assert.fail("it was taken"),
    (refusal) => refusal,
  );
  // Or there would be nothing to leave out.
  assert.match(error.message, /my secret/);
  assert.partialDeepStrictEqual(loggedError(error), { type: "PrismaClientValidationError" });
  assert.match(JSON.stringify(loggedError(error)), /Unknown argument `other`/);
  assert.doesNotMatch(JSON.stringify(loggedError(error)), /my secret/);
});

test("any other error is logged as it is", () => {
  assert.partialDeepStrictEqual(loggedError(new TypeError("wrong")), {
    type: "TypeError",
    message: "wrong",
  });
});
