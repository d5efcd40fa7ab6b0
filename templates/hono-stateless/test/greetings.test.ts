import assert from "node:assert/strict";
import { test } from "node:test";
import { greetingRoutes } from "../src/routes/greetings.ts";
import { post, send, testApp } from "./support.ts";

function greet(body: unknown) {
  const app = testApp();
  greetingRoutes(app);
  return send(app, "/greetings", post(body));
}

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
