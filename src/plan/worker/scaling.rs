//! A number of workers that follows the jobs that wait and run, set by KEDA.

use serde::Serialize;

use super::super::capacity::{WORKER_SHARE, WORKERS_CATCH_UP, WORKERS_LEAST};
use super::super::decision::Ledger;

/// Seconds between two looks at the queue: as often as Kubernetes' own autoscaler looks (its
/// `--horizontal-pod-autoscaler-sync-period`).
const POLLING_SECONDS: u32 = 15;

/// Looks in a row that may fail before the number is held: 45 s, longer than a fail-over of a managed Redis mostly takes.
const FAILURES: u32 = 3;

/// Seconds for which the highest need of late counts when workers are taken away, Kubernetes' own default.
const SETTLE_SECONDS: u32 = 300;

/// How the number of workers follows the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Scaling {
    /// Workers of a region that are always there.
    pub min_replicas: u32,
    /// Jobs that wait or run for which there is one worker.
    pub jobs_per_worker: u32,
    /// Seconds between two looks at the queue.
    pub polling_seconds: u32,
    /// Looks in a row that fail before the number is held.
    pub failures: u32,
    /// Seconds for which the highest need of late counts when workers are taken away.
    pub settle_seconds: u32,
}

/// The most workers of a region.
pub(super) fn record_most(replicas: u32, ledger: &mut Ledger) {
    ledger.decide(
        "worker.replicas",
        "Workers at most, each region",
        replicas,
        "",
        format!(
            "{WORKERS_CATCH_UP} times what a fixed number would be, one for {WORKER_SHARE} instances of the service at the peak and \
             at least {WORKERS_LEAST}: jobs that piled up are worked off as fast again as new ones come"
        ),
    );
}

/// The rest of it.
pub(super) fn decide(least: u32, concurrency: u32, ledger: &mut Ledger) -> Scaling {
    ledger.decide(
        "worker.scaling.min_replicas",
        "Workers at least, each region",
        least,
        "",
        "jobs go on while one is lost or moved",
    );
    ledger.from(&["deploy.worker-scaling"]);
    ledger.rejected(
        "No worker while there are no jobs",
        "the first job would wait for a pod, and a queue that cannot be read would have nobody who takes jobs",
    );
    ledger.decide(
        "worker.scaling.jobs_per_worker",
        "Jobs that wait or run, for each worker",
        concurrency,
        "",
        "as many as it runs at once. Those that run count too, so that no busy worker is taken away because nothing waits",
    );
    ledger.from(&["deploy.worker-scaling"]);
    ledger.rejected(
        "Jobs that wait alone",
        "the number would fall while all workers are busy, and rise again with the jobs that this put back",
    );
    ledger.decide(
        "worker.scaling.polling_seconds",
        "The queue is looked at every",
        POLLING_SECONDS,
        "s",
        "as often as the cluster's autoscaler decides",
    );
    ledger.decide(
        "worker.scaling.failures",
        "Looks that may fail in a row",
        FAILURES,
        "",
        format!(
            "then the number stays as it is for as long as Redis cannot be asked, {} s on: no outage takes workers away",
            FAILURES * POLLING_SECONDS
        ),
    );
    ledger.decide(
        "worker.scaling.settle_seconds",
        "Workers are taken away by the highest need of the last",
        SETTLE_SECONDS,
        "s",
        "a pause between two waves of jobs costs no starts, and each start takes connections of the database",
    );
    Scaling {
        min_replicas: least,
        jobs_per_worker: concurrency,
        polling_seconds: POLLING_SECONDS,
        failures: FAILURES,
        settle_seconds: SETTLE_SECONDS,
    }
}
