import assert from "node:assert/strict";
import { test } from "node:test";
import { greetingRoutes } from "../src/routes/greetings.ts";
import { post, serve } from "./support.ts";

test("greets by name", async (t) => {
  const request = await serve(t, greetingRoutes);
  const response = await request("/greetings", post({ name: "Ada" }));
  assert.equal(response.status, 200);
  assert.deepEqual(await response.json(), { greeting: "Hello, Ada!" });
});

test("refuses a body without a usable name", async (t) => {
  const request = await serve(t, greetingRoutes);
  for (const body of [{}, { name: "" }, { name: "x".repeat(101) }, { name: "Ada", age: 36 }]) {
    assert.equal((await request("/greetings", post(body))).status, 400);
  }
});
