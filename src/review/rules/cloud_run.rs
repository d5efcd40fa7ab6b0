//! What Cloud Run asks of a service, and what its definition must agree with.

use super::secrets::is_secret_name;
use crate::review::read::cloud_run::Definition;
use crate::review::{Node, Place, Problem, Repository, Risk, Rule, Severity};

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "cloud-run-image",
        description: "Cloud Run is given an image by its digest.",
        risk: Risk::Security,
        severity: Severity::Medium,
        why: "What runs is not what was tested: a tag is whatever was pushed under it last.",
        source: Some("https://cloud.google.com/run/docs/deploying"),
        check: image,
    },
    Rule {
        id: "cloud-run-account",
        description: "What runs on Cloud Run has an account of its own.",
        risk: Risk::Security,
        severity: Severity::High,
        why: "The default account of a project may often change all of it; whoever breaks into the service may, too.",
        source: Some("https://cloud.google.com/run/docs/securing/service-identity"),
        check: account,
    },
    Rule {
        id: "cloud-run-secret",
        description: "A secret comes to Cloud Run from Secret Manager, never from the definition.",
        risk: Risk::Security,
        severity: Severity::Critical,
        why: "Whoever may read the repository or the service's configuration has it, and it stays in both histories.",
        source: Some("https://cloud.google.com/run/docs/configuring/services/secrets"),
        check: secret,
    },
    Rule {
        id: "cloud-run-port",
        description: "Cloud Run sends requests and probes to the port that the service listens on, and sets PORT itself.",
        risk: Risk::Availability,
        severity: Severity::High,
        why: "The revision never becomes ready; a PORT of one's own is refused.",
        source: Some("https://cloud.google.com/run/docs/container-contract"),
        check: port,
    },
    Rule {
        id: "cloud-run-env",
        description: "Cloud Run gives the service every key that the schema requires, and none that it does not know.",
        risk: Risk::Availability,
        severity: Severity::High,
        why: "The service refuses to start without one, and does not see a misspelt one.",
        source: None,
        check: env,
    },
    Rule {
        id: "cloud-run-probes",
        description: "A startup probe says when a revision can work, and the liveness probe asks the process alone.",
        risk: Risk::Availability,
        severity: Severity::High,
        why: "Without the first a version that cannot work gets traffic; with a dependency in the second an outage restarts every instance.",
        source: Some("https://cloud.google.com/run/docs/configuring/healthchecks"),
        check: probes,
    },
    Rule {
        id: "cloud-run-shutdown",
        description: "On Cloud Run a shutdown ends well within the 10 s before SIGKILL.",
        risk: Risk::Availability,
        severity: Severity::High,
        why: "No setting makes it longer: requests that still run are cut off, and connections are left to time out.",
        source: Some("https://cloud.google.com/run/docs/container-contract"),
        check: shutdown,
    },
    Rule {
        id: "cloud-run-connections",
        description: "The pools of two revisions at their most instances fit into the database's connections.",
        risk: Risk::Availability,
        severity: Severity::High,
        why: "While a new version takes over, both run: the database refuses connections in the middle of a deploy.",
        source: Some("https://cloud.google.com/run/docs/configuring/max-instances"),
        check: connections,
    },
];

/// Seconds between SIGTERM and SIGKILL.
const KILL_SECONDS: f64 = 10.0;

/// Seconds that a shutdown has to leave of them.
const MARGIN_SECONDS: f64 = 3.0;

/// Instances of a revision where nobody says another number.
const DEFAULT_INSTANCES: f64 = 100.0;

/// Each definition with its container.
fn all(repository: &Repository) -> impl Iterator<Item = (&Definition, &Node)> {
    repository.cloud_run.iter().filter_map(|definition| Some((definition, definition.container()?)))
}

fn services(repository: &Repository) -> impl Iterator<Item = (&Definition, &Node)> {
    all(repository).filter(|(definition, _)| definition.is_service)
}

fn image(repository: &Repository) -> Vec<Problem> {
    let images = all(repository).filter_map(|(_, container)| container.get("image"));
    let loose = images.filter(|image| !image.text().unwrap_or_default().contains("@sha256:"));
    let fix = "Name the digest: REGION-docker.pkg.dev/PROJECT/REPOSITORY/IMAGE@sha256:...";
    loose.map(|image| Problem::new(&image.place, "the image is named by a tag, or by nothing", fix)).collect()
}

fn account(repository: &Repository) -> Vec<Problem> {
    let own = |definition: &Definition| {
        let named = definition.spec().and_then(|spec| spec.text_at(&["serviceAccountName"])).unwrap_or_default();
        !named.is_empty() && !named.ends_with("-compute@developer.gserviceaccount.com")
    };
    let without = all(repository).filter(|(definition, _)| !own(definition));
    let fix = "Make an account that may do what this needs and no more, and set serviceAccountName.";
    without.map(|(_, container)| Problem::new(&container.place, "runs as the default account", fix)).collect()
}

fn secret(repository: &Repository) -> Vec<Problem> {
    let entries = all(repository).flat_map(|(definition, _)| definition.variables());
    let literal = entries.filter_map(|entry| {
        let name = entry.text_at(&["name"])?;
        let is_address = name.ends_with("_URL") && entry.text_at(&["value"])?.contains('@');
        let is_filled = entry.text_at(&["value"]).is_some_and(|value| !value.is_empty());
        (is_filled && (is_secret_name(name) || is_address)).then_some((entry, name))
    });
    literal
        .map(|(entry, name)| {
            Problem::new(
                &entry.place,
                format!("{name} stands here as it is"),
                "Take the value out, withdraw it where it was issued, and name a secret: valueFrom.secretKeyRef.",
            )
        })
        .collect()
}

fn port(repository: &Repository) -> Vec<Problem> {
    let Some(listens) = repository.key("PORT").and_then(|key| key.default.clone()) else { return Vec::new() };
    let mut problems = Vec::new();
    for (definition, container) in services(repository) {
        if let Some(entry) = definition.variable("PORT") {
            problems.push(Problem::new(&entry.place, "sets PORT, which Cloud Run refuses", "Take it out."));
        }
        let declared = container.items_at(&["ports"]).iter().filter_map(|port| port.get("containerPort"));
        let probed =
            ["startupProbe", "livenessProbe"].into_iter().filter_map(|it| container.at(&[it, "httpGet", "port"]));
        let other = declared.chain(probed).filter(|port| port.text() != Some(&listens));
        problems.extend(other.map(|port| {
            let said = port.text().unwrap_or_default();
            Problem::new(&port.place, format!("says {said}; the service listens on {listens}"), "Make them the same.")
        }));
    }
    problems
}

fn env(repository: &Repository) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (definition, container) in services(repository).filter(|_| !repository.schema.is_empty()) {
        for key in repository.schema.iter().filter(|key| key.required && definition.variable(&key.name).is_none()) {
            problems.push(Problem::new(
                &container.place,
                format!("{} is required by the schema and not given", key.name),
                "Add it to env: a secret by secretKeyRef, anything else by value.",
            ));
        }
        for entry in definition.variables() {
            let name = entry.text_at(&["name"]).unwrap_or_default();
            if repository.key(name).is_none() && !name.starts_with("NODE_") {
                let fix = "Correct the name, declare it in src/ops/env.ts, or delete it.";
                problems.push(Problem::new(&entry.place, format!("nothing reads {name}"), fix));
            }
        }
    }
    problems
}

fn probes(repository: &Repository) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (_, container) in services(repository) {
        if container.at(&["startupProbe", "httpGet"]).is_none() {
            let fix = "Add startupProbe.httpGet with the route that asks for what the service needs, /readyz.";
            problems.push(Problem::new(&container.place, "no startup probe that asks the service", fix));
        }
        if let Some(path) = container.at(&["livenessProbe", "httpGet", "path"])
            && path.text().is_some_and(|path| path.contains("ready"))
        {
            let fix = "Ask /livez, which no dependency can fail.";
            problems.push(Problem::new(&path.place, "the liveness probe asks for readiness", fix));
        }
        for probe in ["startupProbe", "livenessProbe"].into_iter().filter_map(|name| container.get(name)) {
            let seconds = |name: &str, default: i64| probe.get(name).and_then(Node::integer).unwrap_or(default);
            if seconds("timeoutSeconds", 1) >= seconds("periodSeconds", 10) {
                let fix = "Make timeoutSeconds smaller than periodSeconds.";
                problems.push(Problem::new(&probe.place, "a probe may last until the next one, which is refused", fix));
            }
        }
    }
    problems
}

fn shutdown(repository: &Repository) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (definition, container) in services(repository) {
        let Some((place, milliseconds)) = value(repository, definition, container, "SHUTDOWN_TIMEOUT_MS") else {
            continue;
        };
        let seconds = milliseconds / 1000.0;
        if seconds + MARGIN_SECONDS > KILL_SECONDS {
            problems.push(Problem::new(
                &place,
                format!("a shutdown may take {seconds} s, and Cloud Run kills after {KILL_SECONDS} s"),
                format!("Set SHUTDOWN_TIMEOUT_MS to {} at most.", (KILL_SECONDS - MARGIN_SECONDS) * 1000.0),
            ));
        }
    }
    problems
}

/// A number that the service gets, or has by default, and where that stands.
fn value(repository: &Repository, definition: &Definition, container: &Node, name: &str) -> Option<(Place, f64)> {
    let given = definition.variable(name);
    match given.and_then(|entry| entry.at(&["value"])) {
        Some(node) => Some((node.place.clone(), node.text()?.parse().ok()?)),
        None => Some((container.place.clone(), repository.key(name)?.number()?)),
    }
}

fn connections(repository: &Repository) -> Vec<Problem> {
    let limit = super::connections::stated_limit(repository).unwrap_or(super::connections::POSTGRES_DEFAULT);
    let mut problems = Vec::new();
    for (definition, container) in services(repository) {
        let Some((_, pool)) = value(repository, definition, container, "DATABASE_POOL_MAX") else { continue };
        let most = definition.annotation("autoscaling.knative.dev/maxScale");
        let instances = most.and_then(|most| most.text()?.parse().ok()).unwrap_or(DEFAULT_INSTANCES);
        let place = most.map_or(&container.place, |most| &most.place);
        problems.extend(super::connections::too_many(place, (pool + 1.0) * instances * 2.0, limit));
    }
    problems
}
