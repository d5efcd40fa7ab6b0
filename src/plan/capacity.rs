//! The capacity model: how many instances a load needs. All constants of the sizing stand here, each
//! with its source.
//!
//! The model is deliberately small. An instance is one Node.js process on one core. It takes `r`
//! requests per second when fully busy (`scale.rps-per-replica`), is planned to be [`TARGET_PERCENT`]
//! busy at the peak, and so `n = ceil(load / (r * target))` instances carry a load.

/// Share of an instance's capacity that is planned for, in percent.
///
/// In an M/M/1 queue the mean time in the system is `1 / (1 - utilisation)` service times: 2.5 at
/// 60 %, 5 at 80 %, 10 at 90 %. 60 % also leaves room for the 30 to 60 s that a new pod takes to start.
pub const TARGET_PERCENT: u32 = 60;

/// Requests per second that one busy instance takes when each asks the database once.
///
/// An assumption to be replaced by the team's own load test: an eighth of what the emitted example answers
/// with one indexed query (3,300 on one core, README, "Capacity"), since real handlers do more than that.
pub const RPS_WITH_DATABASE: u32 = 400;

/// The same for a service that computes its answers itself: an eighth of what an empty handler does (6,400).
pub const RPS_WITHOUT_DATABASE: u32 = 800;

/// Most instances that one machine carries beside its database, proxy and operating system.
///
/// For a machine of 8 cores: a deploy runs the old and the new slot side by side, and half of the
/// cores are left to PostgreSQL, Redis and Caddy in normal operation.
pub const ONE_MACHINE_INSTANCES: u32 = 4;

/// Cores of the machine that [`ONE_MACHINE_INSTANCES`] assumes.
pub const ONE_MACHINE_CORES: u32 = 8;

/// Memory for the operating system, Docker and its logs on that machine, MiB.
pub const SYSTEM_MIB: u32 = 1024;

/// Extra pods during a rollout, in percent of the replicas, rounded up: the default of Kubernetes.
pub const SURGE_PERCENT: u32 = 25;

/// Most pods of one cluster that Kubernetes is built for (its documentation, "Considerations for large clusters").
pub const CLUSTER_PODS: u32 = 150_000;

/// Most instances of one service of a managed platform: what Cloud Run takes for a maximum where nobody says another, and
/// what a project may have without asking Google for more.
pub const MANAGED_INSTANCES: u32 = 100;

/// Milliseconds that a request is in an instance, the database and what else it waits for included: an interactive
/// answer, as people feel no delay up to then.
pub const ANSWER_MS_PER_REQUEST: u32 = 200;

/// Database time of one request, milliseconds: a handful of indexed queries at 1 to 2 ms.
pub const DATABASE_MS_PER_REQUEST: u32 = 10;

/// Connections that the mean would need, times this, so that the pool does not queue at bursts.
pub const POOL_HEADROOM: u32 = 2;

/// Smallest useful pool: one connection for a slow query and one for the others.
pub const POOL_MIN: u32 = 2;

/// Largest pool of one instance: a single Node.js process does not keep more busy, and PostgreSQL
/// slows down well before hundreds of active connections (PostgreSQL wiki, "Number Of Database Connections").
pub const POOL_MAX: u32 = 20;

/// Connections that an instance keeps for its health checks, beside the pool.
pub const HEALTH_CONNECTIONS: u32 = 1;

/// Connections of a migration.
pub const MIGRATION_CONNECTIONS: u32 = 1;

/// Most connections of a database in a container of ours, whatever `scale.db-max-connections` says.
///
/// Each is a process, and the container has 256 of them, some of which are the server's own. The server
/// also sets memory aside for each when it starts: with 100,000 it does not start in 1 GiB.
pub const CONTAINER_CONNECTIONS: u32 = 200;

/// Jobs that one worker runs at once, where the database has the connections for it: they mostly wait, and the main loop
/// of BullMQ takes them one by one. Far below what an event loop can wait for, since each job may hold a connection.
pub const JOBS_AT_ONCE: u32 = 10;

/// Instances of the service for each worker: an assumption, to be replaced by what the length of the queue shows.
pub const WORKER_SHARE: u32 = 4;

/// Fewest workers in a cluster, whose machines come and go: the jobs of one that is lost do not wait for a new pod.
pub const WORKERS_LEAST: u32 = 2;

/// Workers at most, for each that a fixed number would have, where their number follows the queue: jobs that piled up are
/// worked off as fast again as new ones come. With more, the database behind them is what makes jobs wait.
pub const WORKERS_CATCH_UP: u32 = 2;

/// One connection in this many is kept free, see [`reserved_connections`].
const RESERVED_SHARE: u32 = 10;

/// Fewest connections that are kept free.
const RESERVED_LEAST: u32 = 5;

/// Seconds in which the load may rise from the quietest hour's to the peak: a mailing to all customers, the start of a sale.
/// A day's own rise takes hours.
pub const RISE_SECONDS: u32 = 600;

/// Share of an instance's capacity up to which it answers fast, in percent: an M/M/1 queue is seven service times long there,
/// and twice as long at 92 %.
const FAST_PERCENT: u32 = 85;

/// Fewest instances from which an autoscaler follows a rise of the load within [`RISE_SECONDS`].
///
/// It makes the instances fit what the load was `late_seconds` ago, and has a share of `1 - target` to spare. What the load
/// gains in that time is more than what is to spare until the load is `late * slope / (1 - target)`; up to there the
/// instances have to be there already, and fast.
#[must_use]
pub fn instances_for_rise(rise_rps: u32, late_seconds: u32, rps_per_replica: u32) -> u32 {
    let gained = u64::from(rise_rps) * u64::from(late_seconds) * 100 * 100;
    let fast = u64::from(rps_per_replica) * u64::from(FAST_PERCENT);
    let to_spare = u64::from(RISE_SECONDS) * u64::from(100 - TARGET_PERCENT) * fast;
    u32::try_from(gained.div_ceil(to_spare.max(1))).unwrap_or(u32::MAX)
}

/// Instances that carry `load` requests per second, at least one.
#[must_use]
pub fn instances_for(load: u32, rps_per_replica: u32) -> u32 {
    let planned = u64::from(rps_per_replica) * u64::from(TARGET_PERCENT);
    let needed = (u64::from(load) * 100).div_ceil(planned.max(1));
    u32::try_from(needed).unwrap_or(u32::MAX).max(1)
}

/// Cores of a machine for `instances`: for each as many as [`ONE_MACHINE_CORES`] has for one.
#[must_use]
pub fn machine_cores(instances: u32) -> u32 {
    instances.saturating_mul(ONE_MACHINE_CORES).div_ceil(ONE_MACHINE_INSTANCES)
}

/// Most pods at the same time while `replicas` are rolled out: all of them, a batch that starts, and a
/// batch that still drains. `minReadySeconds` is as long as a pod may drain, so it is never two.
#[must_use]
pub fn during_rollout(replicas: u32) -> u32 {
    replicas.saturating_add(surge(replicas).saturating_mul(2))
}

/// Extra pods while `replicas` are rolled out, rounded up as Kubernetes does.
#[must_use]
pub fn surge(replicas: u32) -> u32 {
    replicas.saturating_mul(SURGE_PERCENT).div_ceil(100)
}

/// Connections kept free for administration, backups and monitoring: a tenth, at least 5.
///
/// PostgreSQL itself reserves 3 for superusers (`superuser_reserved_connections`).
#[must_use]
pub fn reserved_connections(max_connections: u32) -> u32 {
    (max_connections / RESERVED_SHARE).max(RESERVED_LEAST)
}

/// The smallest `max_connections` that leaves `needed` beside [`reserved_connections`].
#[must_use]
pub fn smallest_max_connections(needed: u32) -> u32 {
    let share = needed.saturating_sub(1) / (RESERVED_SHARE - 1);
    needed.saturating_add(share.max(RESERVED_LEAST))
}

/// Requests that one busy instance has at once: Little's law (requests inside = rate x time), rounded up to tens, from 10
/// to the 1,000 that Cloud Run allows.
#[must_use]
pub fn requests_at_once(rps_per_replica: u32) -> u32 {
    let inside = (u64::from(rps_per_replica) * u64::from(ANSWER_MS_PER_REQUEST)).div_ceil(1000);
    u32::try_from(inside.div_ceil(10) * 10).unwrap_or(1000).clamp(10, 1000)
}

/// The pool that an instance would like: Little's law (connections in use = rate x time), times the headroom; and no smaller
/// than [`held_by_busy_loop`].
#[must_use]
pub fn wanted_pool(rps_per_replica: u32) -> u32 {
    let milliseconds = u64::from(rps_per_replica) * u64::from(DATABASE_MS_PER_REQUEST) * u64::from(POOL_HEADROOM);
    let connections = u32::try_from(milliseconds.div_ceil(1000)).unwrap_or(POOL_MAX);
    connections.max(held_by_busy_loop(rps_per_replica)).clamp(POOL_MIN, POOL_MAX)
}

/// Connections that are held when the event loop is as busy as it may be: those of running queries, and those whose answers
/// wait for it. With half of a request's CPU `s` after the query these wait for `s / 2 * busy / (1 - busy)`, and there are
/// `busy / s` of them a second: `busy^2 / (1 - busy) / 2` at any time, whatever `s` is.
#[must_use]
pub fn held_by_busy_loop(rps_per_replica: u32) -> u32 {
    let busy = u64::from(FAST_PERCENT);
    let queries = u64::from(rps_per_replica) * u64::from(DATABASE_MS_PER_REQUEST) * busy;
    let waiting = busy * busy * 1000 / (100 - busy) / 2;
    u32::try_from((queries + waiting).div_ceil(100_000)).unwrap_or(POOL_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instances_follow_the_formula() {
        assert_eq!(instances_for(0, 400), 1);
        assert_eq!(instances_for(240, 400), 1);
        assert_eq!(instances_for(241, 400), 2);
        assert_eq!(instances_for(12_000, 400), 50);
        assert_eq!(instances_for(1_000_000, 1), 1_666_667);
    }

    #[test]
    fn a_rise_needs_what_the_load_gains_while_nobody_sees_it() {
        // 20 requests/s more each second, seen 50 s late: 1000, which is the 40 % to spare of 2500, and these are 7.4 instances of 340.
        assert_eq!(instances_for_rise(12_000, 50, 400), 8);
        assert_eq!(instances_for_rise(0, 50, 400), 0);
    }

    #[test]
    fn surge_rounds_up() {
        assert_eq!(surge(1), 1);
        assert_eq!(surge(2), 1);
        assert_eq!(surge(51), 13);
        assert_eq!(during_rollout(51), 77);
    }

    #[test]
    fn the_smallest_limit_leaves_what_is_needed_and_one_less_does_not() {
        let left = |limit: u32| limit.saturating_sub(reserved_connections(limit));
        for needed in 1..2000 {
            let limit = smallest_max_connections(needed);
            assert!(left(limit) >= needed && left(limit - 1) < needed, "{needed}: {limit}");
        }
    }

    #[test]
    fn pools_follow_littles_law_within_their_bounds() {
        assert_eq!(wanted_pool(400), 8);
        // Half a query at a time, and 2.4 answers that wait for the event loop.
        assert_eq!(wanted_pool(50), 3);
        assert_eq!(wanted_pool(1), 3);
        assert_eq!(wanted_pool(100_000), POOL_MAX);
    }
}
