import assert from "node:assert/strict";
import { test } from "node:test";
import fastify from "fastify";
import { trustedProxies } from "../src/ops/proxies.ts";

test("the client's address is what the load balancer adds, not what the client claims", async () => {
  const app = fastify({ trustProxy: trustedProxies });
  app.get("/address", async (request) => request.ip);

  const response = await app.inject({
    url: "/address",
    remoteAddress: "10.0.0.1",
    headers: { "x-forwarded-for": "192.0.2.1, 198.51.100.7" },
  });
  assert.equal(response.body, "198.51.100.7");
});
