//! Memory and CPU: limits, requests, and Node's heap within them.

use crate::review::read::compose::{Compose, Service};
use crate::review::read::dockerfile::Dockerfile;
use crate::review::read::kubernetes::{apps, workloads};
use crate::review::read::quantity::{compose_bytes, compose_cores, kubernetes_bytes, kubernetes_cores};
use crate::review::{Node, Place, Problem, Repository, Risk, Rule, Severity};

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "memory-limit",
        description: "Every compose service that runs the application has a memory limit.",
        risk: Risk::Availability,
        severity: Severity::High,
        why: "One leak takes the memory of the whole machine, and the kernel ends whatever it likes, the database included.",
        source: Some("https://docs.docker.com/engine/containers/resource_constraints/"),
        check: memory_limit,
    },
    Rule {
        id: "heap-within-limit",
        description: "Node's heap takes at most 75 % of the memory limit, wherever a limit stands.",
        risk: Risk::Availability,
        severity: Severity::Medium,
        why: "V8 collects late when it does not know the limit: the kernel ends the process without a message, where Node would have said that its heap is full.",
        source: Some("https://nodejs.org/api/cli.html#--max-old-space-size-percentagepercentage"),
        check: heap_within_limit,
    },
    Rule {
        id: "request-within-limit",
        description: "What is requested or reserved is at most the limit.",
        risk: Risk::Availability,
        severity: Severity::High,
        why: "The API server refuses the manifest, and compose the container.",
        source: Some("https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/"),
        check: request_within_limit,
    },
    Rule {
        id: "quantities",
        description: "Amounts of memory, CPU and time are ones that the format can read.",
        risk: Risk::Availability,
        severity: Severity::High,
        why: "The file is refused when it is applied.",
        source: None,
        check: quantities,
    },
];

const MOST_PERCENT: f64 = 75.0;
const MIB: f64 = 1024.0 * 1024.0;

/// A container that runs the service, wherever it is described.
struct Container {
    place: Place,
    /// Pods without a limit are the subject of a rule of their own.
    is_pod: bool,
    limit: Option<(Place, Option<f64>)>,
    /// All that may hold flags for node: `NODE_OPTIONS` and the command, of the image where nothing replaces them.
    flags: String,
}

fn containers(repository: &Repository) -> Vec<Container> {
    let mut containers = Vec::new();
    let services = repository.production_services().into_iter().map(|(_, service)| service);
    for service in services.filter(Service::is_app) {
        let limit = service.limit("memory", "mem_limit");
        let options = service.variable("NODE_OPTIONS").and_then(|variable| variable.value);
        containers.push(Container {
            place: service.place.clone(),
            is_pod: false,
            limit: limit.map(|node| (node.place.clone(), node.text().and_then(compose_bytes))),
            flags: flags(
                repository.image_of(&service),
                options,
                service.node.get("entrypoint"),
                service.node.get("command"),
            ),
        });
    }
    for definition in &repository.cloud_run {
        let Some(container) = definition.container() else { continue };
        let limit = container.at(&["resources", "limits", "memory"]);
        let options = definition.variable("NODE_OPTIONS").and_then(|entry| entry.text_at(&["value"]));
        containers.push(Container {
            place: container.place.clone(),
            is_pod: true,
            limit: limit.map(|node| (node.place.clone(), node.text().and_then(kubernetes_bytes))),
            flags: flags(
                repository.app_image(),
                options.map(str::to_owned),
                container.get("command"),
                container.get("args"),
            ),
        });
    }
    for task in repository.ecs.apps() {
        let variables = repository.ecs.runs(&task).into_iter().flat_map(|run| run.variables);
        let options = variables.filter(|it| it.name == "NODE_OPTIONS").find_map(|it| it.value);
        containers.push(Container {
            place: task.container.place.clone(),
            is_pod: true,
            limit: task.memory().map(|(node, mib)| (node.place.clone(), mib.map(|mib| mib * MIB))),
            flags: flags(
                repository.app_image(),
                options,
                task.container.get("entryPoint"),
                task.container.get("command"),
            ),
        });
    }
    for overlay in &repository.overlays {
        for (workload, container) in apps(overlay) {
            let limit = container.at(&["resources", "limits", "memory"]);
            let options = workload.environment(overlay, container).value("NODE_OPTIONS").map(str::to_owned);
            containers.push(Container {
                place: container.place.clone(),
                is_pod: true,
                limit: limit.map(|node| (node.place.clone(), node.text().and_then(kubernetes_bytes))),
                flags: flags(repository.app_image(), options, container.get("command"), container.get("args")),
            });
        }
    }
    containers
}

fn flags(
    image: Option<&Dockerfile>,
    options: Option<String>,
    entrypoint: Option<&Node>,
    command: Option<&Node>,
) -> String {
    let text = |node: &Node| node.scalars().iter().filter_map(|word| word.text()).collect::<Vec<_>>().join(" ");
    let of_image = |word: &str| image.and_then(|image| image.last(word)).map(|instruction| instruction.rest.clone());
    let options = options.or_else(|| image?.variable("NODE_OPTIONS").map(|(_, value)| value));
    let entrypoint = entrypoint.map(text).or_else(|| of_image("ENTRYPOINT"));
    let command = command.map(text).or_else(|| of_image("CMD"));
    [options, entrypoint, command].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

fn memory_limit(repository: &Repository) -> Vec<Problem> {
    containers(repository)
        .iter()
        .filter(|container| container.limit.is_none() && !container.is_pod)
        .map(|container| {
            Problem::new(
                &container.place,
                "no memory limit: one leak takes the whole machine",
                "Set deploy.resources.limits.memory, to what the service needs under load and a third more.",
            )
        })
        .collect()
}

fn heap_within_limit(repository: &Repository) -> Vec<Problem> {
    let mut problems = Vec::new();
    for container in containers(repository) {
        let Some((place, Some(limit))) = container.limit else {
            continue;
        };
        let percent = number_after(&container.flags, "--max-old-space-size-percentage=");
        let fixed = number_after(&container.flags, "--max-old-space-size=").map(|mib| 100.0 * mib * MIB / limit);
        let fix = "Start node with --max-old-space-size-percentage=75, in the image or in NODE_OPTIONS.";
        match percent.or(fixed) {
            None => problems.push(Problem::new(&place, "nothing ties Node's heap to this memory limit", fix)),
            Some(percent) if percent > MOST_PERCENT => {
                problems.push(Problem::new(
                    &place,
                    format!("Node's heap may take {} % of this memory limit", (percent * 10.0).round() / 10.0),
                    fix,
                ));
            }
            Some(_) => {}
        }
    }
    problems
}

fn number_after(text: &str, flag: &str) -> Option<f64> {
    let (_, after) = text.split_once(flag)?;
    let end = after.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(after.len());
    after[..end].parse().ok()
}

/// One resource of a container: its request and limit, and how the format reads amounts.
struct Amounts<'a> {
    request: Option<&'a Node>,
    limit: Option<&'a Node>,
    read: fn(&str) -> Option<f64>,
}

fn amounts(repository: &Repository) -> Vec<Amounts<'_>> {
    let services = repository.compose.iter().flat_map(Compose::services);
    let in_compose = services.flat_map(|service: Service<'_>| {
        [
            Amounts {
                request: service
                    .node
                    .at(&["deploy", "resources", "reservations", "memory"])
                    .or_else(|| service.node.get("mem_reservation")),
                limit: service
                    .node
                    .at(&["deploy", "resources", "limits", "memory"])
                    .or_else(|| service.node.get("mem_limit")),
                read: compose_bytes as fn(&str) -> Option<f64>,
            },
            Amounts {
                request: service.node.at(&["deploy", "resources", "reservations", "cpus"]),
                limit: service.node.at(&["deploy", "resources", "limits", "cpus"]).or_else(|| service.node.get("cpus")),
                read: compose_cores,
            },
        ]
    });
    let pods = repository.overlays.iter().flat_map(workloads);
    let in_kubernetes = pods.flat_map(|workload| workload.containers()).flat_map(|container| {
        let amounts = |resource: &str, read| Amounts {
            request: container.at(&["resources", "requests", resource]),
            limit: container.at(&["resources", "limits", resource]),
            read,
        };
        [
            amounts("memory", kubernetes_bytes as fn(&str) -> Option<f64>),
            amounts("cpu", kubernetes_cores),
            amounts("ephemeral-storage", kubernetes_bytes),
        ]
    });
    in_compose.chain(in_kubernetes).collect()
}

fn request_within_limit(repository: &Repository) -> Vec<Problem> {
    let mut problems = Vec::new();
    for amounts in amounts(repository) {
        let (Some(request), Some(limit)) = (amounts.request, amounts.limit) else {
            continue;
        };
        let value = |node: &Node| node.text().and_then(amounts.read);
        let is_over = value(request).zip(value(limit)).is_some_and(|(request, limit)| request > limit);
        if is_over {
            let text = |node: &Node| node.text().unwrap_or_default().to_owned();
            problems.push(Problem::new(
                &request.place,
                format!("requests {}, the limit is {}", text(request), text(limit)),
                "Request at most the limit.",
            ));
        }
    }
    problems
}

fn quantities(repository: &Repository) -> Vec<Problem> {
    let mut problems = Vec::new();
    for amounts in amounts(repository) {
        for node in [amounts.request, amounts.limit].into_iter().flatten() {
            let text = node.text().unwrap_or_default();
            // A variable is decided elsewhere.
            if !text.contains("${") && (amounts.read)(text).is_none() {
                problems.push(unreadable(
                    node,
                    "Use an amount such as 512Mi or 500m (Kubernetes), 512m or \"0.5\" (compose).",
                ));
            }
        }
    }
    for service in repository.compose.iter().flat_map(Compose::services) {
        let times = ["interval", "timeout", "start_period", "start_interval"];
        let times = times.iter().filter_map(|field| service.node.at(&["healthcheck", field]));
        let times =
            times.filter(|time| crate::review::read::quantity::seconds(time.text().unwrap_or_default()).is_none());
        problems.extend(times.map(|time| unreadable(time, "Use a time such as 10s or 1m30s.")));
    }
    problems
}

fn unreadable(node: &Node, fix: &str) -> Problem {
    Problem::new(&node.place, format!("{:?} is not an amount", node.text().unwrap_or_default()), fix)
}
