//! Workers in a cluster: that they are alive, and of the service's version.

use crate::review::read::kubernetes::{apps, is_worker};
use crate::review::read::kustomize::{Overlay, split_image};
use crate::review::{Node, Problem, Repository, Risk, Rule, Severity};

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "worker-probe",
        description: "A worker, which listens on no port, shows by a command of its image whether it is alive.",
        risk: Risk::Availability,
        severity: Severity::Medium,
        why: "A worker that is stuck holds its place, and its jobs wait until somebody looks; a probe of what is not there restarts it for ever.",
        source: Some("https://kubernetes.io/docs/concepts/workloads/pods/probes/"),
        check: worker_probe,
    },
    Rule {
        id: "worker-version",
        description: "A worker runs the version of the service that gives it its jobs.",
        risk: Risk::Availability,
        severity: Severity::High,
        why: "One puts jobs into the queue that the other does not know, for as long as nobody looks.",
        source: None,
        check: worker_version,
    },
];

const PROBES: [&str; 3] = ["startupProbe", "readinessProbe", "livenessProbe"];

/// The containers of the application that take jobs, and those that do not.
fn parts(overlay: &Overlay) -> (Vec<&Node>, Vec<&Node>) {
    let servers = apps(overlay).into_iter().filter(|(workload, _)| workload.is_server());
    servers.map(|(_, container)| container).partition(|container| is_worker(container))
}

fn worker_probe(repository: &Repository) -> Vec<Problem> {
    let workers = repository.overlays.iter().flat_map(|overlay| parts(overlay).0);
    workers.flat_map(|container| wrong_probes(repository, container)).collect()
}

fn wrong_probes(repository: &Repository, container: &Node) -> Vec<Problem> {
    let mut problems = Vec::new();
    if container.get("livenessProbe").is_none() {
        problems.push(Problem::new(
            &container.place,
            "nothing notices when this worker is stuck: it has no livenessProbe",
            "Add one with exec, on a command that looks at a sign of life of the worker.",
        ));
    }
    for probe in PROBES.iter().filter_map(|probe| container.get(probe)) {
        if ["httpGet", "tcpSocket", "grpc"].iter().any(|kind| probe.get(kind).is_some()) {
            problems.push(Problem::new(
                &probe.place,
                "asks over the network a worker that listens on no port",
                "Probe it with exec, on a command that looks at a sign of life of the worker.",
            ));
        }
        for word in probe.items_at(&["exec", "command"]) {
            problems.extend(word.text().and_then(source_of).filter(|it| is_missing(repository, it)).map(|source| {
                Problem::new(
                    &word.place,
                    format!("runs {}, and there is no {source}.ts", word.text().unwrap_or_default()),
                    "Name a file that the build makes.",
                )
            }));
        }
    }
    problems
}

/// `src/ops/probe` for `dist/ops/probe.js`.
fn source_of(word: &str) -> Option<String> {
    Some(format!("src/{}", word.strip_prefix("dist/")?.strip_suffix(".js")?))
}

/// Whether a source is not there, though others are.
fn is_missing(repository: &Repository, source: &str) -> bool {
    let has_sources = repository.paths.iter().any(|path| path.starts_with("src/"));
    let is_there =
        [".ts", ".mts", ".js", ".mjs"].iter().any(|ending| repository.paths.contains(&format!("{source}{ending}")));
    has_sources && !is_there
}

fn worker_version(repository: &Repository) -> Vec<Problem> {
    let mut problems = Vec::new();
    for overlay in &repository.overlays {
        let (workers, servers) = parts(overlay);
        let images = |containers: Vec<&'_ Node>| -> Vec<Node> {
            containers.into_iter().filter_map(|container| container.get("image").cloned()).collect()
        };
        let servers = images(servers);
        for worker in images(workers) {
            problems.extend(servers.iter().find_map(|server| other_version(&worker, server)));
        }
    }
    problems
}

/// Whether two images are of one project and of two versions. Digests do not say.
fn other_version(worker: &Node, server: &Node) -> Option<Problem> {
    let ((name, version), (of, expected)) = (split_image(worker.text()?), split_image(server.text()?));
    let is_own = name.strip_prefix(of).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'));
    let (tag, expected) = (version.strip_prefix(':')?, expected.strip_prefix(':')?);
    // `1.0.0-worker` beside `1.0.0` is one version.
    let is_same = tag.strip_prefix(expected).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'));
    (is_own && !is_same).then(|| {
        Problem::new(
            &worker.place,
            format!("the worker is of version {tag}, and the service beside it of {expected}"),
            "Set both to what one build made.",
        )
    })
}
