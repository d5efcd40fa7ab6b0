//! The rows of `src/ops` in code that was there before: TypeScript and JavaScript under the same ids.

use super::Row;
use super::rows::merge;
use crate::plan::{Environment, Plan};

/// Their files, of all plans.
pub(super) static ROWS: &[Row] = &[
    // existing-express, existing-fastify, existing-hono, existing-http, existing-nest: what the entry point calls
    merge("src-ops-service", "existing-express/src/ops/service.ts.j2"),
    merge("src-ops-service", "existing-fastify/src/ops/service.ts.j2"),
    merge("src-ops-service", "existing-hono/src/ops/service.ts.j2"),
    merge("src-ops-service", "existing-http/src/ops/service.ts.j2"),
    merge("src-ops-service", "existing-nest/src/ops/service.ts.j2"),
    // existing-ops
    merge("src-ops-log", "existing-ops/src/ops/log.ts.j2").when(logs),
    merge("src-ops-take-over", "existing-ops/src/ops/take-over.ts.j2"),
    // existing-ops-database
    merge("src-ops-ask-database", "existing-ops-database/src/ops/database.ts.j2"),
    // existing-probes
    merge("src-ops-health-routes", "existing-probes/src/ops/health-routes.ts.j2"),
    // express-health, fastify-health, hono-health: for emitted code too
    merge("src-ops-health-routes", "express-health/src/ops/health-routes.ts.j2"),
    merge("src-ops-health-routes", "fastify-health/src/ops/health-routes.ts.j2"),
    merge("src-ops-health-routes", "hono-health/src/ops/health-routes.ts.j2"),
    // javascript-express, javascript-fastify, javascript-hono, javascript-http
    merge("src-ops-health-routes", "javascript-express/src/ops/health-routes.js.j2"),
    merge("src-ops-service", "javascript-express/src/ops/service.js.j2"),
    merge("src-ops-health-routes", "javascript-fastify/src/ops/health-routes.js.j2"),
    merge("src-ops-service", "javascript-fastify/src/ops/service.js.j2"),
    merge("src-ops-health-routes", "javascript-hono/src/ops/health-routes.js.j2"),
    merge("src-ops-service", "javascript-hono/src/ops/service.js.j2"),
    merge("src-ops-health-routes", "javascript-http/src/ops/health-routes.js.j2"),
    merge("src-ops-service", "javascript-http/src/ops/service.js.j2"),
    // javascript-ops
    merge("src-ops-connections", "javascript-ops/src/ops/connections.js.j2"),
    merge("src-ops-env", "javascript-ops/src/ops/env.js.j2").when(has_env),
    merge("src-ops-health", "javascript-ops/src/ops/health.js.j2"),
    merge("src-ops-log", "javascript-ops/src/ops/log.js.j2").when(logs),
    merge("src-ops-shutdown", "javascript-ops/src/ops/shutdown.js.j2"),
    merge("src-ops-take-over", "javascript-ops/src/ops/take-over.js.j2"),
    // javascript-ops-database
    merge("src-ops-ask-database", "javascript-ops-database/src/ops/database.js.j2"),
];

fn has_env(plan: &Plan, _: Option<&Environment>) -> bool {
    plan.existing.ops.as_ref().is_some_and(|it| it.env)
}

/// Fastify brings a logger.
fn logs(plan: &Plan, _: Option<&Environment>) -> bool {
    plan.existing.ops.as_ref().is_some_and(|it| it.logs)
}
