import assert from "node:assert/strict";
import { test } from "node:test";
import { createLogger } from "../src/logger.ts";
import { limitWrites, network } from "../src/ops/rate-limit.ts";
import { closeRedis, openRedis } from "../src/ops/redis.ts";
import { send, testApp } from "./support.ts";

test("without Redis, writes go on unlimited and at once", async () => {
  // Port 1 is refused on any machine.
  const redis = openRedis("redis://127.0.0.1:1", createLogger("silent"));
  const app = testApp();
  limitWrites(app, redis);
  app.post("/writes", (context) => context.text("written"));

  const start = performance.now();
  const response = await send(app, "/writes", { method: "POST" });
  assert.equal(response.status, 200);
  assert.ok(performance.now() - start < 1000);
  await closeRedis(redis);
});

test("the addresses of one IPv6 network count as one client", () => {
  assert.equal(network("192.0.2.1"), "192.0.2.1");
  assert.equal(network("::ffff:192.0.2.1"), "::ffff:192.0.2.1");
  assert.equal(network("2001:db8:0:7::1"), network("2001:DB8:0:7:ffff:1:2:3"));
  assert.notEqual(network("2001:db8:0:7::1"), network("2001:db8:0:8::1"));
  assert.equal(network("fe80::1%eth0"), "fe80:0:0:0");
  assert.equal(network("::1"), "0:0:0:0");
});
