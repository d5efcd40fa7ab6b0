//! The worker: the process that runs background jobs. How many there are, how many jobs each runs at once, and how a job
//! is tried again, dropped and cut short.

mod attempts;
mod count;
mod scaling;

use serde::Serialize;

pub use count::Workers;
pub(super) use count::count;
pub use scaling::Scaling;

use super::capacity::JOBS_AT_ONCE;
use super::database::Database;
use super::decision::Ledger;
use super::resources::{self, Resources};
use super::timeouts::Timeouts;
use attempts::BACKOFF_SECONDS;

/// Seconds for which a job belongs to the worker that took it, unless it says that it is still at it: BullMQ's own default.
const LOCK_SECONDS: u32 = 30;

/// Seconds between two heartbeats.
const HEARTBEAT_SECONDS: u32 = 5;

/// The worker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Worker {
    /// Workers of one slot, or of one region; the most of them, where their number follows the queue.
    pub replicas: u32,
    /// How their number follows the queue; none where it is fixed.
    pub scaling: Option<Scaling>,
    /// Most workers that ever run at the same time, all regions together.
    pub most_instances: u32,
    /// Jobs that one worker runs at once, each with at most one database connection.
    pub concurrency: u32,
    /// Seconds that one attempt of a job may take.
    pub job_seconds: u32,
    /// Seconds after which a job of a worker that was lost is free for another one.
    pub lock_seconds: u32,
    /// How often a job goes to another worker because the one that had it was lost.
    pub max_stalled: u32,
    /// How often a job is tried.
    pub attempts: u32,
    /// Seconds before the second attempt; each later wait is twice as long.
    pub backoff_seconds: u32,
    /// Finished jobs that are kept, and as many failed ones.
    pub keep_jobs: u32,
    /// Seconds for which a finished job is kept.
    pub keep_completed_seconds: u32,
    /// Days for which a failed job is kept.
    pub keep_failed_days: u32,
    /// Seconds until the platform sends SIGKILL.
    pub grace_seconds: u32,
    /// Seconds between two heartbeats.
    pub heartbeat_seconds: u32,
    /// Age of a heartbeat, in seconds, that shows a worker that is stuck.
    pub heartbeat_limit_seconds: u32,
    /// Limits of one worker.
    pub resources: Resources,
}

/// Decides the rest of it.
pub(super) fn decide(
    workers: Workers,
    database: &Database,
    timeouts: &Timeouts,
    one: &Resources,
    ledger: &mut Ledger,
) -> Worker {
    let workers = count::record(workers, ledger);
    let concurrency = concurrency(database, ledger);
    let scaling = workers.least.map(|least| scaling::decide(least, concurrency, ledger));
    let job_seconds = ledger.decide(
        "worker.job_seconds",
        "Longest attempt of a job",
        timeouts.drain_seconds,
        "s",
        format!(
            "a worker that stops takes no new job and has {} s for those that run; a job that needs longer is several jobs",
            timeouts.shutdown_timeout_seconds
        ),
    );
    let lock_seconds = ledger.decide(
        "worker.lock_seconds",
        "A lost worker's job is free after",
        LOCK_SECONDS,
        "s",
        format!(
            "longer than the {} s of a shutdown, so that no job runs twice because its worker is stopping; renewed at half \
             of it. The jobs of a worker that was killed start again elsewhere within twice this time",
            timeouts.shutdown_timeout_seconds
        ),
    );
    let (attempts, max_stalled) = attempts::retries(workers, timeouts, ledger);
    let (keep_jobs, keep_completed_seconds, keep_failed_days) = attempts::retention(ledger);
    let grace_seconds = ledger.decide(
        "worker.grace_seconds",
        "Platform kills a worker after",
        grace_seconds(timeouts),
        "s",
        format!(
            "the {} s of its own limit and a margin of {} s; nothing has to take it out of a load balancer first",
            timeouts.shutdown_timeout_seconds, timeouts.margin_seconds
        ),
    );
    let heartbeat_limit_seconds = ledger.decide(
        "worker.heartbeat_limit_seconds",
        "A worker counts as stuck after",
        lock_seconds,
        "s",
        format!(
            "without one of the heartbeats that come every {HEARTBEAT_SECONDS} s: its jobs are free for others by then. A \
             heartbeat needs a turn of the event loop and no Redis, so that by an outage of Redis no worker counts as stuck"
        ),
    );
    Worker {
        replicas: workers.replicas,
        scaling,
        most_instances: workers.most_instances,
        concurrency,
        job_seconds,
        lock_seconds,
        max_stalled,
        attempts,
        backoff_seconds: BACKOFF_SECONDS,
        keep_jobs,
        keep_completed_seconds,
        keep_failed_days,
        grace_seconds,
        heartbeat_seconds: HEARTBEAT_SECONDS,
        heartbeat_limit_seconds,
        resources: resources::of_worker(one, workers.platform, ledger),
    }
}

fn concurrency(database: &Database, ledger: &mut Ledger) -> u32 {
    let fitting = database.worker_pool_max.unwrap_or(JOBS_AT_ONCE);
    let reason = if fitting < JOBS_AT_ONCE {
        format!("{JOBS_AT_ONCE} would be wanted; each holds a database connection, and {fitting} is what fits")
    } else {
        "jobs mostly wait for the database and for others, on one event loop; a job that computes wants a worker for itself"
            .to_owned()
    };
    let value = ledger.decide("worker.concurrency", "Jobs that one worker runs at once", fitting, "", reason);
    ledger.from(&["stack.queue", "scale.db-max-connections"]);
    value
}

/// Seconds until the platform kills a worker: no preStop, nothing has to take it out of a load balancer first.
fn grace_seconds(timeouts: &Timeouts) -> u32 {
    timeouts.shutdown_timeout_seconds + timeouts.margin_seconds
}
