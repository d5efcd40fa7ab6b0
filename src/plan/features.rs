//! Yes-or-no questions that templates may ask.

use serde::Serialize;

use super::connection::Connection;
use super::database::Database;
use super::env::EnvKey;
use super::environments::Environment;
use super::platform::Platform;
use super::storage::Storage;
use crate::spec::Spec;

/// Yes-or-no questions that templates may ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[allow(clippy::struct_excessive_bools, reason = "they are independent facts, not states of one machine")]
pub struct Features {
    /// PostgreSQL.
    pub database: bool,
    /// A step that brings the database up to date.
    pub migrations: bool,
    /// Redis.
    pub redis: bool,
    /// Background jobs in a worker process of its own.
    pub queue: bool,
    /// The database or Redis.
    pub dependencies: bool,
    /// Files in S3.
    pub storage: bool,
    /// Anything that is opened when the service starts.
    pub services: bool,
    /// A token of the pod that AWS exchanges for a role.
    pub web_identity: bool,
    /// An autoscaler in production.
    pub hpa: bool,
    /// A number of workers that follows the queue.
    pub worker_scaling: bool,
    /// A connection pooler between the service and the database.
    pub pooler: bool,
    /// Any variable is a secret.
    pub secrets: bool,
    /// Any variable is a key of somebody else's service.
    pub service_keys: bool,
    /// Any variable is required in some environments only.
    pub required_in: bool,
    /// The code was there before: no code is emitted but what the image starts it with.
    pub existing: bool,
    /// Code of ours beside it: its probes and its shutdown.
    pub ops: bool,
    /// Probes also tell whether the process has been ready once. For ECS, which replaces what is not healthy: platforms that
    /// tell readiness from health need it not.
    pub started: bool,
}

/// Answers them.
pub(super) fn answer(
    spec: &Spec,
    platform: Platform,
    environments: &[Environment],
    database: &Database,
    connection: &Connection,
    storage: Option<&Storage>,
    env: &[EnvKey],
) -> Features {
    Features {
        database: spec.database,
        migrations: !connection.migrate.is_empty(),
        redis: spec.redis,
        queue: spec.queue,
        dependencies: spec.database || spec.redis,
        storage: storage.is_some(),
        services: spec.database || spec.redis || storage.is_some(),
        web_identity: storage.is_some_and(|it| it.credentials.web_identity),
        hpa: environments.iter().any(|environment| environment.hpa),
        worker_scaling: environments.iter().any(|it| it.worker_min_replicas < it.worker_replicas),
        pooler: database.pooler.is_some(),
        secrets: env.iter().any(|key| key.secret),
        service_keys: env.iter().any(EnvKey::is_service_key),
        required_in: env.iter().any(|key| !key.required_in.is_empty()),
        existing: spec.existing.is_some(),
        ops: spec.existing.as_ref().is_some_and(|it| !it.ops.is_empty()),
        started: platform == Platform::Ecs,
    }
}
