import assert from "node:assert/strict";
import { test } from "node:test";
import { EnvError, loadEnv } from "../src/ops/env.ts";

/** The values of .env.example. */
// biome-ignore format: one line per key, however long
const local = {
  APP_ENV: "development",
  SHUTDOWN_DELAY_MS: "0",
};

function problems(source: Record<string, string>): readonly string[] {
  try {
    loadEnv(source);
    return [];
  } catch (error) {
    assert.ok(error instanceof EnvError);
    return error.problems;
  }
}

test("the example is enough for development", () => {
  const env = loadEnv(local);
  assert.equal(env.APP_ENV, "development");
  assert.equal(env.PORT, 3001);
  assert.deepEqual(env.CORS_ORIGINS, []);
});

test("origins come as a list", () => {
  const env = loadEnv({ ...local, CORS_ORIGINS: "https://a.example, https://b.example" });
  assert.deepEqual(env.CORS_ORIGINS, ["https://a.example", "https://b.example"]);
});

test("an empty value is an unset one", () => {
  assert.equal(loadEnv({ ...local, PORT: "" }).PORT, 3001);
  assert.deepEqual(problems({ ...local, APP_ENV: " " }).slice(0, 1), ["APP_ENV is missing"]);
});

test("every problem is listed at once, and no value is repeated", () => {
  const found = problems({ ...local, PORT: "secret", LOG_LEVEL: "secret" });
  assert.equal(found.length, 2);
  assert.match(found.join("\n"), /^PORT .*\nLOG_LEVEL /);
  assert.doesNotMatch(found.join("\n"), /secret/);
});

test("local settings are refused in production", () => {
  const found = problems({
    ...local,
    APP_ENV: "web-production",
    CORS_ORIGINS: "*",
    PORT: "0",
  });
  assert.match(found.join("\n"), /^PORT must be at least 1$/m);
  assert.match(found.join("\n"), /^CORS_ORIGINS allows any origin/m);
});
