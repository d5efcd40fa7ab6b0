//! The database must hold every instance's pool at once.

use std::collections::BTreeSet;

use crate::review::read::compose::substituted;
use crate::review::read::kubernetes::{Workload, apps, is_worker, workloads};
use crate::review::read::kustomize::Overlay;
use crate::review::read::scaler::scaler_of;
use crate::review::{Node, Place, Problem, Repository, Risk, Rule, Severity};

pub(crate) const RULES: &[Rule] = &[Rule {
    id: "connections-fit",
    description: "Pools of all instances, health checks, a rollout's surge and a reserve fit into the database's connections.",
    risk: Risk::Availability,
    severity: Severity::High,
    why: "At the most instances, new connections are refused by the database: errors under exactly the load that made it scale.",
    source: Some("https://www.postgresql.org/docs/current/runtime-config-connection.html"),
    check: connections_fit,
}];

/// Beside its pool, an instance keeps one connection so that a busy pool does not look like a dead database.
const HEALTH_CONNECTIONS: f64 = 1.0;
/// One connection in this many is for people, backups and monitoring.
const RESERVED_SHARE: f64 = 10.0;
/// `PostgreSQL` keeps 3 for superusers alone.
const RESERVED_LEAST: f64 = 5.0;
const MIGRATION_CONNECTIONS: f64 = 1.0;
/// `PostgreSQL`'s own `max_connections`.
pub(super) const POSTGRES_DEFAULT: f64 = 100.0;
/// ECS' own `maximumPercent`.
const ECS_MAXIMUM_PERCENT: f64 = 200.0;
/// Values of the label `slot` with blue-green deployments.
const SLOTS: [&str; 2] = ["blue", "green"];
/// Kubernetes' own `maxSurge`.
const DEFAULT_SURGE: &str = "25%";

fn connections_fit(repository: &Repository) -> Vec<Problem> {
    let Some(key) = repository.key("DATABASE_POOL_MAX") else {
        return Vec::new();
    };
    let Some(default) = key.number() else {
        return Vec::new();
    };
    if has_pooler(repository) {
        return Vec::new();
    }
    let mut problems = Vec::new();
    for compose in &repository.compose {
        let limit = database_limit(compose).or_else(|| stated_limit(repository)).unwrap_or(POSTGRES_DEFAULT);
        let servers = compose.servers();
        let used: f64 = servers
            .iter()
            .map(|service| {
                let variable = service.variable("DATABASE_POOL_MAX");
                let pool = variable.and_then(|variable| substituted(&variable.value?)?.parse().ok()).unwrap_or(default);
                let replicas =
                    service.node.text_at(&["deploy", "replicas"]).or_else(|| service.node.text_at(&["scale"]));
                (pool + HEALTH_CONNECTIONS) * replicas.and_then(|replicas| replicas.parse().ok()).unwrap_or(1.0)
            })
            .sum();
        problems.extend(servers.first().and_then(|service| too_many(service.place, used, limit)));
    }
    for overlay in &repository.overlays {
        let limit = stated_limit(repository).unwrap_or(POSTGRES_DEFAULT);
        let pods = apps(overlay).into_iter().filter(|(workload, _)| workload.is_server());
        let pools: Vec<(Place, f64)> = pods
            .map(|(workload, container)| {
                let (place, instances) = most_instances(overlay, workload.object);
                let pool = pool_of(repository, overlay, workload, container).unwrap_or(default);
                (place, (pool + HEALTH_CONNECTIONS) * instances)
            })
            .collect();
        let used = pools.iter().map(|(_, used)| used).sum();
        // Told where most of them are.
        let most = pools.iter().max_by(|(_, a), (_, b)| a.total_cmp(b));
        problems.extend(most.and_then(|(place, _)| too_many(place, used, limit)));
    }
    problems.extend(of_ecs(repository, default));
    problems
}

/// The services of ECS in one folder, which is one environment.
fn of_ecs(repository: &Repository, default: f64) -> Vec<Problem> {
    let ecs = &repository.ecs;
    let limit = stated_limit(repository).unwrap_or(POSTGRES_DEFAULT);
    let folders: BTreeSet<&str> = ecs.services.iter().map(|(folder, _)| folder.as_str()).collect();
    let of_folder = |folder: &str| {
        let variables = ecs.environment_of(folder);
        let stated = |name: &str| variables.iter().find(|it| it.name == name)?.value.as_deref()?.parse().ok();
        let services = ecs.services.iter().filter(|(it, _)| it == folder);
        let pools = services.map(|(_, service)| {
            let jobs = repository.key("WORKER_CONCURRENCY").filter(|_| service.get("loadBalancers").is_none());
            let pool = match jobs {
                Some(key) => stated("WORKER_CONCURRENCY").or_else(|| key.number()),
                None => stated("DATABASE_POOL_MAX"),
            };
            let count = ecs.most_tasks(folder, service);
            let tasks = count.and_then(|it| it.text()?.parse().ok()).unwrap_or(1.0);
            let most = service.text_at(&["deploymentConfiguration", "maximumPercent"]);
            let percent = most.and_then(|it| it.parse().ok()).unwrap_or(ECS_MAXIMUM_PERCENT);
            let place = count.map_or(&service.place, |it| &it.place).clone();
            (place, (pool.unwrap_or(default) + HEALTH_CONNECTIONS) * (tasks * percent / 100.0_f64).floor())
        });
        let pools: Vec<(Place, f64)> = pools.collect();
        let used = pools.iter().map(|(_, used)| used).sum();
        let most = pools.iter().max_by(|(_, a), (_, b)| a.total_cmp(b))?;
        too_many(&most.0, used, limit)
    };
    folders.into_iter().filter_map(of_folder).collect()
}

/// The pool of one container, where its settings say so: a worker has a connection for each job that it runs at once.
fn pool_of(repository: &Repository, overlay: &Overlay, workload: Workload<'_>, container: &Node) -> Option<f64> {
    let given = workload.environment(overlay, container);
    let stated = |name: &str| given.value(name).and_then(|value| value.parse().ok());
    match repository.key("WORKER_CONCURRENCY").filter(|_| is_worker(container)) {
        Some(key) => stated("WORKER_CONCURRENCY").or_else(|| key.number()),
        None => stated("DATABASE_POOL_MAX"),
    }
}

pub(super) fn too_many(place: &Place, used: f64, limit: f64) -> Option<Problem> {
    let reserve = (limit / RESERVED_SHARE).floor().max(RESERVED_LEAST) + MIGRATION_CONNECTIONS;
    let needed = used + reserve;
    (needed > limit).then(|| {
        Problem::new(
            place,
            format!("all instances together may open {used} connections; with a migration and a reserve, {reserve}, that is {needed} of {limit}"),
            "Lower DATABASE_POOL_MAX or the number of instances, raise the database's limit, or put a pooler in between.",
        )
    })
}

/// The most pods while a version takes over, and where their number stands.
pub(super) fn most_instances(overlay: &Overlay, deployment: &Node) -> (Place, f64) {
    let scaler = scaler_of(overlay, deployment);
    let count = scaler.map_or_else(|| deployment.at(&["spec", "replicas"]), |scaler| scaler.most_node());
    let stated = count.and_then(|count| count.text()?.parse().ok());
    let unstated = scaler.and_then(|scaler| i32::try_from(scaler.most()).ok()).map_or(1.0, f64::from);
    let instances = stated.unwrap_or(unstated);
    let surge = deployment.text_at(&["spec", "strategy", "rollingUpdate", "maxSurge"]).unwrap_or(DEFAULT_SURGE);
    let surge = match surge.strip_suffix('%') {
        Some(percent) => (instances * percent.parse().unwrap_or(0.0) / 100.0_f64).ceil(),
        None => surge.parse().unwrap_or(0.0),
    };
    let place = count.map_or(&deployment.place, |count| &count.place);
    let most = if has_unseen_slot(overlay, deployment) { instances * 2.0 } else { instances + surge };
    (place.clone(), most)
}

/// Whether it is one of two slots whose other one stands in no file: it is made from this one while a version takes over.
fn has_unseen_slot(overlay: &Overlay, deployment: &Node) -> bool {
    let slot = |it: &Node| {
        SLOTS.into_iter().find(|slot| it.text_at(&["spec", "selector", "matchLabels", "slot"]) == Some(*slot))
    };
    slot(deployment).is_some_and(|own| {
        let others = workloads(overlay).into_iter().filter_map(|it| slot(it.object));
        others.into_iter().all(|it| it == own)
    })
}

/// `-c max_connections=200` in the command of a database service.
fn database_limit(compose: &crate::review::read::compose::Compose) -> Option<f64> {
    compose.services().iter().find_map(|service| {
        let words = service.node.get("command")?.scalars();
        words
            .iter()
            .find_map(|word| word.text()?.split_once("max_connections=")?.1.split_whitespace().next()?.parse().ok())
    })
}

/// What the team said about a database that these files do not describe.
pub(super) fn stated_limit(repository: &Repository) -> Option<f64> {
    let answers: toml::Table = toml::from_str(repository.files.get("seaworthy.toml")?).ok()?;
    answers
        .get("scale")?
        .get("db-max-connections")?
        .as_integer()
        .and_then(|limit| i32::try_from(limit).ok())
        .map(f64::from)
}

fn has_pooler(repository: &Repository) -> bool {
    let images = repository.compose.iter().flat_map(|compose| {
        compose.services().iter().filter_map(|service| service.image()?.text().map(str::to_owned)).collect::<Vec<_>>()
    });
    let in_pods = repository.overlays.iter().flat_map(workloads).flat_map(|workload| workload.containers());
    let mut images = images.chain(in_pods.filter_map(|container| container.text_at(&["image"]).map(str::to_owned)));
    images.any(|image| image.contains("pgbouncer") || image.contains("pgcat"))
}
