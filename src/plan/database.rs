//! Database connections: the pool of an instance, such that all instances together fit.

use serde::Serialize;

use super::capacity::{HEALTH_CONNECTIONS, MIGRATION_CONNECTIONS, POOL_MIN, reserved_connections, wanted_pool};
use super::decision::Ledger;
use super::platform::Platform;
use super::scale::Scale;
use crate::failure::usage;
use crate::spec::Spec;

/// Connections. All zero without a database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default)]
pub struct Database {
    /// Most connections of one instance's pool.
    pub pool_max: u32,
    /// Connections of one instance, its health check included.
    pub connections_per_instance: u32,
    /// What the database allows.
    pub max_connections: u32,
    /// Kept free for people, backups and monitoring.
    pub reserve: u32,
    /// Most connections that the service ever opens.
    pub used: u32,
    /// Password of the database on a developer's machine, refused anywhere else.
    pub local_password: &'static str,
    /// Whether the pool had to be made smaller than wanted.
    pub tight: bool,
    /// A pooler in between, when even the smallest pools do not fit.
    pub pooler: Option<Pooler>,
}

/// A connection pooler between the service and the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Pooler {
    /// Instances of the pooler.
    pub replicas: u32,
}

/// Sizes the pools.
///
/// # Errors
/// Exit 2 when not even the smallest pools fit into `scale.db-max-connections`.
pub fn decide(spec: &Spec, _platform: Platform, scale: &Scale, ledger: &mut Ledger) -> anyhow::Result<Database> {
    if !spec.database {
        return Ok(Database::default());
    }
    let max_connections = spec.scale.db_max_connections;
    let reserve = reserved_connections(max_connections);
    let wanted = wanted_pool(scale.rps_per_replica);
    let available = max_connections.saturating_sub(reserve + MIGRATION_CONNECTIONS);
    let fitting = (available / scale.most_instances).saturating_sub(HEALTH_CONNECTIONS);
    if fitting < POOL_MIN {
        return Err(too_few(scale, reserve, max_connections));
    }
    let pool_max = wanted.min(fitting);
    let connections_per_instance = pool_max + HEALTH_CONNECTIONS;
    let used = scale.most_instances * connections_per_instance + MIGRATION_CONNECTIONS;
    record(ledger, scale, wanted, pool_max, used, reserve, max_connections);
    Ok(Database {
        pool_max,
        connections_per_instance,
        max_connections,
        reserve,
        used,
        local_password: super::env::LOCAL_PASSWORD,
        tight: pool_max < wanted,
        pooler: None,
    })
}

fn record(ledger: &mut Ledger, scale: &Scale, wanted: u32, pool: u32, used: u32, reserve: u32, max: u32) {
    let fits =
        if pool < wanted { format!("; {wanted} would be wanted, and {pool} is what fits") } else { String::new() };
    ledger.decide(
        "database.pool_max",
        "Pool of one instance",
        pool,
        "connections",
        format!(
            "{} requests/s with 10 ms of database time each keep {} connections busy at the most, twice that \
             for bursts{fits}",
            scale.rps_per_replica,
            (u64::from(scale.rps_per_replica) * 10).div_ceil(1000)
        ),
    );
    ledger.from(&["scale.rps-per-replica", "scale.db-max-connections"]);
    ledger.decide(
        "database.used",
        "Connections at most",
        used,
        "connections",
        format!(
            "{} instances with a pool of {pool} and one connection for health checks each, and one migration; \
             {reserve} stay free of the {max} that the database allows",
            scale.most_instances
        ),
    );
    ledger.from(&["scale.db-max-connections", "scale.peak-rps"]);
    ledger.rejected("A connection pooler", "the pools of all instances fit into the database's own limit");
    let smallest = scale.most_instances * (POOL_MIN + HEALTH_CONNECTIONS) + MIGRATION_CONNECTIONS + reserve;
    ledger.flips(format!("fewer than {smallest} connections: the pools would not fit"));
}

fn too_few(scale: &Scale, reserve: u32, max_connections: u32) -> anyhow::Error {
    let smallest = scale.most_instances * (POOL_MIN + HEALTH_CONNECTIONS) + MIGRATION_CONNECTIONS;
    // The reserve grows with the limit: a tenth of it stays free.
    let enough = (smallest * 10).div_ceil(9).max(smallest + reserve);
    usage(format!(
        "scale.db-max-connections: {max_connections} are too few: {} instances with the smallest pool of {POOL_MIN} and \
         one connection for health checks each, one migration and a reserve of {reserve} need {}. Raise \
         max_connections of the database and set scale.db-max-connections to at least {enough}",
        scale.most_instances,
        smallest + reserve
    ))
}
