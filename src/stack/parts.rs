//! The parts: a template folder, the packages that its code imports, and when it is used.

use crate::plan::Plan;
use crate::stack::data_access::DATA_ACCESSES;
use crate::stack::framework::FRAMEWORKS;
use crate::stack::ops_parts::OPS_PARTS;

/// A part of the stack or a platform.
pub struct Part {
    /// Folder below `templates/`; the paths in it are the emitted paths.
    pub folder: &'static str,
    /// Packages that the running service needs; versions come from the pins.
    pub dependencies: &'static [&'static str],
    /// Packages that only building and testing need.
    pub dev_dependencies: &'static [&'static str],
    /// Whether the plan calls for it.
    pub when: fn(&Plan) -> bool,
}

/// Template folder of what several services of one repository share.
pub const REPOSITORY: &str = "repository";

/// Template folder of the root of an emitted workspace.
pub const WORKSPACE: &str = "workspace";

/// Packages at its root: what formats and checks all sources, and what runs the tasks of all services.
pub const WORKSPACE_TOOLS: &[&str] = &["@biomejs/biome", "turbo"];

/// All parts that depend neither on the framework nor on the data access. A folder that brings no packages of its own
/// is a platform, or what a platform adds for a feature.
static PARTS: &[Part] = &[
    Part {
        dependencies: &["zod"],
        dev_dependencies: &["@biomejs/biome", "@types/node", "typescript"],
        ..part("common", |_| true)
    },
    // What several services of one repository share follows from no plan alone.
    part(REPOSITORY, |_| false),
    Part { dev_dependencies: WORKSPACE_TOOLS, ..part(WORKSPACE, |_| false) },
    part("service-of-several", |plan| plan.place.is_within()),
    part("existing", |plan| plan.features.existing),
    part("existing-workspace", |plan| !plan.image.manifests.is_empty()),
    Part { dependencies: &["pino"], ..part("service", is_emitted) },
    part("npm", |plan| is_emitted(plan) && plan.packages.manager.name == "npm"),
    // Settings of a workspace lie at its root.
    part("pnpm", |plan| is_emitted(plan) && plan.packages.manager.name == "pnpm" && !plan.place.is_within()),
    part("yarn", |plan| is_emitted(plan) && plan.packages.manager.name == "yarn"),
    part("yarn-workflow", |plan| plan.packages.manager.name == "yarn"),
    part("bun", |plan| is_emitted(plan) && plan.packages.manager.name == "bun"),
    part("existing-database", |plan| plan.features.existing && plan.features.database),
    part("postgres", |plan| is_emitted(plan) && plan.features.database),
    Part { dependencies: &["ioredis"], ..part("redis", |plan| is_emitted(plan) && plan.features.redis) },
    Part { dependencies: &["bullmq"], ..part("queue", |plan| plan.features.queue) },
    part("queue-postgres", |plan| plan.features.queue && plan.features.database),
    part("queue-stateless", |plan| plan.features.queue && !plan.features.database),
    Part {
        dependencies: &["@aws-sdk/client-s3", "@aws-sdk/s3-presigned-post", "@aws-sdk/s3-request-presigner"],
        ..part("storage", |plan| plan.features.storage)
    },
    part("storage-identity", |plan| plan.features.web_identity),
    part("dependencies", |plan| is_emitted(plan) && plan.features.dependencies),
    part("compose", |plan| plan.platform.compose),
    part("existing-kept", |plan| !plan.kept.is_empty()),
    part("compose-database", |plan| plan.platform.compose && plan.features.database),
    part("cloud-run", |plan| plan.platform.cloud_run),
    part("cloud-run-database", |plan| plan.platform.cloud_run && plan.features.migrations),
    part("ecs", |plan| plan.platform.ecs),
    part("ecs-database", |plan| plan.platform.ecs && plan.features.migrations),
    part("ecs-hpa", |plan| plan.platform.ecs && plan.features.hpa),
    part("ecs-queue", |plan| plan.platform.ecs && plan.features.queue),
    part("kubernetes", |plan| plan.platform.kubernetes),
    part("kubernetes-rolling", |plan| plan.rollout.is_some_and(|it| !it.blue_green)),
    part("kubernetes-blue-green", |plan| plan.rollout.is_some_and(|it| it.blue_green)),
    part("kubernetes-gateway", |plan| plan.routing.is_some_and(|it| it.gateway)),
    part("kubernetes-ingress", |plan| plan.routing.is_some_and(|it| it.ingress)),
    part("kubernetes-aws", |plan| plan.platform.kubernetes && plan.cloud.aws),
    part("kubernetes-gcp", |plan| plan.platform.kubernetes && plan.cloud.gcp),
    part("kubernetes-azure", |plan| plan.platform.kubernetes && plan.cloud.azure),
    part("kubernetes-none", |plan| plan.platform.kubernetes && plan.cloud.none),
    part("kubernetes-secrets", |plan| plan.platform.kubernetes && plan.features.secrets),
    part("kubernetes-database", |plan| plan.platform.kubernetes && plan.features.migrations),
    part("kubernetes-database-direct", |plan| {
        plan.platform.kubernetes && plan.features.database && !plan.features.pooler
    }),
    part("pgbouncer", |plan| plan.platform.kubernetes && plan.features.pooler),
    part("kubernetes-outgoing", |plan| plan.platform.kubernetes && !plan.existing.outgoing.is_empty()),
    part("kubernetes-redis", |plan| plan.platform.kubernetes && plan.features.redis),
    part("kubernetes-queue", |plan| plan.platform.kubernetes && plan.features.queue),
    part("kubernetes-keda", |plan| plan.platform.kubernetes && plan.features.worker_scaling),
    part("kubernetes-hpa", |plan| plan.platform.kubernetes && plan.features.hpa),
];

pub(super) const fn part(folder: &'static str, when: fn(&Plan) -> bool) -> Part {
    Part { folder, dependencies: &[], dev_dependencies: &[], when }
}

/// Whether the service's code is emitted, and not there before.
pub(super) fn is_emitted(plan: &Plan) -> bool {
    !plan.features.existing
}

/// All parts that any plan can call for.
pub fn all() -> impl Iterator<Item = &'static Part> {
    let of_frameworks = FRAMEWORKS.iter().flat_map(|framework| framework.parts);
    PARTS.iter().chain(OPS_PARTS).chain(of_frameworks).chain(DATA_ACCESSES.iter().flat_map(|it| it.parts))
}

/// The parts that a plan calls for.
pub fn used(plan: &Plan) -> impl Iterator<Item = &'static Part> {
    let of_data_access = plan.data_access.map_or(&[][..], |it| it.parts);
    let of_framework = if is_emitted(plan) { plan.stack.framework.parts } else { &[] };
    PARTS.iter().chain(OPS_PARTS).chain(of_framework).chain(of_data_access).filter(|part| (part.when)(plan))
}
