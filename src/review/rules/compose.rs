//! Compose files that hold together.

use crate::review::read::compose::{Compose, Service};
use crate::review::read::kustomize::split_image;
use crate::review::{Node, Problem, Repository, Risk, Rule, Severity};

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "compose-declared",
        description: "Networks, volumes, secrets, configs and services that a compose file uses are declared in it.",
        risk: Risk::Availability,
        severity: Severity::High,
        why: "docker compose refuses the whole file.",
        source: Some("https://docs.docker.com/reference/compose-file/"),
        check: declared,
    },
    Rule {
        id: "compose-healthy",
        description: "Only a service with a healthcheck is awaited as healthy.",
        risk: Risk::Availability,
        severity: Severity::High,
        why: "Whatever waits for it never starts.",
        source: Some("https://docs.docker.com/reference/compose-file/services/#depends_on"),
        check: healthy,
    },
    Rule {
        id: "database-private",
        description: "A database or cache is not published beyond this machine.",
        risk: Risk::Security,
        severity: Severity::Critical,
        why: "Docker opens published ports past the host's firewall: the whole internet may try passwords.",
        source: Some("https://docs.docker.com/engine/network/packet-filtering-firewalls/"),
        check: private,
    },
];

fn declared(repository: &Repository) -> Vec<Problem> {
    let mut problems = Vec::new();
    for compose in &repository.compose {
        for service in compose.services() {
            for kind in ["networks", "secrets", "configs"] {
                for (name, node) in names(service.node, kind) {
                    let is_built_in = kind == "networks" && name == "default";
                    if !is_built_in && !compose.declares(kind, name) {
                        problems.push(undeclared(kind, name, node));
                    }
                }
            }
            for volume in service.node.items_at(&["volumes"]) {
                if let Some(name) = named_volume(volume).filter(|name| !compose.declares("volumes", name)) {
                    problems.push(undeclared("volumes", name, volume));
                }
            }
            for (name, node) in names(service.node, "depends_on") {
                if !compose.includes() && !compose.services().iter().any(|other| other.name == name) {
                    problems.push(undeclared("services", name, node));
                }
            }
        }
    }
    problems
}

/// The names under a field that is a list of names, a mapping by name, or a list of mappings with `source`.
fn names<'a>(service: &'a Node, field: &str) -> Vec<(&'a str, &'a Node)> {
    let Some(node) = service.get(field) else {
        return Vec::new();
    };
    let listed =
        node.items().iter().filter_map(|item| Some((item.text().or_else(|| item.text_at(&["source"]))?, item)));
    let mapped = node.entries().iter().filter_map(|(key, _)| Some((key.text()?, key)));
    listed.chain(mapped).collect()
}

/// The name of a volume that is not a path.
fn named_volume(volume: &Node) -> Option<&str> {
    match volume.text() {
        Some(short) => {
            short.split(':').next().filter(|source| short.contains(':') && !source.starts_with(['.', '/', '~', '$']))
        }
        None => volume.text_at(&["source"]).filter(|_| volume.text_at(&["type"]) == Some("volume")),
    }
}

fn undeclared(kind: &str, name: &str, node: &Node) -> Problem {
    Problem::new(
        &node.place,
        format!("{name} is not declared under {kind}"),
        format!("Declare it at the top level under {kind}, or correct the name."),
    )
}

fn healthy(repository: &Repository) -> Vec<Problem> {
    let mut problems = Vec::new();
    for compose in &repository.compose {
        for service in compose.services() {
            for (name, dependency) in service.node.entries_at(&["depends_on"]) {
                if dependency.text_at(&["condition"]) != Some("service_healthy") {
                    continue;
                }
                let awaited = compose.services().into_iter().find(|other| Some(other.name) == name.text());
                if awaited.is_some_and(|awaited| !has_check(repository, &awaited)) {
                    let name = name.text().unwrap_or_default();
                    problems.push(Problem::new(
                        &dependency.place,
                        format!("{name} has no healthcheck, so it is never healthy"),
                        format!("Give {name} a healthcheck, or wait for service_started."),
                    ));
                }
            }
        }
    }
    problems
}

/// Whether a healthcheck runs, by the file or by the image. An image that nobody here builds may bring one, but for those
/// that are known to bring none.
fn has_check(repository: &Repository, service: &Service<'_>) -> bool {
    if let Some(check) = service.node.get("healthcheck") {
        return check.text_at(&["disable"]) != Some("true");
    }
    match repository.image_of(service) {
        Some(image) => image.has_healthcheck(),
        None => !service.image().and_then(Node::text).is_some_and(|image| is_one_of(image, &WITHOUT_CHECK)),
    }
}

/// Official images without a HEALTHCHECK.
const WITHOUT_CHECK: [&str; 14] = [
    "postgres",
    "redis",
    "valkey",
    "mysql",
    "mariadb",
    "mongo",
    "rabbitmq",
    "nginx",
    "caddy",
    "traefik",
    "node",
    "memcached",
    "httpd",
    "alpine",
];

/// Whether an image's own name, without registry and tag, is one of these.
pub(crate) fn is_one_of(image: &str, names: &[&str]) -> bool {
    let (path, _) = split_image(image);
    names.contains(&path.rsplit('/').next().unwrap_or(path))
}

fn private(repository: &Repository) -> Vec<Problem> {
    repository.compose.iter().flat_map(published_stores).collect()
}

fn published_stores(compose: &Compose) -> Vec<Problem> {
    let stores = ["postgres", "redis", "valkey", "mysql", "mariadb", "mongo"];
    let services = compose.services();
    let is_store = |service: &&Service<'_>| {
        let image = service.image().and_then(Node::text).unwrap_or_default();
        stores.iter().any(|store| image.contains(store))
    };
    let ports = services.iter().filter(is_store).flat_map(|service| service.node.items_at(&["ports"]));
    ports
        .filter(|port| {
            let address = port.text_at(&["host_ip"]).or_else(|| port.text()).unwrap_or_default();
            !["127.0.0.1", "[::1]", "localhost"].iter().any(|local| address.starts_with(local))
        })
        .map(|port| {
            Problem::new(
                &port.place,
                "publishes a data store on every address of the machine",
                "Publish it on 127.0.0.1, or not at all.",
            )
        })
        .collect()
}
