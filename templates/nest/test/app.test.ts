import assert from "node:assert/strict";
import { test } from "node:test";
import { Body, Controller, Get, HttpException, Post, Res } from "@nestjs/common";
import type { Response } from "express";
import { createLogger } from "../src/logger.ts";
import { Health } from "../src/ops/health.ts";
import { post, serve } from "./support.ts";

const SECRET = "password authentication failed for user orders";

@Controller()
class Routes {
  @Get("things")
  things() {
    return [];
  }

  @Get("broken")
  broken() {
    throw new Error(SECRET);
  }

  @Get("failed")
  failed() {
    throw new HttpException(SECRET, 502);
  }

  @Get("half")
  half(@Res() response: Response) {
    response.write("half");
    throw new Error(SECRET);
  }

  @Post("bodies")
  bodies(@Body() body: unknown) {
    return body;
  }
}

test("liveness does not depend on dependencies", async (t) => {
  const health = new Health(createLogger("silent"));
  health.watch({ name: "database", required: true, ping: () => Promise.reject(new Error("down")) });
  const request = await serve(t, {}, { health });

  assert.equal((await request("/livez")).status, 200);
  const readiness = await request("/readyz");
  assert.equal(readiness.status, 503);
  assert.deepEqual(await readiness.json(), {
    status: "unavailable",
    checks: { database: { status: "down" } },
  });
});

test("an unexpected error tells the client nothing", async (t) => {
  const request = await serve(t, { controllers: [Routes] });
  for (const path of ["/broken", "/failed"]) {
    const response = await request(path);
    assert.equal(response.status, 500);
    assert.deepEqual(await response.json(), { error: "Internal server error" });
  }
});

test("an answer that breaks off is no whole answer", async (t) => {
  const request = await serve(t, { controllers: [Routes] });
  await assert.rejects(async () => (await request("/half")).text());
});

test("what no route answers is not found", async (t) => {
  const request = await serve(t, { controllers: [Routes] });
  assert.equal((await request("/things")).status, 200);
  const response = await request("/nothing");
  assert.equal(response.status, 404);
  assert.deepEqual(await response.json(), { error: "Not found" });
});

test("a body that is too large or malformed is refused", async (t) => {
  const request = await serve(t, { controllers: [Routes] });
  assert.equal((await request("/bodies", post({ text: "x".repeat(100_000) }))).status, 413);
  assert.equal((await request("/bodies", { ...post({}), body: "{" })).status, 400);
  assert.deepEqual(await (await request("/bodies", post({ text: "x" }))).json(), { text: "x" });
});

test("every answer has the headers that protect browsers", async (t) => {
  const request = await serve(t, { controllers: [Routes] });
  for (const path of ["/livez", "/broken", "/nothing"]) {
    const { headers } = await request(path);
    assert.equal(headers.get("x-content-type-options"), "nosniff");
    assert.match(headers.get("content-security-policy") ?? "", /default-src 'self'/);
    assert.equal(headers.get("x-powered-by"), null);
  }
});

test("browsers of listed origins only may read answers", async (t) => {
  const request = await serve(t, {}, { corsOrigins: ["https://app.example"] });
  const allowed = async (origin: string) => {
    const response = await request("/livez", { headers: { origin } });
    return response.headers.get("access-control-allow-origin");
  };

  assert.equal(await allowed("https://app.example"), "https://app.example");
  assert.equal(await allowed("https://other.example"), null);
});
