import assert from "node:assert/strict";
import { test } from "node:test";
import { POST } from "../src/app/api/greetings/route.ts";
import { post, provideFakes } from "./support.ts";

const greet = (body: unknown) => POST(post("/api/greetings", body));

provideFakes();

test("greets by name", async () => {
  const response = await greet({ name: "Ada" });
  assert.equal(response.status, 200);
  assert.deepEqual(await response.json(), { greeting: "Hello, Ada!" });
});

test("refuses a body without a usable name", async () => {
  for (const body of [{}, { name: "" }, { name: "x".repeat(101) }, { name: "Ada", age: 36 }]) {
    assert.equal((await greet(body)).status, 400);
  }
});
