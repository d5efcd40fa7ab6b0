import assert from "node:assert/strict";
import { once } from "node:events";
import { after, before, test } from "node:test";
import { createLogger } from "../../src/logger.ts";
import { limitWrites } from "../../src/ops/rate-limit.ts";
import { closeRedis, openRedis } from "../../src/ops/redis.ts";
import { testApp } from "../support.ts";

const url = process.env["REDIS_URL"];
assert.ok(url, "REDIS_URL is not set: the script `dev:services` starts a Redis for it");
const redis = openRedis(url, createLogger("silent"));
// Rejects when the connection fails.
before(() => once(redis, "ready"));
after(() => closeRedis(redis));

/** Another client for every run of the tests. */
const client = Array.from({ length: 4 }, () => Math.floor(Math.random() * 256)).join(".");

test("writes are limited per client, reads are not", async () => {
  const app = await testApp();
  await limitWrites(app, redis);
  app.get("/things", async () => "read");
  app.post("/things", async () => "written");
  const statuses = async (method: "GET" | "POST") => {
    const headers = { "x-forwarded-for": client };
    const requests = Array.from({ length: 130 }, () =>
      app.inject({ method, url: "/things", headers }),
    );
    return (await Promise.all(requests)).map(({ statusCode }) => statusCode);
  };

  const written = await statuses("POST");
  assert.equal(written.filter((status) => status === 200).length, 120);
  assert.equal(written.filter((status) => status === 429).length, 10);
  assert.deepEqual([...new Set(await statuses("GET"))], [200]);
});
