import assert from "node:assert/strict";
import { test } from "node:test";
import { createLogger } from "../src/logger.ts";
import { Health } from "../src/ops/health.ts";
import { post, serve } from "./support.ts";

test("liveness does not depend on dependencies", async (t) => {
  const health = new Health(createLogger("silent"));
  health.watch({ name: "database", required: true, ping: () => Promise.reject(new Error("down")) });
  const request = await serve(t, undefined, { health });

  assert.equal((await request("/livez")).status, 200);
  const readiness = await request("/readyz");
  assert.equal(readiness.status, 503);
  assert.deepEqual(await readiness.json(), {
    status: "unavailable",
    checks: { database: { status: "down" } },
  });
});

test("an unexpected error tells the client nothing", async (t) => {
  const request = await serve(t, (routes) => {
    routes.get("/broken", async () => {
      throw new Error("password authentication failed for user orders");
    });
  });

  const response = await request("/broken");
  assert.equal(response.status, 500);
  assert.deepEqual(await response.json(), { error: "Internal server error" });
});

test("what no route answers is not found", async (t) => {
  const request = await serve(t, (routes) => {
    routes.get("/things", (_request, response) => {
      response.json([]);
    });
  });

  assert.equal((await request("/things")).status, 200);
  const response = await request("/nothing");
  assert.equal(response.status, 404);
  assert.deepEqual(await response.json(), { error: "Not found" });
});

test("a body that is too large or malformed is refused", async (t) => {
  const request = await serve(t, (routes) => {
    routes.post("/bodies", (_request, response) => {
      response.json("never");
    });
  });

  assert.equal((await request("/bodies", post({ text: "x".repeat(100_000) }))).status, 413);
  assert.equal((await request("/bodies", { ...post({}), body: "{" })).status, 400);
});

test("browsers of listed origins only may read answers", async (t) => {
  const request = await serve(t, undefined, { corsOrigins: ["https://app.example"] });
  const allowed = async (origin: string) => {
    const response = await request("/livez", { headers: { origin } });
    return response.headers.get("access-control-allow-origin");
  };

  assert.equal(await allowed("https://app.example"), "https://app.example");
  assert.equal(await allowed("https://other.example"), null);
});
