import assert from "node:assert/strict";
import { test } from "node:test";
import { HTTPException } from "hono/http-exception";
import { createLogger } from "../src/logger.ts";
import { Health } from "../src/ops/health.ts";
import { post, send, testApp } from "./support.ts";

test("liveness does not depend on dependencies", async () => {
  const health = new Health(createLogger("silent"));
  health.watch({ name: "database", required: true, ping: () => Promise.reject(new Error("down")) });
  const app = testApp({ health });

  assert.equal((await send(app, "/livez")).status, 200);
  const readiness = await send(app, "/readyz");
  assert.equal(readiness.status, 503);
  assert.deepEqual(await readiness.json(), {
    status: "unavailable",
    checks: { database: { status: "down" } },
  });
});

test("an unexpected error tells the client nothing", async () => {
  const app = testApp();
  const message = "password authentication failed for user orders";
  app.get("/broken", () => {
    throw new Error(message);
  });
  app.get("/failed", () => {
    throw new HTTPException(502, { message });
  });

  for (const path of ["/broken", "/failed"]) {
    const response = await send(app, path);
    assert.equal(response.status, 500);
    assert.deepEqual(await response.json(), { error: "Internal server error" });
  }
});

test("what no route answers is not found", async () => {
  const response = await send(testApp(), "/nothing");
  assert.equal(response.status, 404);
  assert.deepEqual(await response.json(), { error: "Not found" });
});

test("a body that is too large is refused, with and without a length", async () => {
  const app = testApp();
  app.post("/bodies", async (context) => context.text(await context.req.text()));
  const large = post({ text: "x".repeat(100_000) });
  const length = { "content-length": "100000" };

  assert.equal((await send(app, "/bodies", large)).status, 413);
  assert.equal((await send(app, "/bodies", { ...large, headers: length })).status, 413);
  assert.equal((await send(app, "/bodies", post({ text: "x" }))).status, 200);
});

test("browsers of listed origins only may read answers", async () => {
  const app = testApp({ corsOrigins: ["https://app.example"] });
  const allowed = async (origin: string) => {
    const response = await send(app, "/livez", { headers: { origin } });
    return response.headers.get("access-control-allow-origin");
  };

  assert.equal(await allowed("https://app.example"), "https://app.example");
  assert.equal(await allowed("https://other.example"), null);
});
