import assert from "node:assert/strict";
import { test } from "node:test";
import { contentSecurityPolicy, corsHeaders } from "../src/ops/security.ts";

test("scripts need the nonce of their page, and nothing is evaluated", () => {
  const policy = contentSecurityPolicy("abc", false);
  assert.match(policy, /script-src 'self' 'nonce-abc' 'strict-dynamic';/);
  assert.doesNotMatch(policy, /unsafe/);
});

test("browsers of listed origins only may read answers", () => {
  const allowed = ["https://app.example"];
  const answered = (origin: string | null, origins = allowed) =>
    corsHeaders(origin, origins)["access-control-allow-origin"];

  assert.equal(answered("https://app.example"), "https://app.example");
  assert.equal(answered("https://other.example"), undefined);
  assert.equal(answered(null), undefined);
  assert.equal(answered("https://app.example", []), undefined);
  assert.equal(answered("https://other.example", ["*"]), "*");
});

test("a cache keeps the answers for each origin apart", () => {
  assert.equal(corsHeaders("https://other.example", ["https://app.example"])["vary"], "Origin");
});
