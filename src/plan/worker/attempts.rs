//! How a job is tried again, and how long it is kept when it is over.

use super::super::capacity::surge;
use super::super::decision::Ledger;
use super::super::pace::{MANAGED_START_SECONDS, POD_START_SECONDS};
use super::super::platform::Platform;
use super::super::timeouts::Timeouts;
use super::{Workers, grace_seconds};

/// How often a job is given to another worker because the one that had it was lost.
const MAX_STALLED: u32 = 2;

/// How often a job is tried at least.
const ATTEMPTS_LEAST: u32 = 6;

/// Seconds before the second attempt; each later wait is twice as long.
pub(super) const BACKOFF_SECONDS: u32 = 2;

/// Jobs of either kind that Redis keeps: with the largest body that a route takes, 64 KiB, they fill half of its memory.
const KEEP_JOBS: u32 = 1000;

/// Seconds for which the result of a job can be asked for.
const KEEP_COMPLETED_SECONDS: u32 = 3600;

/// Days in which somebody looks at a job that failed for good.
const KEEP_FAILED_DAYS: u32 = 7;

/// Attempts of a job, and workers that it may lose.
pub(super) fn retries(workers: Workers, timeouts: &Timeouts, ledger: &mut Ledger) -> (u32, u32) {
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

/// Jobs that are kept, seconds for which a finished one is, and days for which a failed one is.
pub(super) fn retention(ledger: &mut Ledger) -> (u32, u32, u32) {
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
