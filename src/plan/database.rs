//! Database connections: the pool of an instance, such that all instances together fit.

use serde::Serialize;

use super::capacity::{
    CONTAINER_CONNECTIONS, DATABASE_MS_PER_REQUEST, HEALTH_CONNECTIONS, JOBS_AT_ONCE, MIGRATION_CONNECTIONS,
    POOL_HEADROOM, POOL_MAX, POOL_MIN, held_by_busy_loop, reserved_connections, smallest_max_connections, wanted_pool,
};
use super::decision::Ledger;
use super::platform::Platform;
use super::scale::Scale;
use super::worker::Workers;
use crate::failure::usage;
use crate::spec::Spec;

/// Connections. All zero without a database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default)]
pub struct Database {
    /// Most connections of one instance's pool.
    pub pool_max: u32,
    /// Milliseconds that a request waits for a connection of that pool before it fails.
    pub pool_wait_ms: u32,
    /// Connections of one worker for its jobs, where there are workers: one for each job that runs.
    pub worker_pool_max: Option<u32>,
    /// Connections of one instance, its health check included.
    pub connections_per_instance: u32,
    /// What the database allows.
    pub max_connections: u32,
    /// Kept free for people, backups and monitoring.
    pub reserve: u32,
    /// Most connections that the service ever opens.
    pub used: u32,
    /// How those add up, as a sum.
    pub formula: String,
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
    /// Connections to the database of one instance.
    pub pool_size: u32,
    /// Connections of the service that one instance takes.
    pub max_client_connections: u32,
    /// Seconds that a transaction waits for a connection to the database before it fails.
    pub wait_seconds: u32,
}

/// Milliseconds that a request waits for a connection: people have not given up by then, and a pool that is this far behind
/// does not catch up by itself.
const POOL_WAIT_MS: u32 = 3000;

/// Instances of the pooler: one may be lost or replaced.
const POOLER_REPLICAS: u32 = 2;

/// Poolers at the same time during their own rollout: one more that starts, one that still ends.
const POOLERS_AT_MOST: u32 = POOLER_REPLICAS + 2;

/// Seconds that a transaction waits behind the poolers: as long as a statement may take, so that the driver is told before it
/// gives up by itself.
const POOLER_WAIT_SECONDS: u32 = 10;

/// What AWS has for a pooler does not take the limits that the emitted code opens its connections with.
const NO_RDS_PROXY: &str =
    "; RDS Proxy is no way around it: it refuses connections that bring a statement_timeout along";

/// Smallest pool of a pooler that is worth having.
const POOLER_POOL_MIN: u32 = 5;

/// Sizes the pools.
///
/// # Errors
/// Exit 2 when not even the smallest pools fit into `scale.db-max-connections`.
pub fn decide(
    spec: &Spec,
    platform: Platform,
    scale: &Scale,
    workers: Option<Workers>,
    ledger: &mut Ledger,
) -> anyhow::Result<Database> {
    if !spec.database {
        return Ok(Database::default());
    }
    let limit = match platform {
        Platform::Compose => container_connections(spec),
        _ => spec.scale.db_max_connections,
    };
    let budget = Budget::of(limit, spec.existing.is_some());
    // Code that was there before may hold on to a connection: locks, LISTEN and SET do not survive a pooler in between.
    let may_pool = platform == Platform::Kubernetes && spec.existing.is_none();
    let pool_wait_ms = record_wait(spec, ledger);
    let users = Users { scale, workers: workers.map(|it| it.most_instances) };
    let wanted = wanted_pool(scale.rps_per_replica);
    let fitting = (budget.available() / users.count()).saturating_sub(budget.health);
    if fitting >= POOL_MIN {
        let direct = direct(may_pool, &budget, &users, wanted, fitting, ledger);
        return Ok(Database { pool_wait_ms, ..direct });
    }
    let pool_size = budget.available() / (POOLERS_AT_MOST * scale.regions);
    if !may_pool || pool_size < POOLER_POOL_MIN {
        let no_way = if platform == Platform::Ecs && spec.existing.is_none() { NO_RDS_PROXY } else { "" };
        return Err(too_few(may_pool, &users, &budget, no_way));
    }
    Ok(Database { pool_wait_ms, ..pooled(&budget, &users, wanted, pool_size, ledger) })
}

/// `max_connections` of the database in a container: of a developer's machine, and of the Compose platform.
#[must_use]
pub fn container_connections(spec: &Spec) -> u32 {
    spec.scale.db_max_connections.min(CONTAINER_CONNECTIONS)
}

/// What the database allows, and what of it is spoken for.
struct Budget {
    max_connections: u32,
    reserve: u32,
    /// Of each instance beside its pool.
    health: u32,
}

impl Budget {
    fn of(max_connections: u32, is_existing: bool) -> Self {
        // The check that is emitted beside code that was there before signs in nowhere.
        let health = if is_existing { 0 } else { HEALTH_CONNECTIONS };
        Self { max_connections, reserve: reserved_connections(max_connections), health }
    }

    /// A sum of connections with the migration's, beside what the database allows.
    fn sum(&self, parts: &str, used: u32) -> String {
        format!(
            "{parts} + {MIGRATION_CONNECTIONS} for a migration = {used} of {}, with {} kept free",
            self.max_connections, self.reserve
        )
    }

    fn available(&self) -> u32 {
        self.max_connections.saturating_sub(self.reserve + MIGRATION_CONNECTIONS)
    }
}

/// Who opens connections: the instances of the service, and the workers.
struct Users<'a> {
    scale: &'a Scale,
    /// Most workers at the same time; none without a queue.
    workers: Option<u32>,
}

impl Users<'_> {
    /// All processes that have a pool, at most.
    fn count(&self) -> u32 {
        self.scale.most_instances.saturating_add(self.workers.unwrap_or(0))
    }

    /// Connections of a worker for its jobs, of those that it may have.
    fn worker_pool(&self, fitting: u32) -> Option<u32> {
        self.workers.map(|_| JOBS_AT_ONCE.min(fitting))
    }

    /// Most connections of all of them, each with those for health checks.
    fn connections(&self, pool: u32, worker_pool: Option<u32>, health: u32) -> u32 {
        let of_workers = self.workers.unwrap_or(0) * (worker_pool.unwrap_or(0) + health);
        self.scale.most_instances * (pool + health) + of_workers
    }

    /// The workers' part of a sentence about the instances.
    fn and_workers(&self, worker_pool: Option<u32>) -> String {
        let (Some(workers), Some(pool)) = (self.workers, worker_pool) else { return String::new() };
        format!(", {workers} workers with one for each of {pool} jobs and one for health checks")
    }

    /// The connections of all of them as a sum.
    fn formula(&self, pool: u32, worker_pool: Option<u32>, health: u32) -> String {
        let each =
            |pool: u32| if health == 0 { pool.to_string() } else { format!("({pool} + {health} for health checks)") };
        let of_workers = match (self.workers, worker_pool) {
            (Some(workers), Some(pool)) => format!(" + {workers} workers × {}", each(pool)),
            _ => String::new(),
        };
        format!("{} instances × {}{of_workers}", self.scale.most_instances, each(pool))
    }

    /// How many there are, in words.
    fn text(&self) -> String {
        let instances = format!("{} instances", self.scale.most_instances);
        self.workers.map_or(instances.clone(), |workers| format!("{instances} and {workers} workers"))
    }
}

fn direct(
    may_pool: bool,
    budget: &Budget,
    users: &Users<'_>,
    wanted: u32,
    fitting: u32,
    ledger: &mut Ledger,
) -> Database {
    let pool_max = record_pool(ledger, users.scale, wanted, wanted.min(fitting));
    let worker_pool = users.worker_pool(fitting);
    let used = users.connections(pool_max, worker_pool, budget.health) + MIGRATION_CONNECTIONS;
    let why = format!(
        "{} instances with a pool of {pool_max}{}{}, and one migration; {} stay free of the {} that the database allows",
        users.scale.most_instances,
        if budget.health == 0 {
            " each, if the code keeps to it"
        } else {
            " and one connection for health checks each"
        },
        users.and_workers(worker_pool),
        budget.reserve,
        budget.max_connections
    );
    let used = record_used(ledger, used, why);
    ledger.rejected("A connection pooler", "the pools of all instances fit into the database's own limit");
    let needed = users.count() * (POOL_MIN + budget.health) + MIGRATION_CONNECTIONS;
    let smallest = smallest_max_connections(needed);
    let then = if may_pool { "a pooler in between" } else { "refused, with the number to raise it to" };
    ledger.flips(format!("a database that allows fewer than {smallest} connections: {then}"));
    let formula = budget.sum(&users.formula(pool_max, worker_pool, budget.health), used);
    Database { worker_pool_max: worker_pool, formula, ..database(budget, pool_max, used, wanted, None) }
}

fn pooled(budget: &Budget, users: &Users<'_>, wanted: u32, pool_size: u32, ledger: &mut Ledger) -> Database {
    let scale = users.scale;
    let wanted = record_pool(ledger, scale, wanted, wanted);
    let poolers = POOLERS_AT_MOST * scale.regions;
    let pool_size = ledger.decide(
        "database.pooler.pool_size",
        "Connections of one pooler",
        pool_size,
        "connections",
        format!(
            "PgBouncer stands between, since even pools of {POOL_MIN} in {} do not fit into {}; the {} that are \
             free for it are shared by {poolers}: {POOLER_REPLICAS} a region, and two more while they are replaced",
            users.text(),
            budget.max_connections,
            budget.available()
        ),
    );
    ledger.from(&["scale.db-max-connections", "scale.peak-rps"]);
    ledger.rejected("Pools without a pooler", "they would use up the database's connections at the peak");
    ledger.flips("a larger scale.db-max-connections: no pooler");
    let used = poolers * pool_size + MIGRATION_CONNECTIONS;
    let why = format!("{poolers} poolers with {pool_size} each, and one migration; {} stay free", budget.reserve);
    let used = record_used(ledger, used, why);
    // Instances that still end hold theirs too, and all of them may come to one pooler.
    let worker_pool = users.worker_pool(JOBS_AT_ONCE);
    let clients = users.connections(wanted, worker_pool, budget.health).div_ceil(scale.regions);
    let max_client_connections = ledger.decide(
        "database.pooler.max_client_connections",
        "Connections to one pooler",
        clients,
        "connections",
        "every connection that the service may open, those of instances that still end included, should the other pooler be lost",
    );
    let wait_seconds = ledger.decide(
        "database.pooler.wait_seconds",
        "Longest wait for the database behind a pooler",
        POOLER_WAIT_SECONDS,
        "s",
        "as long as a statement may take, so that the driver is told before it gives up by itself",
    );
    let pooler = Pooler { replicas: POOLER_REPLICAS, pool_size, max_client_connections, wait_seconds };
    let formula = budget.sum(&format!("{poolers} poolers × {pool_size}"), used);
    Database { worker_pool_max: worker_pool, formula, ..database(budget, wanted, used, wanted, Some(pooler)) }
}

fn database(budget: &Budget, pool_max: u32, used: u32, wanted: u32, pooler: Option<Pooler>) -> Database {
    Database {
        pool_max,
        pool_wait_ms: POOL_WAIT_MS,
        worker_pool_max: None,
        connections_per_instance: pool_max + budget.health,
        max_connections: budget.max_connections,
        reserve: budget.reserve,
        used,
        formula: String::new(),
        local_password: super::env::LOCAL_PASSWORD,
        tight: pool_max < wanted,
        pooler,
    }
}

fn busy_with_headroom(busy: u64) -> u32 {
    u32::try_from(busy * u64::from(POOL_HEADROOM)).unwrap_or(u32::MAX)
}

fn record_pool(ledger: &mut Ledger, scale: &Scale, wanted: u32, pool: u32) -> u32 {
    let busy = (u64::from(scale.rps_per_replica) * u64::from(DATABASE_MS_PER_REQUEST)).div_ceil(1000);
    let held = held_by_busy_loop(scale.rps_per_replica);
    let and_held = if held > busy_with_headroom(busy) && wanted > POOL_MIN {
        format!(", but {held} at least, since an answer that waits for a busy event loop still holds its connection")
    } else {
        String::new()
    };
    let fits =
        if pool < wanted { format!("; {wanted} would be wanted, and {pool} is what fits") } else { String::new() };
    let pool = ledger.decide(
        "database.pool_max",
        "Pool of one instance",
        pool,
        "connections",
        format!(
            "{} requests/s with {DATABASE_MS_PER_REQUEST} ms of database time each keep {busy} connections busy at the \
             most, {POOL_HEADROOM} times that for bursts, from {POOL_MIN} to {POOL_MAX}{and_held}{fits}",
            scale.rps_per_replica
        ),
    );
    ledger.from(&["scale.rps-per-replica", "scale.db-max-connections"]);
    pool
}

/// Code that was there before has a limit of its own, or none.
fn record_wait(spec: &Spec, ledger: &mut Ledger) -> u32 {
    if spec.existing.is_some() {
        return POOL_WAIT_MS;
    }
    ledger.decide(
        "database.pool_wait_ms",
        "A request waits for a connection",
        POOL_WAIT_MS,
        "ms",
        "then it fails: an answer, not a queue without end",
    )
}

fn record_used(ledger: &mut Ledger, used: u32, why: String) -> u32 {
    let used = ledger.decide("database.used", "Connections at most", used, "connections", why);
    ledger.from(&["scale.db-max-connections", "scale.peak-rps"]);
    used
}

fn too_few(may_pool: bool, users: &Users<'_>, budget: &Budget, no_way: &str) -> anyhow::Error {
    let (smallest, how) = if may_pool {
        let poolers = POOLERS_AT_MOST * users.scale.regions;
        (poolers * POOLER_POOL_MIN, format!("{poolers} poolers with {POOLER_POOL_MIN} each"))
    } else {
        let each = POOL_MIN + budget.health;
        (users.count() * each, format!("{} with {each} each", users.text()))
    };
    let needed = smallest + MIGRATION_CONNECTIONS;
    let enough = smallest_max_connections(needed);
    usage(format!(
        "scale.db-max-connections: {} are too few: {how}, one migration and a reserve of {} need {}. Raise max_connections \
         of the database and set scale.db-max-connections to at least {enough}{no_way}",
        budget.max_connections,
        budget.reserve,
        needed + budget.reserve
    ))
}
