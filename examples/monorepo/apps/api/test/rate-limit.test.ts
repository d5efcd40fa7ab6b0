import assert from "node:assert/strict";
import { test } from "node:test";
import { createLogger } from "../src/logger.ts";
import { limitWrites } from "../src/ops/rate-limit.ts";
import { closeRedis, openRedis } from "../src/ops/redis.ts";
import { testApp } from "./support.ts";

test("without Redis, writes go on unlimited and at once", async () => {
  // Port 1 is refused on any machine.
  const redis = openRedis("redis://127.0.0.1:1", createLogger("silent"));
  const app = await testApp();
  await limitWrites(app, redis);
  app.post("/writes", async () => "written");

  const start = performance.now();
  const response = await app.inject({ method: "POST", url: "/writes" });
  assert.equal(response.statusCode, 200);
  assert.ok(performance.now() - start < 1000);
  await closeRedis(redis);
});
