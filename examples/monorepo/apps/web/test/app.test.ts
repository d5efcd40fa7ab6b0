import assert from "node:assert/strict";
import { test } from "node:test";
import { readJson, route } from "../src/http.ts";
import { createLogger } from "../src/logger.ts";
import { Health } from "../src/ops/health.ts";
import { livez, readyz } from "../src/ops/health-routes.ts";
import { get, post, provideFakes } from "./support.ts";

provideFakes();

test("liveness does not depend on dependencies", async () => {
  const health = new Health(createLogger("silent"));
  health.watch({ name: "database", required: true, ping: () => Promise.reject(new Error("down")) });

  assert.equal(livez().status, 200);
  const readiness = await readyz(health);
  assert.equal(readiness.status, 503);
  assert.deepEqual(await readiness.json(), {
    status: "unavailable",
    checks: { database: { status: "down" } },
  });
});

test("an unexpected error tells the client nothing", async () => {
  const broken = route(async () => {
    throw new Error("password authentication failed for user orders");
  });

  const response = await broken(get("/api/broken"));
  assert.equal(response.status, 500);
  assert.deepEqual(await response.json(), { error: "Internal server error" });
});

test("a redirect of Next is no error", async () => {
  const redirect = Object.assign(new Error("NEXT_REDIRECT"), { digest: "NEXT_REDIRECT;/" });
  const moved = route(() => Promise.reject(redirect));
  await assert.rejects(moved(get("/api/moved")), redirect);
});

test("a body that is too large, malformed or of another type is refused", async () => {
  const echo = route(async (request) => Response.json(await readJson(request)));
  const malformed = new Request(post("/api/bodies", {}), { body: "{" });
  const form = new Request(post("/api/bodies", {}), { headers: { "content-type": "text/plain" } });

  assert.equal((await echo(post("/api/bodies", { text: "x".repeat(100_000) }))).status, 413);
  assert.equal((await echo(malformed)).status, 400);
  assert.equal((await echo(form)).status, 400);
  assert.deepEqual(await (await echo(post("/api/bodies", { a: 1 }))).json(), { a: 1 });
});
