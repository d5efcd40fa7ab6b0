//! How many instances, at most and at least.

use serde::Serialize;

use super::capacity::{
    CLUSTER_PODS, MANAGED_INSTANCES, RISE_SECONDS, RPS_WITH_DATABASE, RPS_WITHOUT_DATABASE, SURGE_PERCENT,
    TARGET_PERCENT, instances_for, instances_for_rise,
};
use super::decision::Ledger;
use super::pace::LATE_SECONDS;
use super::platform::Platform;
use super::rollout::Rollout;
use crate::failure::usage;
use crate::spec::{Availability, Spec};

/// Numbers of instances of production.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Scale {
    /// Requests per second of one busy instance.
    pub rps_per_replica: u32,
    /// Instances at the quietest hour, per region.
    pub min_replicas: u32,
    /// Instances at the peak, per region.
    pub max_replicas: u32,
    /// Extra instances that a rollout may start at once, in percent of the replicas.
    pub surge_percent: u32,
    /// Most instances that ever run at the same time, all regions together.
    pub most_instances: u32,
    /// CPU use of the requests at which the autoscaler adds instances, in percent.
    pub hpa_cpu_percent: u32,
    /// Instances of one slot on the Compose platform.
    pub slot_replicas: u32,
    /// Regions at the same time.
    pub regions: u32,
    /// Requests per second at the busiest minute, all regions together.
    pub peak_rps: u32,
    /// Requests per second at the quietest hour, all regions together.
    pub trough_rps: u32,
    /// Share of time that it must answer.
    pub availability: Availability,
}

/// The load that one instance takes.
pub fn rps_per_replica(spec: &Spec, ledger: &mut Ledger) -> u32 {
    let key = "scale.rps_per_replica";
    let title = "Load of one busy instance";
    let value = match spec.scale.rps_per_replica {
        Some(measured) => ledger.decide(key, title, measured, "requests/s", "measured by the team"),
        None if spec.database => ledger.decide(
            key,
            title,
            RPS_WITH_DATABASE,
            "requests/s",
            "assumed for a handler that asks the database once, on one core; replace it by your own load test",
        ),
        None => ledger.decide(
            key,
            title,
            RPS_WITHOUT_DATABASE,
            "requests/s",
            "assumed for a handler that computes its answer, on one core; replace it by your own load test",
        ),
    };
    ledger.from(&["scale.rps-per-replica", "stack.database"]);
    ledger.flips("a load test, whose result is scale.rps-per-replica");
    value
}

/// Instances for the platform.
///
/// # Errors
/// Exit 2 for more pods than a cluster can have, or more instances than a managed service starts.
pub fn decide(
    spec: &Spec,
    platform: Platform,
    rps: u32,
    rollout: Option<Rollout>,
    ledger: &mut Ledger,
) -> anyhow::Result<Scale> {
    let Some(rollout) = rollout else {
        return match platform {
            Platform::Compose => Ok(on_one_machine(spec, rps, ledger)),
            _ => on_managed(spec, platform, rps, ledger),
        };
    };
    let scale = on_kubernetes(spec, rps, rollout, ledger);
    let pods = rollout.most_pods(scale.max_replicas);
    if pods > CLUSTER_PODS {
        return Err(usage(format!(
            "scale.peak-rps: {} requests per second at {rps} for each instance need {pods} pods in each region, and a \
             cluster has at most {CLUSTER_PODS}. Correct scale.rps-per-replica, or split the service",
            spec.scale.peak_rps
        )));
    }
    Ok(scale)
}

fn on_one_machine(spec: &Spec, rps: u32, ledger: &mut Ledger) -> Scale {
    let peak = spec.scale.peak_rps;
    let slot_replicas = ledger.decide(
        "scale.slot_replicas",
        "Instances of the service",
        instances_for(peak, rps),
        "",
        format!("{peak} requests/s at {TARGET_PERCENT} % of {rps} requests/s each, rounded up"),
    );
    ledger.from(&["scale.peak-rps", "scale.rps-per-replica"]);
    ledger.rejected("An autoscaler", "the machine is paid for anyway; idle instances cost nothing more");
    let most_instances = ledger.decide(
        "scale.most_instances",
        "Instances during a deploy",
        slot_replicas * 2,
        "",
        "the new slot starts and becomes healthy while the old one still serves",
    );
    Scale {
        rps_per_replica: rps,
        min_replicas: slot_replicas,
        max_replicas: slot_replicas,
        surge_percent: 100,
        most_instances,
        hpa_cpu_percent: TARGET_PERCENT,
        slot_replicas,
        regions: 1,
        peak_rps: peak,
        trough_rps: spec.scale.trough_rps,
        availability: spec.scale.availability,
    }
}

/// Instances that the provider starts and takes away by the load, spread over the zones of one region.
fn on_managed(spec: &Spec, platform: Platform, rps: u32, ledger: &mut Ledger) -> anyhow::Result<Scale> {
    let max_replicas = most_replicas(spec, rps, 1, ledger);
    if max_replicas > MANAGED_INSTANCES {
        return Err(usage(format!(
            "scale.peak-rps: {} requests per second at {rps} for each instance need {max_replicas} instances, and {} starts at \
             most {MANAGED_INSTANCES} of a service. Correct scale.rps-per-replica, or set deploy.platform=auto",
            spec.scale.peak_rps,
            platform.title()
        )));
    }
    let min_replicas = least_replicas(spec, rps, 1, max_replicas, None, ledger);
    let most_instances = ledger.decide(
        "scale.most_instances",
        "Instances at most, during a deploy",
        max_replicas * 2,
        "",
        format!("{max_replicas} of the old version and as many of the new one, while the new one takes over"),
    );
    // Cloud Run scales by a target of its own.
    let is_scaled = platform == Platform::Ecs && min_replicas < max_replicas;
    let hpa_cpu_percent = if is_scaled { autoscaler_target(ledger) } else { TARGET_PERCENT };
    Ok(Scale {
        rps_per_replica: rps,
        min_replicas,
        max_replicas,
        surge_percent: 100,
        most_instances,
        hpa_cpu_percent,
        slot_replicas: max_replicas,
        regions: 1,
        peak_rps: spec.scale.peak_rps,
        trough_rps: spec.scale.trough_rps,
        availability: spec.scale.availability,
    })
}

fn autoscaler_target(ledger: &mut Ledger) -> u32 {
    ledger.decide(
        "scale.hpa_cpu_percent",
        "Use of the CPU at which instances are added",
        TARGET_PERCENT,
        "%",
        "queueing doubles the response time between 60 % and 80 %; the rest carries the load while new instances start",
    )
}

fn on_kubernetes(spec: &Spec, rps: u32, rollout: Rollout, ledger: &mut Ledger) -> Scale {
    let regions = spec.scale.regions;
    // Each region carries what is left when one of them is lost.
    let share = regions.saturating_sub(1).max(1);
    let max_replicas = most_replicas(spec, rps, share, ledger);
    let min_replicas = least_replicas(spec, rps, share, max_replicas, Some(LATE_SECONDS), ledger);
    let most_instances = ledger.decide(
        "scale.most_instances",
        "Instances at most, all regions",
        rollout.most_pods(max_replicas).saturating_mul(regions),
        "",
        format!("{}, in each region ({regions})", rollout.counted(max_replicas)),
    );
    ledger.from(&["scale.peak-rps", "scale.regions", "deploy.rollout"]);
    let hpa_cpu_percent = if min_replicas < max_replicas { autoscaler_target(ledger) } else { TARGET_PERCENT };
    Scale {
        rps_per_replica: rps,
        min_replicas,
        max_replicas,
        surge_percent: SURGE_PERCENT,
        most_instances,
        hpa_cpu_percent,
        slot_replicas: max_replicas,
        regions,
        peak_rps: spec.scale.peak_rps,
        trough_rps: spec.scale.trough_rps,
        availability: spec.scale.availability,
    }
}

fn most_replicas(spec: &Spec, rps: u32, share: u32, ledger: &mut Ledger) -> u32 {
    let load = spec.scale.peak_rps.div_ceil(share);
    let carrying = instances_for(load, rps);
    let least = availability_floor(spec);
    let value = ledger.decide(
        "scale.max_replicas",
        "Instances at the peak, each region",
        (carrying + 1).max(least),
        "",
        format!(
            "{load} requests/s at {TARGET_PERCENT} % of {rps} requests/s each are {carrying}, and one more so that \
             losing one at the peak is no overload; at least {least}"
        ),
    );
    ledger.from(&["scale.peak-rps", "scale.rps-per-replica", "scale.regions", "scale.availability"]);
    value
}

/// `late_seconds` is how far the autoscaler is behind the load, where that is known.
fn least_replicas(
    spec: &Spec,
    rps: u32,
    share: u32,
    max_replicas: u32,
    late_seconds: Option<u32>,
    ledger: &mut Ledger,
) -> u32 {
    let load = spec.scale.trough_rps.div_ceil(share);
    let rise =
        spec.scale.peak_rps.div_ceil(spec.scale.regions).saturating_sub(spec.scale.trough_rps / spec.scale.regions);
    let carrying = instances_for(load, rps);
    let least = availability_floor(spec);
    let usual = (carrying + 1).max(least);
    let late = late_seconds.unwrap_or(0);
    let for_rise = instances_for_rise(rise, late, rps);
    let and_rise = if for_rise > usual {
        format!(
            "; but the load may rise by {rise} requests/s within {RISE_SECONDS} s, and the autoscaler, {late} s late, follows it \
             from {for_rise} instances on"
        )
    } else {
        String::new()
    };
    let value = ledger.decide(
        "scale.min_replicas",
        "Instances at the quietest hour, each region",
        usual.max(for_rise).min(max_replicas),
        "",
        format!("{load} requests/s need {carrying}, and one more may be lost; at least {least}{and_rise}"),
    );
    ledger.from(&[
        "scale.trough-rps",
        "scale.peak-rps",
        "scale.rps-per-replica",
        "scale.regions",
        "scale.availability",
    ]);
    if value < max_replicas {
        ledger.flips(format!("the same number at both ends ({max_replicas}): a fixed number, no autoscaler"));
    } else {
        ledger.rejected("An autoscaler", "the quietest and the busiest hour need the same number of instances");
        ledger.flips("a peak-rps further away from trough-rps: an autoscaler");
    }
    value
}

/// Fewest instances that hold the target: two survive the loss of one, three that of a zone.
fn availability_floor(spec: &Spec) -> u32 {
    if spec.scale.availability >= Availability::MANAGED { 3 } else { 2 }
}
