import assert from "node:assert/strict";
import { test } from "node:test";
import { createLogger } from "../src/logger.ts";
import { Health } from "../src/ops/health.ts";
import { testApp } from "./support.ts";

test("liveness does not depend on dependencies", async () => {
  const health = new Health(createLogger("silent"));
  health.watch({ name: "database", required: true, ping: () => Promise.reject(new Error("down")) });
  const app = await testApp({ health });

  assert.equal((await app.inject("/livez")).statusCode, 200);
  const readiness = await app.inject("/readyz");
  assert.equal(readiness.statusCode, 503);
  assert.deepEqual(readiness.json(), {
    status: "unavailable",
    checks: { database: { status: "down" } },
  });
});

test("an unexpected error tells the client nothing", async () => {
  const app = await testApp();
  app.get("/broken", async () => {
    throw new Error("password authentication failed for user orders");
  });

  const response = await app.inject("/broken");
  assert.equal(response.statusCode, 500);
  assert.deepEqual(response.json(), { error: "Internal server error" });
});

test("a body that is too large is refused", async () => {
  const app = await testApp();
  app.post("/bodies", async () => "never");

  const response = await app.inject({
    method: "POST",
    url: "/bodies",
    payload: { text: "x".repeat(100_000) },
  });
  assert.equal(response.statusCode, 413);
});

test("browsers of listed origins only may read answers", async () => {
  const app = await testApp({ corsOrigins: ["https://app.example"] });
  const allowed = async (origin: string) => {
    const response = await app.inject({ url: "/livez", headers: { origin } });
    return response.headers["access-control-allow-origin"];
  };

  assert.equal(await allowed("https://app.example"), "https://app.example");
  assert.equal(await allowed("https://other.example"), undefined);
});
