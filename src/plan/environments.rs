//! The environments, in the order of deployment.

use serde::Serialize;

use super::database::Database;
use super::decision::Ledger;
use super::platform::Platform;
use super::resources::Resources;
use super::scale::Scale;
use super::worker::Worker;
use crate::failure::usage;
use crate::spec::Spec;

/// One environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[allow(clippy::struct_excessive_bools, reason = "independent facts that templates ask by name")]
pub struct Environment {
    /// DNS-1123 label; also the name of the GitHub environment and the value of `APP_ENV`.
    pub name: String,
    /// The last one: it needs an approval.
    pub is_production: bool,
    /// The one before production.
    pub is_last_rehearsal: bool,
    /// Nothing is deployed before it.
    pub is_first: bool,
    /// The environment before it, or empty.
    pub previous: String,
    /// The workflow job that must have succeeded before.
    pub needs: String,
    /// Instances at least.
    pub min_replicas: u32,
    /// Instances at most.
    pub max_replicas: u32,
    /// Whether an autoscaler decides the number.
    pub hpa: bool,
    /// Whether the number is fixed.
    pub fixed_replicas: bool,
    /// Workers of a region, the most of them where their number follows the queue; 0 without background jobs.
    pub worker_replicas: u32,
    /// Workers of a region at least; the same number where it is fixed.
    pub worker_min_replicas: u32,
    /// Whether there are workers, and their number is fixed.
    pub fixed_workers: bool,
    /// Namespace of the cluster.
    pub namespace: String,
    /// What the namespace may use.
    pub quota: Quota,
}

/// What a namespace may use: room for two sets of pods, of the service, the workers and the pooler, since an old set
/// may still drain while a new one serves; a migration and one spare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Quota {
    /// Pods.
    pub pods: u32,
    /// CPU set aside, thousandths of a core.
    pub requests_cpu_millicores: u64,
    /// Memory set aside, MiB.
    pub requests_memory_mib: u64,
    /// CPU limits, thousandths of a core.
    pub limits_cpu_millicores: u64,
    /// Memory limits, MiB.
    pub limits_memory_mib: u64,
}

impl Quota {
    fn for_replicas(replicas: u32, poolers: u32, resources: &Resources, workers: Option<(u32, &Resources)>) -> Self {
        let pods = (replicas + poolers) * 2 + 2;
        let (of_worker, worker_pods) = workers.map_or((resources, 0), |(count, of_worker)| (of_worker, count * 2));
        let of_all = |each: fn(&Resources) -> u32| {
            u64::from(pods) * u64::from(each(resources)) + u64::from(worker_pods) * u64::from(each(of_worker))
        };
        Self {
            pods: pods + worker_pods,
            requests_cpu_millicores: of_all(|it| it.cpu_request_millicores),
            requests_memory_mib: of_all(|it| it.memory_request_mib),
            limits_cpu_millicores: of_all(|it| it.cpu_limit_millicores),
            limits_memory_mib: of_all(|it| it.memory_mib),
        }
    }
}

/// Instances of an environment before production: enough to rehearse a rollout and the loss of one.
pub(super) const REHEARSAL_REPLICAS: u32 = 2;

/// Prefix that Kubernetes keeps for namespaces of its own (its documentation, "Namespaces").
const RESERVED_PREFIX: &str = "kube-";

fn namespace(project: &str, environment: &str) -> String {
    format!("{project}-{environment}")
}

/// Refuses names that the cluster keeps for itself: a project `kube` with an environment `system` would be deployed
/// among the parts of the cluster.
///
/// # Errors
/// Exit 2 with the answer to change.
pub fn check_names(spec: &Spec, platform: Platform) -> anyhow::Result<()> {
    let namespaces = spec.deploy.environments.iter().map(|name| namespace(&spec.name, name));
    match namespaces.into_iter().find(|name| platform == Platform::Kubernetes && name.starts_with(RESERVED_PREFIX)) {
        None => Ok(()),
        Some(name) => Err(usage(format!(
            "project.name: the namespace would be {name}, and Kubernetes keeps names with {RESERVED_PREFIX} in front for \
             itself; choose another name"
        ))),
    }
}

/// Decides the instances of each.
pub fn decide(
    spec: &Spec,
    platform: Platform,
    scale: &Scale,
    resources: &Resources,
    database: &Database,
    worker: Option<&Worker>,
    ledger: &mut Ledger,
) -> Vec<Environment> {
    let names = &spec.deploy.environments;
    let poolers = database.pooler.map_or(0, |pooler| pooler.replicas);
    let mut rehearsal = 0;
    if names.len() > 1 && platform != Platform::Compose {
        let (least, why) = match platform {
            Platform::CloudRun => (
                0,
                "nothing runs there, and nothing is paid, while nobody asks: the first request then waits for a start, as the smoke test does",
            ),
            _ => (
                REHEARSAL_REPLICAS.min(scale.min_replicas),
                "two show what a rollout and a lost pod do; an autoscaler is rehearsed with a maximum of twice that where production has one",
            ),
        };
        rehearsal = ledger.decide("environments[].min_replicas", "Instances before production", least, "", why);
        ledger.from(&["deploy.environments"]);
    }
    let last = names.len().saturating_sub(1);
    names
        .iter()
        .enumerate()
        .map(|(index, name)| {
            let (min_replicas, max_replicas) = replicas(platform, scale, rehearsal, index == last);
            let (worker_min_replicas, worker_replicas) =
                worker.map_or((0, 0), |it| workers(platform, it, index == last));
            Environment {
                name: name.clone(),
                is_production: index == last,
                is_last_rehearsal: index + 1 == last,
                is_first: index == 0,
                previous: index.checked_sub(1).map(|before| names[before].clone()).unwrap_or_default(),
                needs: index.checked_sub(1).map_or_else(|| "build".to_owned(), |before| names[before].clone()),
                min_replicas,
                max_replicas,
                hpa: matches!(platform, Platform::Kubernetes | Platform::Ecs) && min_replicas < max_replicas,
                fixed_replicas: min_replicas == max_replicas,
                worker_replicas,
                worker_min_replicas,
                fixed_workers: worker_replicas > 0 && worker_min_replicas == worker_replicas,
                namespace: namespace(&spec.name, name),
                quota: Quota::for_replicas(
                    max_replicas,
                    poolers,
                    resources,
                    worker.map(|it| (worker_replicas, &it.resources)),
                ),
            }
        })
        .collect()
}

fn replicas(platform: Platform, scale: &Scale, rehearsal: u32, is_production: bool) -> (u32, u32) {
    if is_production || platform == Platform::Compose {
        return (scale.min_replicas, scale.max_replicas);
    }
    if platform == Platform::CloudRun {
        return (rehearsal, (REHEARSAL_REPLICAS.min(scale.min_replicas) * 2).min(scale.max_replicas));
    }
    let most =
        if scale.min_replicas < scale.max_replicas { (rehearsal * 2).min(scale.max_replicas) } else { rehearsal };
    (rehearsal, most)
}

/// The fewest and the most.
fn workers(platform: Platform, worker: &Worker, is_production: bool) -> (u32, u32) {
    let least = worker.scaling.map_or(worker.replicas, |it| it.min_replicas);
    if is_production || platform == Platform::Compose {
        return (least, worker.replicas);
    }
    let least = REHEARSAL_REPLICAS.min(least);
    (least, if worker.scaling.is_some() { (least * 2).min(worker.replicas) } else { least })
}
