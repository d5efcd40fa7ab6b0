// The environment is checked as a whole before anything starts, and its values are never repeated.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { exampleEnv, freePort, hasDatabase, hasRedis, keys, runToEnd, stopEverything } from "./support.mjs";

const CANARY = "canary8f3a1c";

after(stopEverything);

async function refused(env) {
  const { code, output } = await runToEnd("dist/server.js", env);
  assert.equal(code, 1, output);
  assert.ok(!output.toLowerCase().includes(CANARY), `a value was printed:\n${output}`);
  return output;
}

function assertNames(output, names) {
  const missing = names.filter((name) => !new RegExp(`^\\s*${name} `, "m").test(output));
  assert.deepEqual(missing, [], `not named in:\n${output}`);
}

/** A string may be anything, so only the other kinds can be malformed. */
const checked = keys.filter(({ zod }) => !zod.startsWith("z.string()")).map(({ name }) => name);

const needed = keys.filter(({ required }) => required).map(({ name }) => name);

test("nothing set: exit 1 and every missing key at once", async () => {
  assert.ok(needed.includes("APP_ENV"));
  assertNames(await refused({}), needed);
});

test("everything empty: the same, since empty is unset", async () => {
  const empty = Object.fromEntries(keys.map(({ name }) => [name, ""]));
  assertNames(await refused(empty), needed);
});

test("everything malformed: exit 1, every key at once, no value", async () => {
  const canaries = Object.fromEntries(keys.map(({ name }) => [name, CANARY]));
  assertNames(await refused(canaries), checked);
});

test("nearly right: numbers out of range, other protocols, origins with a path", async () => {
  const output = await refused({
    ...exampleEnv,
    PORT: "70000",
    CORS_ORIGINS: `https://${CANARY}.example/path`,
    SHUTDOWN_TIMEOUT_MS: "30001",
    ...(hasDatabase && { DATABASE_URL: `mysql://${CANARY}:${CANARY}@db.example/${CANARY}` }),
    ...(hasRedis && { REDIS_URL: `https://:${CANARY}@redis.example` }),
  });
  assertNames(output, ["PORT", "CORS_ORIGINS", "SHUTDOWN_TIMEOUT_MS"]);
  assertNames(output, [...(hasDatabase ? ["DATABASE_URL"] : []), ...(hasRedis ? ["REDIS_URL"] : [])]);
});

/** Values of APP_ENV: development, test, and the environments in the order of deployment. */
const appEnvs = JSON.parse(/z\.enum\((\[.*?\])\)/.exec(keys.find(({ name }) => name === "APP_ENV").zod)[1]);

test("outside development and test: unsafe values, malformed and missing ones in one list", async () => {
  const output = await refused({
    APP_ENV: appEnvs.at(-1),
    PORT: CANARY,
    CORS_ORIGINS: `https://${CANARY}.example,*`,
    DATABASE_URL: `postgres://${CANARY}:${CANARY}@localhost/${CANARY}`,
    REDIS_URL: `redis://${CANARY}.example`,
    STRIPE_SECRET_KEY: `sk_test_${CANARY}`,
  });
  const unsafe = ["CORS_ORIGINS", "DATABASE_URL", "REDIS_URL", "STRIPE_SECRET_KEY"];
  const known = new Set(keys.map(({ name }) => name));
  assertNames(output, ["PORT", ...unsafe.filter((name) => known.has(name))]);
});

test("the local values of .env.example do not start outside development and test", async () => {
  const env = { ...exampleEnv, APP_ENV: appEnvs.at(-1), CORS_ORIGINS: "*" };
  const output = await refused(env);
  assertNames(output, ["CORS_ORIGINS", ...(hasDatabase ? ["DATABASE_URL"] : []), ...(hasRedis ? ["REDIS_URL"] : [])]);
});

const serviceKeys = keys.map(({ name }) => name).filter((name) => name.startsWith("CLERK_"));
if (serviceKeys.length > 0) {
  test("test keys of a service are for all environments before production, what .env.example has for none", async () => {
    const withTestKeys = Object.fromEntries(serviceKeys.map((name) => [name, `sk_test_${CANARY}`]));
    const staging = await refused({ ...exampleEnv, ...withTestKeys, APP_ENV: "staging", CORS_ORIGINS: "*" });
    assert.doesNotMatch(staging, /CLERK/);
    assertNames(await refused({ ...exampleEnv, ...withTestKeys, APP_ENV: "production" }), serviceKeys);
    assertNames(await refused({ ...exampleEnv, APP_ENV: "staging" }), serviceKeys);
  });
}

if (hasDatabase) {
  test("migrations need DATABASE_URL and nothing else", async () => {
    const { code, output } = await runToEnd("dist/ops/migrate.js", {});
    assert.equal(code, 1);
    assertNames(output, ["DATABASE_URL"]);
    assert.ok(!output.includes("APP_ENV"), output);
  });

  test("migrations that cannot reach the database: exit 1 and no password", async () => {
    const port = await freePort();
    const { code, output } = await runToEnd("dist/ops/migrate.js", {
      DATABASE_URL: `postgres://service:${CANARY}@127.0.0.1:${port}/postgres`,
    });
    assert.equal(code, 1);
    assert.ok(!output.includes(CANARY), output);
  });
}
