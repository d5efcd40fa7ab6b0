//! How fast instances come, are found to be lost, and follow the load.
//!
//! The probes and the autoscaler print these numbers, and the simulation reckons with them.

use serde::Serialize;

use super::decision::Ledger;
use super::platform::Platform;
use super::scale::Scale;

/// Seconds in which a pod is scheduled, has its image and becomes ready. Images of some 250 MB come from a registry of the
/// same cloud in about ten, and a node that had the version before has most of their layers.
pub(super) const POD_START_SECONDS: u32 = 20;

/// Seconds in which a managed platform has a machine for an instance, has its image, and starts it.
pub(super) const MANAGED_START_SECONDS: u32 = 60;

/// Seconds from the end of a container on one machine until it answers again: Docker starts it at once, Node.js opens its
/// connections, and the first health checks come every second.
const CONTAINER_START_SECONDS: u32 = 5;

/// Seconds between two readings of the pods' CPU: the default `--metric-resolution` of metrics-server.
const METRICS_SECONDS: u32 = 15;

/// Seconds between two decisions of the autoscaler: the default `--horizontal-pod-autoscaler-sync-period`.
const SYNC_SECONDS: u32 = 15;

/// Distance from the target that changes nothing: the default `--horizontal-pod-autoscaler-tolerance`, in percent.
const TOLERANCE_PERCENT: u32 = 10;

/// Seconds by which the pods are behind the load at most: a reading is the mean of a period and a period old, then come the
/// autoscaler's decision and their start.
pub(super) const LATE_SECONDS: u32 = 2 * METRICS_SECONDS + SYNC_SECONDS + POD_START_SECONDS;

/// How instances come and go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Pace {
    /// Seconds until a new instance serves.
    pub start_seconds: u32,
    /// Seconds between two readiness probes; 0 where nothing probes.
    pub readiness_period_seconds: u32,
    /// Failures in a row after which an instance gets no more requests.
    pub readiness_failures: u32,
    /// Seconds between two liveness probes; 0 where nothing probes.
    pub liveness_period_seconds: u32,
    /// Failures in a row after which an instance is started again.
    pub liveness_failures: u32,
    /// Seconds between two probes of an instance that starts; 0 where nothing probes.
    pub startup_period_seconds: u32,
    /// Failures in a row after which a start is given up.
    pub startup_failures: u32,
    /// How the number of instances follows the load; none where it is fixed.
    pub autoscaler: Option<Autoscaler>,
}

/// What the autoscaler may do, and how soon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Autoscaler {
    /// Seconds between two readings of the load.
    pub metrics_seconds: u32,
    /// Seconds between two decisions.
    pub sync_seconds: u32,
    /// Distance from the target that changes nothing, percent of it.
    pub tolerance_percent: u32,
    /// Seconds for which the lowest wish upwards counts; 0: the latest.
    pub up_window_seconds: u32,
    /// Most that it adds in a period, percent of what is there.
    pub up_percent: u32,
    /// Most that it adds in a period, instances, where that is more.
    pub up_pods: u32,
    /// The period of both, seconds.
    pub up_period_seconds: u32,
    /// Seconds for which the highest wish counts downwards.
    pub down_window_seconds: u32,
    /// Most that it takes away in a period, percent.
    pub down_percent: u32,
    /// Most that it takes away in a period, instances, where that is more.
    pub down_pods: u32,
    /// The period of both, seconds.
    pub down_period_seconds: u32,
}

/// That of the emitted `HorizontalPodAutoscaler`.
const AUTOSCALER: Autoscaler = Autoscaler {
    metrics_seconds: METRICS_SECONDS,
    sync_seconds: SYNC_SECONDS,
    tolerance_percent: TOLERANCE_PERCENT,
    up_window_seconds: 0,
    up_percent: 100,
    up_pods: 4,
    up_period_seconds: 30,
    down_window_seconds: 300,
    down_percent: 10,
    down_pods: 1,
    down_period_seconds: 60,
};

/// Decides all of them.
pub(super) fn decide(platform: Platform, scale: &Scale, ledger: &mut Ledger) -> Pace {
    let in_cluster = platform == Platform::Kubernetes;
    let probed = |value: u32| if in_cluster { value } else { 0 };
    let mut pace = Pace {
        start_seconds: start(platform, ledger),
        readiness_period_seconds: probed(5),
        readiness_failures: probed(2),
        liveness_period_seconds: probed(20),
        liveness_failures: probed(6),
        startup_period_seconds: probed(2),
        startup_failures: probed(30),
        autoscaler: (in_cluster && scale.min_replicas < scale.max_replicas).then_some(AUTOSCALER),
    };
    if in_cluster {
        record_probes(&mut pace, ledger);
    }
    if let Some(autoscaler) = &mut pace.autoscaler {
        record_autoscaler(autoscaler, ledger);
    }
    pace
}

fn start(platform: Platform, ledger: &mut Ledger) -> u32 {
    let (value, reason) = match platform {
        Platform::Compose => {
            (CONTAINER_START_SECONDS, "a container starts, opens its connections and passes its first health checks")
        }
        Platform::CloudRun | Platform::Ecs => {
            (MANAGED_START_SECONDS, "the platform has a machine for it, fetches its image and starts it")
        }
        Platform::Kubernetes => (
            POD_START_SECONDS,
            "it is scheduled, fetches its image and becomes ready, on a machine that has room for it",
        ),
    };
    ledger.decide("pace.start_seconds", "A new instance serves after", value, "s", reason)
}

fn record_probes(pace: &mut Pace, ledger: &mut Ledger) {
    pace.readiness_period_seconds = ledger.decide(
        "pace.readiness_period_seconds",
        "Readiness is asked every",
        pace.readiness_period_seconds,
        "s",
        format!(
            "an instance that fails {} times in a row gets no more requests until it answers again",
            pace.readiness_failures
        ),
    );
    pace.liveness_period_seconds = ledger.decide(
        "pace.liveness_period_seconds",
        "Liveness is asked every",
        pace.liveness_period_seconds,
        "s",
        format!(
            "{} failures in a row are a process that is stuck for good: a busy one answers late, not never",
            pace.liveness_failures
        ),
    );
}

fn record_autoscaler(it: &mut Autoscaler, ledger: &mut Ledger) {
    it.up_percent = ledger.decide(
        "pace.autoscaler.up_percent",
        "Instances that the autoscaler adds at once",
        it.up_percent,
        "%",
        format!(
            "at most doubling each {} s, or {} instances where that is more: it sees the load some {} s late, and a steep rise needs large steps",
            it.up_period_seconds,
            it.up_pods,
            it.metrics_seconds + it.sync_seconds
        ),
    );
    it.down_window_seconds = ledger.decide(
        "pace.autoscaler.down_window_seconds",
        "The autoscaler takes instances away after",
        it.down_window_seconds,
        "s",
        format!(
            "without need of them, {} % each {} s: a dip in traffic costs no cold starts",
            it.down_percent, it.down_period_seconds
        ),
    );
}
