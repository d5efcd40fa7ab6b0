//! The rows of the frameworks: what each emits in its own way, under the same ids.

use super::Row;
use super::rows::{merge, once};

/// Their files, of all plans.
pub(super) static ROWS: &[Row] = &[
    // fastify
    once("src-app", "fastify/src/app.ts"),
    merge("src-ops-health-routes", "fastify/src/ops/health-routes.ts"),
    once("src-server", "fastify/src/server.ts"),
    once("test-app-test", "fastify/test/app.test.ts"),
    merge("test-proxies-test", "fastify/test/proxies.test.ts.j2"),
    once("test-support", "fastify/test/support.ts"),
    // fastify-postgres
    once("src-routes-index", "fastify-postgres/src/routes/index.ts"),
    once("src-routes-notes", "fastify-postgres/src/routes/notes.ts"),
    once("test-integration-notes-test", "fastify-postgres/test/integration/notes.test.ts"),
    once("test-notes-test", "fastify-postgres/test/notes.test.ts"),
    // fastify-redis
    merge("src-ops-rate-limit", "fastify-redis/src/ops/rate-limit.ts"),
    merge("test-integration-rate-limit-test", "fastify-redis/test/integration/rate-limit.test.ts"),
    merge("test-rate-limit-test", "fastify-redis/test/rate-limit.test.ts"),
    // fastify-stateless
    once("src-routes-index", "fastify-stateless/src/routes/index.ts"),
    once("src-routes-greetings", "fastify-stateless/src/routes/greetings.ts"),
    once("test-greetings-test", "fastify-stateless/test/greetings.test.ts"),
];
