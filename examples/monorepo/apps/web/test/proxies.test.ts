import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import { test } from "node:test";
import { clientAddress } from "../src/ops/client-address.ts";

test("the client's address is what the load balancer adds, not what the client claims", () => {
  const forwarded = "192.0.2.1, 198.51.100.7";
  const request = {
    headers: { "x-forwarded-for": forwarded },
    socket: { remoteAddress: "10.0.0.1" },
  };
  assert.equal(clientAddress(request as unknown as IncomingMessage), "198.51.100.7");
});
