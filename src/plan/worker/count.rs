//! How many workers there are.

use super::super::capacity::{WORKER_SHARE, WORKERS_CATCH_UP, WORKERS_LEAST, during_rollout, surge};
use super::super::decision::Ledger;
use super::super::platform::Platform;
use super::super::scale::Scale;
use super::scaling;
use crate::spec::Spec;

/// Numbers of workers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Workers {
    /// Of one slot, or of one region; the most of them, where their number follows the queue.
    pub replicas: u32,
    /// Of one region at least, where their number follows the queue; none where it is fixed.
    pub(super) least: Option<u32>,
    /// At the same time, during a deploy; all regions together.
    pub most_instances: u32,
    /// Where they run.
    pub(super) platform: Platform,
}

impl Workers {
    /// Of one slot, or of one region, at least.
    #[must_use]
    pub fn least(&self) -> u32 {
        self.least.unwrap_or(self.replicas)
    }
}

/// How many workers there are; none without a queue.
pub(in crate::plan) fn count(spec: &Spec, platform: Platform, scale: &Scale) -> Option<Workers> {
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

/// Records them, with what a rollout adds.
pub(super) fn record(workers: Workers, ledger: &mut Ledger) -> Workers {
    match workers.platform {
        Platform::Kubernetes => record_of_cluster(workers, ledger),
        Platform::CloudRun | Platform::Ecs => record_of_managed(workers, ledger),
        Platform::Compose => record_of_slots(workers, ledger),
    }
}

fn record_of_managed(workers: Workers, ledger: &mut Ledger) -> Workers {
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

fn record_of_cluster(workers: Workers, ledger: &mut Ledger) -> Workers {
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

fn record_of_slots(workers: Workers, ledger: &mut Ledger) -> Workers {
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
