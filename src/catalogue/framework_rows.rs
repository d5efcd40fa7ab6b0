//! The rows of the frameworks: what each emits in its own way, under the same ids.

use super::Row;
use super::rows::{merge, once};

/// Their files, of all plans.
pub(super) static ROWS: &[Row] = &[
    // express
    once("src-access-log", "express/src/access-log.ts"),
    once("src-app", "express/src/app.ts"),
    merge("src-ops-health-routes", "express/src/ops/health-routes.ts"),
    once("src-server", "express/src/server.ts.j2"),
    once("test-app-test", "express/test/app.test.ts"),
    merge("test-proxies-test", "express/test/proxies.test.ts.j2"),
    once("test-support", "express/test/support.ts"),
    // express-postgres
    once("src-routes-index", "express-postgres/src/routes/index.ts.j2"),
    once("src-routes-notes", "express-postgres/src/routes/notes.ts.j2"),
    once("test-integration-notes-test", "express-postgres/test/integration/notes.test.ts.j2"),
    once("test-notes-test", "express-postgres/test/notes.test.ts"),
    // express-redis
    merge("src-ops-rate-limit", "express-redis/src/ops/rate-limit.ts"),
    merge("test-integration-rate-limit-test", "express-redis/test/integration/rate-limit.test.ts.j2"),
    merge("test-rate-limit-test", "express-redis/test/rate-limit.test.ts"),
    // express-stateless
    once("src-routes-index", "express-stateless/src/routes/index.ts"),
    once("src-routes-greetings", "express-stateless/src/routes/greetings.ts"),
    once("test-greetings-test", "express-stateless/test/greetings.test.ts"),
    // fastify
    once("src-app", "fastify/src/app.ts"),
    merge("src-ops-health-routes", "fastify/src/ops/health-routes.ts"),
    once("src-server", "fastify/src/server.ts"),
    once("test-app-test", "fastify/test/app.test.ts"),
    merge("test-proxies-test", "fastify/test/proxies.test.ts.j2"),
    once("test-support", "fastify/test/support.ts"),
    // fastify-postgres
    once("src-routes-index", "fastify-postgres/src/routes/index.ts.j2"),
    once("src-routes-notes", "fastify-postgres/src/routes/notes.ts"),
    once("test-integration-notes-test", "fastify-postgres/test/integration/notes.test.ts.j2"),
    once("test-notes-test", "fastify-postgres/test/notes.test.ts"),
    // fastify-redis
    merge("src-ops-rate-limit", "fastify-redis/src/ops/rate-limit.ts"),
    merge("test-integration-rate-limit-test", "fastify-redis/test/integration/rate-limit.test.ts.j2"),
    merge("test-rate-limit-test", "fastify-redis/test/rate-limit.test.ts"),
    // fastify-stateless
    once("src-routes-index", "fastify-stateless/src/routes/index.ts"),
    once("src-routes-greetings", "fastify-stateless/src/routes/greetings.ts"),
    once("test-greetings-test", "fastify-stateless/test/greetings.test.ts"),
    // hono
    once("src-access-log", "hono/src/access-log.ts"),
    once("src-app", "hono/src/app.ts"),
    merge("src-ops-client-address", "hono/src/ops/client-address.ts.j2"),
    merge("src-ops-health-routes", "hono/src/ops/health-routes.ts"),
    once("src-server", "hono/src/server.ts.j2"),
    once("test-app-test", "hono/test/app.test.ts"),
    merge("test-proxies-test", "hono/test/proxies.test.ts.j2"),
    once("test-support", "hono/test/support.ts"),
    // hono-postgres
    once("src-routes-index", "hono-postgres/src/routes/index.ts.j2"),
    once("src-routes-notes", "hono-postgres/src/routes/notes.ts.j2"),
    once("test-integration-notes-test", "hono-postgres/test/integration/notes.test.ts.j2"),
    once("test-notes-test", "hono-postgres/test/notes.test.ts"),
    // hono-redis
    merge("src-ops-rate-limit", "hono-redis/src/ops/rate-limit.ts"),
    merge("test-integration-rate-limit-test", "hono-redis/test/integration/rate-limit.test.ts.j2"),
    merge("test-rate-limit-test", "hono-redis/test/rate-limit.test.ts"),
    // hono-stateless
    once("src-routes-index", "hono-stateless/src/routes/index.ts"),
    once("src-routes-greetings", "hono-stateless/src/routes/greetings.ts"),
    once("test-greetings-test", "hono-stateless/test/greetings.test.ts"),
    // redis-counter
    merge("src-ops-request-counter", "redis-counter/src/ops/request-counter.ts"),
    // zod-input
    once("src-input", "zod-input/src/input.ts"),
    once("test-input-test", "zod-input/test/input.test.ts"),
];
