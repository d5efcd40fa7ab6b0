import assert from "node:assert/strict";
import { once } from "node:events";
import { after, before, test } from "node:test";
import { All, Controller } from "@nestjs/common";
import { APP_GUARD } from "@nestjs/core";
import { createLogger } from "../../src/logger.ts";
import { WriteLimit } from "../../src/ops/rate-limit.ts";
import { closeRedis, openRedis } from "../../src/ops/redis.ts";
import { serve } from "../support.ts";

const url = process.env["REDIS_URL"];
assert.ok(url, "REDIS_URL is not set: the script `dev:services` starts a Redis for it");
const redis = openRedis(url, createLogger("silent"));
// Rejects when the connection fails.
before(() => once(redis, "ready"));
after(() => closeRedis(redis));

/** Another client for every run of the tests. */
const client = Array.from({ length: 4 }, () => Math.floor(Math.random() * 256)).join(".");

@Controller()
class Things {
  @All("things")
  things() {
    return "done";
  }
}

test("writes are limited per client, reads are not", async (t) => {
  const request = await serve(t, {
    controllers: [Things],
    providers: [{ provide: APP_GUARD, useValue: new WriteLimit(redis) }],
  });
  const answers = (method: "GET" | "POST") => {
    const headers = { "x-forwarded-for": client };
    const requests = Array.from({ length: 130 }, () => request("/things", { method, headers }));
    return Promise.all(requests);
  };

  const written = await answers("POST");
  const refused = written.filter(({ status }) => status === 429);
  assert.equal(written.filter(({ ok }) => ok).length, 120);
  assert.equal(refused.length, 10);
  assert.deepEqual(await refused[0]?.json(), { error: "Too many requests" });
  assert.match(refused[0]?.headers.get("retry-after") ?? "", /^[1-6]?[0-9]$/);
  assert.ok((await answers("GET")).every(({ status }) => status === 200));
});
