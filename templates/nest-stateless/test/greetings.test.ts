import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { GreetingsModule } from "../src/greetings/greetings.module.ts";
import { post, serve } from "./support.ts";

const serveGreetings = (t: TestContext) => serve(t, { imports: [GreetingsModule] });

test("greets by name", async (t) => {
  const request = await serveGreetings(t);
  const response = await request("/greetings", post({ name: "Ada" }));
  assert.equal(response.status, 200);
  assert.deepEqual(await response.json(), { greeting: "Hello, Ada!" });
});

test("refuses a body without a usable name", async (t) => {
  const request = await serveGreetings(t);
  for (const body of [{}, { name: "" }, { name: "x".repeat(101) }, { name: "Ada", age: 36 }]) {
    assert.equal((await request("/greetings", post(body))).status, 400);
  }
});
