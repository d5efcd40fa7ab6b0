const url = process.env["REDIS_URL"];
assert.ok(url, "REDIS_URL is not set: the script `dev:services` starts a Redis for it");
const redis = openRedis(url, createLogger("silent"));
// Rejects when the connection fails.
before(() => once(redis, "ready"));
after(() => closeRedis(redis));

/** Another client for every run of the tests. */
const client = Array.from({ length: 4 }, () => Math.floor(Math.random() * 256)).join(".");
