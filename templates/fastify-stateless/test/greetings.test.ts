import assert from "node:assert/strict";
import { test } from "node:test";
import { greetingRoutes } from "../src/routes/greetings.ts";
import { testApp } from "./support.ts";

async function greet(payload: object) {
  const app = await testApp();
  greetingRoutes(app);
  return app.inject({ method: "POST", url: "/greetings", payload });
}

test("greets by name", async () => {
  const response = await greet({ name: "Ada" });
  assert.equal(response.statusCode, 200);
  assert.deepEqual(response.json(), { greeting: "Hello, Ada!" });
});

test("refuses a body without a usable name", async () => {
  for (const body of [{}, { name: "" }, { name: "x".repeat(101) }, { name: "Ada", age: 36 }]) {
    assert.equal((await greet(body)).statusCode, 400);
  }
});
