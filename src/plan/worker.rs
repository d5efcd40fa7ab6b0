//! The worker: the process that runs background jobs. How many there are, how many jobs each runs at once, and how a job
//! is tried again, dropped and cut short.

mod scaling;

use serde::Serialize;

pub use scaling::Scaling;

use super::capacity::{JOBS_AT_ONCE, WORKER_SHARE, WORKERS_CATCH_UP, WORKERS_LEAST, during_rollout, surge};
use super::database::Database;
use super::decision::Ledger;
use super::pace::{MANAGED_START_SECONDS, POD_START_SECONDS};
use super::platform::Platform;
use super::resources::{self, Resources};
use super::scale::Scale;
use super::timeouts::Timeouts;
use crate::spec::Spec;

/// Seconds for which a job belongs to the worker that took it, unless it says that it is still at it: BullMQ's own default.
const LOCK_SECONDS: u32 = 30;

/// How often a job is given to another worker because the one that had it was lost.
const MAX_STALLED: u32 = 2;

/// How often a job is tried at least.
const ATTEMPTS_LEAST: u32 = 6;

/// Seconds before the second attempt; each later wait is twice as long.
const BACKOFF_SECONDS: u32 = 2;

/// Jobs of either kind that Redis keeps: with the largest body that a route takes, 64 KiB, they fill half of its memory.
const KEEP_JOBS: u32 = 1000;

/// Seconds for which the result of a job can be asked for.
const KEEP_COMPLETED_SECONDS: u32 = 3600;

/// Days in which somebody looks at a job that failed for good.
const KEEP_FAILED_DAYS: u32 = 7;

/// Seconds between two heartbeats.
const HEARTBEAT_SECONDS: u32 = 5;

/// Numbers of workers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Workers {
    /// Of one slot, or of one region; the most of them, where their number follows the queue.
    pub replicas: u32,
    /// Of one region at least, where their number follows the queue; none where it is fixed.
    least: Option<u32>,
    /// At the same time, during a deploy; all regions together.
    pub most_instances: u32,
    /// Where they run.
    platform: Platform,
}

impl Workers {
    /// Of one slot, or of one region, at least.
    #[must_use]
    pub fn least(&self) -> u32 {
        self.least.unwrap_or(self.replicas)
    }
}

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

/// How many workers there are; none without a queue.
pub(super) fn count(spec: &Spec, platform: Platform, scale: &Scale) -> Option<Workers> {
    let share = scale.max_replicas.div_ceil(WORKER_SHARE);
    let least = (platform == Platform::Kubernetes && spec.deploy.keda).then_some(WORKERS_LEAST);
    let (replicas, most_instances) = if platform == Platform::Kubernetes {
        let fixed = share.max(WORKERS_LEAST);
        let replicas = if least.is_some() { fixed * WORKERS_CATCH_UP } else { fixed };
        (replicas, during_rollout(replicas).saturating_mul(scale.regions))
    } else if platform.is_managed() {
        let replicas = share.max(WORKERS_LEAST);
        (replicas, replicas * 2)
    } else {
        // Both slots have theirs during a deploy.
        (share, share * 2)
    };
    spec.queue.then_some(Workers { replicas, least, most_instances, platform })
}

/// Decides the rest of it.
pub(super) fn decide(
    workers: Workers,
    database: &Database,
    timeouts: &Timeouts,
    one: &Resources,
    ledger: &mut Ledger,
) -> Worker {
    let workers = record_count(workers, ledger);
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
    let (attempts, max_stalled) = retries(workers, timeouts, ledger);
    let (keep_jobs, keep_completed_seconds, keep_failed_days) = retention(ledger);
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

fn record_count(workers: Workers, ledger: &mut Ledger) -> Workers {
    match workers.platform {
        Platform::Kubernetes => record_count_of_cluster(workers, ledger),
        Platform::CloudRun | Platform::Ecs => record_count_of_managed(workers, ledger),
        Platform::Compose => record_count_of_slots(workers, ledger),
    }
}

fn record_count_of_managed(workers: Workers, ledger: &mut Ledger) -> Workers {
    let replicas = workers.replicas;
    let replicas = ledger.decide(
        "worker.replicas",
        "Workers",
        replicas,
        "",
        format!(
            "one for {WORKER_SHARE} instances of the service at the peak, until the length of the queue says otherwise; at \
             least {WORKERS_LEAST}, so that jobs go on while one is lost or moved"
        ),
    );
    ledger.from(&["stack.queue", "scale.peak-rps", "scale.rps-per-replica", "scale.availability"]);
    ledger.rejected(
        "An autoscaler on the CPU",
        "jobs mostly wait: a worker is idle by its CPU while the queue grows, and jobs that can wait need no peak capacity",
    );
    ledger.flips("a measured length of the queue at the peak: raise the number where the worker is defined");
    let most_instances = ledger.decide(
        "worker.most_instances",
        "Workers during a deploy",
        workers.most_instances,
        "",
        "the new ones start while the old ones finish their jobs: should they fail, nothing stood still",
    );
    reject_gap(ledger);
    Workers { replicas, most_instances, ..workers }
}

fn record_count_of_cluster(workers: Workers, ledger: &mut Ledger) -> Workers {
    let replicas = workers.replicas;
    let replicas = if workers.least.is_some() {
        scaling::record_most(replicas, ledger);
        replicas
    } else {
        ledger.decide(
            "worker.replicas",
            "Workers, each region",
            replicas,
            "",
            format!(
                "one for {WORKER_SHARE} instances of the service at the peak, until the length of the queue says otherwise; at \
                 least {WORKERS_LEAST}, so that jobs go on while one is lost or moved"
            ),
        )
    };
    ledger.from(&[
        "stack.queue",
        "deploy.worker-scaling",
        "scale.peak-rps",
        "scale.rps-per-replica",
        "scale.regions",
        "scale.availability",
    ]);
    ledger.rejected(
        "An autoscaler on the CPU",
        "jobs mostly wait: a worker is idle by its CPU while the queue grows, and jobs that can wait need no peak capacity",
    );
    if workers.least.is_some() {
        ledger.rejected("A fixed number", "deploy.worker-scaling asks for a number that follows the jobs");
        ledger.flips("deploy.worker-scaling = \"fixed\": half as many, and KEDA not needed");
    } else {
        ledger.flips(
            "a measured length of the queue at the peak: raise the number in the overlay, or let it follow the queue with \
             deploy.worker-scaling = \"keda\"",
        );
    }
    let batch = surge(replicas);
    let most_instances = ledger.decide(
        "worker.most_instances",
        "Workers at most, all regions",
        workers.most_instances,
        "",
        format!(
            "{replicas}, a batch of {batch} that a rollout starts and one of {batch} that still finishes its jobs, in each region"
        ),
    );
    reject_gap(ledger);
    Workers { replicas, most_instances, ..workers }
}

fn record_count_of_slots(workers: Workers, ledger: &mut Ledger) -> Workers {
    let replicas = ledger.decide(
        "worker.replicas",
        "Workers",
        workers.replicas,
        "",
        format!("one for {WORKER_SHARE} instances of the service, until the length of the queue says otherwise"),
    );
    ledger.from(&["stack.queue", "scale.peak-rps"]);
    let most_instances = ledger.decide(
        "worker.most_instances",
        "Workers during a deploy",
        workers.most_instances,
        "",
        "the new one starts and becomes ready while the old one still takes jobs: should it fail, nothing stood still",
    );
    reject_gap(ledger);
    Workers { replicas, most_instances, ..workers }
}

fn reject_gap(ledger: &mut Ledger) {
    ledger.rejected(
        "Stopping the old worker first",
        "a new version that does not start would leave nobody to run jobs; a job has to bear both versions anyway, since it may wait in the queue while they change",
    );
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

/// Attempts of a job, and workers that it may lose.
fn retries(workers: Workers, timeouts: &Timeouts, ledger: &mut Ledger) -> (u32, u32) {
    let (overlap, why) = overlap(workers, timeouts);
    let mut attempts = ATTEMPTS_LEAST;
    while waits(attempts) <= overlap {
        attempts += 1;
    }
    let attempts = ledger.decide(
        "worker.attempts",
        "Attempts of a job",
        attempts,
        "",
        format!("{BACKOFF_SECONDS} s apart, then twice that each time: {} s in all, more than {why}", waits(attempts)),
    );
    let max_stalled = ledger.decide(
        "worker.max_stalled",
        "Workers that a job may lose",
        MAX_STALLED,
        "",
        "a deploy or a lost machine may hit a job twice; one that takes its worker down with it each time has to stop",
    );
    (attempts, max_stalled)
}

/// Seconds between the first attempt and the last.
fn waits(attempts: u32) -> u32 {
    BACKOFF_SECONDS * (2_u32.pow(attempts - 1) - 1)
}

/// Seconds for which an old worker may take jobs that only the new version knows, with room, and in words.
fn overlap(workers: Workers, timeouts: &Timeouts) -> (u32, String) {
    if workers.platform.is_managed() {
        let stop = grace_seconds(timeouts);
        let why = format!(
            "a new version takes, some {MANAGED_START_SECONDS} s to start and twice the {stop} s in which the old one stops: until \
             then old workers may take jobs that only the new version knows"
        );
        return (MANAGED_START_SECONDS + 2 * stop, why);
    }
    if workers.platform == Platform::Compose {
        let seconds = timeouts.shutdown_timeout_seconds;
        let why = format!(
            "twice the {seconds} s for which an old worker may still take jobs that only the new version knows"
        );
        return (2 * seconds, why);
    }
    let batches = workers.replicas.div_ceil(surge(workers.replicas));
    let ready = grace_seconds(timeouts);
    let why = format!(
        "a rollout in {batches} batches takes, each some {POD_START_SECONDS} s to start and {ready} s to stay ready: until then old \
         workers may take jobs that only the new version knows"
    );
    (batches * (POD_START_SECONDS + ready), why)
}

/// Seconds until the platform kills a worker: no preStop, nothing has to take it out of a load balancer first.
fn grace_seconds(timeouts: &Timeouts) -> u32 {
    timeouts.shutdown_timeout_seconds + timeouts.margin_seconds
}

/// Jobs that are kept, seconds for which a finished one is, and days for which a failed one is.
fn retention(ledger: &mut Ledger) -> (u32, u32, u32) {
    let keep = ledger.decide(
        "worker.keep_jobs",
        "Finished jobs that are kept, and failed ones",
        KEEP_JOBS,
        "",
        "Redis must not fill up: it drops nothing by itself, and refuses new jobs when it is full",
    );
    let completed_seconds = ledger.decide(
        "worker.keep_completed_seconds",
        "A result is kept for",
        KEEP_COMPLETED_SECONDS,
        "s",
        "who ordered the job asks for it within minutes; what has to last belongs into the database",
    );
    let failed_days = ledger.decide(
        "worker.keep_failed_days",
        "A failed job is kept for",
        KEEP_FAILED_DAYS,
        "days",
        "over a weekend and a holiday somebody looks at it and tries it again",
    );
    (keep, completed_seconds, failed_days)
}
