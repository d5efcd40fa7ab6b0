import assert from "node:assert/strict";
import { test } from "node:test";
import { tenantOf } from "../src/tenant.ts";

test("a request that proves nothing belongs to no tenant", async () => {
  for (const headers of [{}, { authorization: "Bearer acme" }, { "x-tenant": "acme" }]) {
    assert.equal(await tenantOf(headers), undefined);
  }
});
