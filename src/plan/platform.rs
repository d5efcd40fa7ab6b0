//! The platform decision: the smallest platform that carries the load and the target.

use serde::Serialize;

use super::capacity::{ONE_MACHINE_CORES, ONE_MACHINE_INSTANCES};
use super::decision::Ledger;
use crate::failure::usage;
use crate::spec::kubernetes::{KUBERNETES_REGIONS, KUBERNETES_RPS, KUBERNETES_TEAM, scale_justifies_kubernetes};
use crate::spec::{AskedPlatform, Availability, Cloud, Spec};

/// Where the service runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Platform {
    /// Compose on one machine.
    Compose,
    /// Google Cloud Run.
    CloudRun,
    /// Amazon ECS on Fargate.
    Ecs,
    /// Kubernetes.
    Kubernetes,
}

impl Platform {
    /// The value of `deploy.platform`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Compose => "compose",
            Self::CloudRun => "cloud-run",
            Self::Ecs => "ecs",
            Self::Kubernetes => "kubernetes",
        }
    }

    /// Whether somebody else runs the machines, and starts instances and takes them away by the load.
    #[must_use]
    pub fn is_managed(self) -> bool {
        matches!(self, Self::CloudRun | Self::Ecs)
    }

    /// The name for people.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Compose => "Compose on one machine",
            Self::CloudRun => "Cloud Run",
            Self::Ecs => "ECS on Fargate",
            Self::Kubernetes => "Kubernetes",
        }
    }
}

/// The numbers that decide, beside the user's own reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Need {
    /// Instances that the peak needs.
    pub instances: u32,
    /// Whether one machine carries them.
    pub fits_one_machine: bool,
    /// Whether the availability target rules one machine out.
    pub beyond_one_machine_availability: bool,
}

/// What one machine can and cannot do for these answers.
#[must_use]
pub fn need(spec: &Spec, instances: u32) -> Need {
    Need {
        instances,
        fits_one_machine: instances <= ONE_MACHINE_INSTANCES,
        beyond_one_machine_availability: spec.scale.availability >= Availability::MANAGED,
    }
}

/// Decides by the rule, without regard to what this version can emit.
///
/// # Errors
/// Exit 2 when the user asked for a platform that the numbers do not allow, or when the numbers need
/// managed containers and no provider of them was named.
pub fn choose(spec: &Spec, need: Need) -> anyhow::Result<(Platform, String)> {
    let scale = &spec.scale;
    let by_scale = scale_justifies_kubernetes(scale.peak_rps.into(), scale.team_size.into(), scale.regions.into());
    let by_words = spec.deploy.kubernetes_because.as_ref().map(|_| "the team gave its own reason for it".to_owned());
    let kubernetes = by_scale.or(by_words);
    match (spec.deploy.platform, kubernetes) {
        (Some(AskedPlatform::Compose), _) => compose_as_asked(spec, need),
        (Some(AskedPlatform::CloudRun), _) => managed_as_asked(spec, Platform::CloudRun, Cloud::Gcp),
        (Some(AskedPlatform::Ecs), _) => managed_as_asked(spec, Platform::Ecs, Cloud::Aws),
        (Some(AskedPlatform::Kubernetes), None) => Err(unjustified_kubernetes(spec)),
        (_, Some(why)) => Ok((Platform::Kubernetes, why)),
        (None, None) => below_kubernetes(spec, need),
    }
}

fn compose_as_asked(spec: &Spec, need: Need) -> anyhow::Result<(Platform, String)> {
    if spec.scale.regions > 1 {
        return Err(usage(format!(
            "deploy.platform: compose runs on one machine, and scale.regions is {}; set deploy.platform=auto",
            spec.scale.regions
        )));
    }
    if !need.fits_one_machine {
        return Err(usage(format!(
            "deploy.platform: compose runs on one machine, which carries {ONE_MACHINE_INSTANCES} instances; \
             {} requests per second need {}. Set deploy.platform=auto, or scale.rps-per-replica from your own load test",
            spec.scale.peak_rps, need.instances
        )));
    }
    Ok((Platform::Compose, "asked for by deploy.platform".to_owned()))
}

fn managed_as_asked(spec: &Spec, platform: Platform, cloud: Cloud) -> anyhow::Result<(Platform, String)> {
    let name = platform.name();
    if spec.deploy.cloud != cloud {
        let of = if cloud == Cloud::Gcp { "gcp" } else { "aws" };
        return Err(usage(format!("deploy.platform: {name} is a service of one provider; set deploy.cloud={of} too")));
    }
    if spec.scale.regions > 1 {
        return Err(usage(format!(
            "deploy.platform: {name} is set up in one region, and scale.regions is {}; set deploy.platform=auto",
            spec.scale.regions
        )));
    }
    Ok((platform, "asked for by deploy.platform".to_owned()))
}

fn unjustified_kubernetes(spec: &Spec) -> anyhow::Error {
    let scale = &spec.scale;
    usage(format!(
        "deploy.platform: kubernetes is not justified by the answers: peak-rps is {} (more than {KUBERNETES_RPS} \
         would), team-size is {} (more than {KUBERNETES_TEAM} would), regions is {} (more than {KUBERNETES_REGIONS} \
         would). Set deploy.platform=auto, or write your own reason: --set deploy.kubernetes-because=\"...\"",
        scale.peak_rps, scale.team_size, scale.regions
    ))
}

fn below_kubernetes(spec: &Spec, need: Need) -> anyhow::Result<(Platform, String)> {
    let why_managed = if !need.fits_one_machine {
        format!(
            "{} requests per second need {} instances, and one machine carries {ONE_MACHINE_INSTANCES}",
            spec.scale.peak_rps, need.instances
        )
    } else if need.beyond_one_machine_availability {
        format!(
            "{} % leaves {} minutes a month, less than the reboots and updates of one machine take",
            spec.scale.availability,
            spec.scale.availability.minutes_down_a_month()
        )
    } else {
        return Ok((Platform::Compose, one_machine_is_enough(spec, need)));
    };
    match spec.deploy.cloud {
        Cloud::Gcp => Ok((Platform::CloudRun, why_managed)),
        Cloud::Aws => Ok((Platform::Ecs, why_managed)),
        Cloud::None | Cloud::Azure => Err(usage(format!(
            "deploy.platform: the answers call for managed containers ({why_managed}), and deploy.cloud names \
             no provider of them that is supported (aws or gcp). {}",
            ways_out(need)
        ))),
    }
}

fn one_machine_is_enough(spec: &Spec, need: Need) -> String {
    let instances = if need.instances == 1 { "1 instance".to_owned() } else { format!("{} instances", need.instances) };
    format!(
        "{} requests per second need {instances}, which one machine of {ONE_MACHINE_CORES} cores carries, and {} % \
         leaves {} minutes a month for its reboots and updates",
        spec.scale.peak_rps,
        spec.scale.availability,
        spec.scale.availability.minutes_down_a_month()
    )
}

fn ways_out(need: Need) -> String {
    let mut ways = Vec::new();
    if need.fits_one_machine {
        ways.push("accept the downtime of one machine with --set deploy.platform=compose");
    } else {
        ways.push("measure one instance and set scale.rps-per-replica");
    }
    ways.push("give a reason for a cluster with --set deploy.kubernetes-because=\"...\"");
    format!("Ways on: {}", ways.join("; or "))
}

/// Records the decision with what was rejected and what would flip it.
pub fn record(spec: &Spec, ledger: &mut Ledger, platform: Platform, why: &str, need: Need) {
    ledger.decide("platform.name", "Platform", platform.name(), "", why);
    ledger.from(&[
        "deploy.platform",
        "deploy.kubernetes-because",
        "scale.peak-rps",
        "scale.team-size",
        "scale.regions",
        "scale.availability",
    ]);
    match platform {
        Platform::Kubernetes => record_rejected_by_kubernetes(spec, ledger, need),
        Platform::Compose => record_rejected_by_compose(spec, ledger, need),
        Platform::CloudRun | Platform::Ecs => record_rejected_by_managed(spec, ledger, need),
    }
}

fn record_rejected_by_managed(spec: &Spec, ledger: &mut Ledger, need: Need) {
    let machine = if !need.fits_one_machine {
        format!("{} instances do not fit on one machine of {ONE_MACHINE_CORES} cores", need.instances)
    } else if need.beyond_one_machine_availability {
        format!(
            "it would carry the load, but its reboots and updates take more than the {} minutes a month that {} % leaves",
            spec.scale.availability.minutes_down_a_month(),
            spec.scale.availability
        )
    } else {
        "it would carry the load and cost less, but is the team's own to patch and to rebuild".to_owned()
    };
    ledger.rejected(Platform::Compose.title(), machine);
    ledger.rejected(Platform::Kubernetes.title(), no_cluster(spec));
    ledger.flips(format!(
        "at most {ONE_MACHINE_INSTANCES} instances and an availability below {} %: one machine; more than {KUBERNETES_RPS} \
         requests/s, more than {KUBERNETES_TEAM} people or more than {KUBERNETES_REGIONS} region: Kubernetes",
        Availability::MANAGED
    ));
}

/// Why a cluster is more than these answers need; or why they were not asked.
fn no_cluster(spec: &Spec) -> String {
    let scale = &spec.scale;
    match scale_justifies_kubernetes(scale.peak_rps.into(), scale.team_size.into(), scale.regions.into()) {
        Some(why) => format!("{why}, which would pay for a cluster; the team chose another platform"),
        None => format!(
            "peak-rps {} (limit {KUBERNETES_RPS}), team-size {} (limit {KUBERNETES_TEAM}) and regions {} (limit \
             {KUBERNETES_REGIONS}) do not pay for a cluster's upgrades and on-call",
            scale.peak_rps, scale.team_size, scale.regions
        ),
    }
}

fn record_rejected_by_kubernetes(spec: &Spec, ledger: &mut Ledger, need: Need) {
    let is_large_team = i64::from(spec.scale.team_size) > KUBERNETES_TEAM;
    let machine = if spec.scale.regions > 1 {
        format!("one machine stands in one region, and {} were asked for", spec.scale.regions)
    } else if need.fits_one_machine && is_large_team {
        "one machine would carry the load, but is lost as a whole and gives a large team no isolation".to_owned()
    } else if need.fits_one_machine {
        "one machine would carry the load, but is lost as a whole".to_owned()
    } else {
        format!("{} instances do not fit on one machine of {ONE_MACHINE_CORES} cores", need.instances)
    };
    ledger.rejected(Platform::Compose.title(), machine);
    ledger.rejected(
        "Managed containers",
        "fewer parts to run, but no network policy, quota and rollout control of one's own at this size",
    );
    let without = if spec.deploy.kubernetes_because.is_some() { "no deploy.kubernetes-because, " } else { "" };
    ledger.flips(format!(
        "{without}peak-rps at most {KUBERNETES_RPS}, team-size at most {KUBERNETES_TEAM} and regions \
         {KUBERNETES_REGIONS}: a smaller platform"
    ));
}

fn record_rejected_by_compose(spec: &Spec, ledger: &mut Ledger, need: Need) {
    let managed = if need.beyond_one_machine_availability {
        "the availability target calls for it; the team chose one machine and accepts its downtime"
    } else {
        "costs more a month and takes the database out of the machine, for an availability that was not asked for"
    };
    ledger.rejected("Managed containers", managed);
    ledger.rejected(
        Platform::Kubernetes.title(),
        format!(
            "peak-rps {} (limit {KUBERNETES_RPS}), team-size {} (limit {KUBERNETES_TEAM}) and regions {} (limit \
             {KUBERNETES_REGIONS}) do not pay for a cluster's upgrades and on-call",
            spec.scale.peak_rps, spec.scale.team_size, spec.scale.regions
        ),
    );
    ledger.flips(format!(
        "more than {ONE_MACHINE_INSTANCES} instances, or an availability of {} % or more: managed containers; more than \
         {KUBERNETES_RPS} requests/s, more than {KUBERNETES_TEAM} people or more than {KUBERNETES_REGIONS} region: Kubernetes",
        Availability::MANAGED
    ));
}
