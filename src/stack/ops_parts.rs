//! The parts of `src/ops` in code that was there before, and those that it shares with emitted code.

use super::parts::{Part, is_emitted, part};
use crate::plan::{OpsView, Plan};

/// All of them.
pub(super) static OPS_PARTS: &[Part] = &[
    part("existing-ops", |plan| has(plan, |it| it.typed)),
    part("existing-ops-database", |plan| plan.features.database && has(plan, |it| it.typed)),
    part("existing-probes", |plan| has(plan, |it| it.typed && matches!(it.server, "http" | "nest"))),
    part("existing-express", |plan| typed(plan, "express")),
    part("existing-fastify", |plan| typed(plan, "fastify")),
    part("existing-hono", |plan| typed(plan, "hono")),
    part("existing-http", |plan| typed(plan, "http")),
    part("existing-nest", |plan| typed(plan, "nest")),
    part("express-health", |plan| emitted(plan, "express") || typed(plan, "express")),
    part("fastify-health", |plan| emitted(plan, "fastify") || typed(plan, "fastify")),
    part("hono-health", |plan| emitted(plan, "hono") || typed(plan, "hono")),
    part("javascript-ops", |plan| has(plan, |it| !it.typed)),
    part("javascript-ops-database", |plan| plan.features.database && has(plan, |it| !it.typed)),
    part("javascript-express", |plan| javascript(plan, "express")),
    part("javascript-fastify", |plan| javascript(plan, "fastify")),
    part("javascript-hono", |plan| javascript(plan, "hono")),
    part("javascript-http", |plan| javascript(plan, "http")),
];

fn has(plan: &Plan, wanted: fn(&OpsView) -> bool) -> bool {
    plan.existing.ops.as_ref().is_some_and(wanted)
}

fn typed(plan: &Plan, server: &str) -> bool {
    plan.existing.ops.as_ref().is_some_and(|it| it.typed && it.server == server)
}

fn javascript(plan: &Plan, server: &str) -> bool {
    plan.existing.ops.as_ref().is_some_and(|it| !it.typed && it.server == server)
}

fn emitted(plan: &Plan, framework: &str) -> bool {
    is_emitted(plan) && plan.stack.framework.name == framework
}
