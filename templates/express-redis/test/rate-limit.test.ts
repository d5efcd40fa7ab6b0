import assert from "node:assert/strict";
import { test } from "node:test";
import { createLogger } from "../src/logger.ts";
import { limitWrites } from "../src/ops/rate-limit.ts";
import { closeRedis, openRedis } from "../src/ops/redis.ts";
import { serve } from "./support.ts";

test("without Redis, writes go on unlimited and at once", async (t) => {
  // Port 1 is refused on any machine.
  const redis = openRedis("redis://127.0.0.1:1", createLogger("silent"));
  const request = await serve(t, (routes) => {
    limitWrites(routes, redis);
    routes.post("/writes", (_request, response) => {
      response.send("written");
    });
  });

  const start = performance.now();
  const response = await request("/writes", { method: "POST" });
  assert.equal(response.status, 200);
  assert.ok(performance.now() - start < 1000);
  await closeRedis(redis);
});
