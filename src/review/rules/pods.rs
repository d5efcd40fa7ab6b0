//! Pods that are bounded, probed and drained.

use crate::review::read::kubernetes::{Workload, containers, match_labels, name, of_kind, workloads};
use crate::review::read::kustomize::Overlay;
use crate::review::read::scaler::scaler_of;
use crate::review::{Node, Problem, Repository, Risk, Rule, Severity};

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "pod-privileged",
        description: "No pod gets the node's privileges, namespaces or file system.",
        risk: Risk::Security,
        severity: Severity::High,
        why: "Whoever takes over that container owns the node and every pod on it.",
        source: Some("https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline"),
        check: privileged,
    },
    Rule {
        id: "pod-restricted",
        description: "Containers run as non-root, without capabilities and without a way to new privileges.",
        risk: Risk::Security,
        severity: Severity::Medium,
        why: "The restricted standard takes from a break-in what it needs for its next step; a namespace that enforces it refuses the pod.",
        source: Some("https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted"),
        check: restricted,
    },
    Rule {
        id: "pod-resources",
        description: "Every container that stays says what CPU and memory it needs and how much memory it may take.",
        risk: Risk::Availability,
        severity: Severity::High,
        why: "The scheduler packs pods without requests onto full nodes and evicts them first; without a memory limit one leak takes the node.",
        source: Some("https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/"),
        check: resources,
    },
    Rule {
        id: "pod-ready",
        description: "Pods behind a Service have a readiness probe.",
        risk: Risk::Availability,
        severity: Severity::High,
        why: "A pod gets requests as soon as its process runs: each rollout answers with errors until the service listens.",
        source: Some("https://kubernetes.io/docs/concepts/workloads/pods/probes/"),
        check: ready,
    },
    Rule {
        id: "pod-drain",
        description: "Pods behind a Service go on answering for some seconds after they are asked to stop.",
        risk: Risk::Availability,
        severity: Severity::Medium,
        why: "SIGTERM and the removal from the Service happen at the same time: requests still arrive at a pod that listens no more.",
        source: Some("https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination"),
        check: drain,
    },
    Rule {
        id: "pod-replicas",
        description: "A service in production runs at least two pods.",
        risk: Risk::Availability,
        severity: Severity::Medium,
        why: "With one, every node upgrade and every crash is an outage.",
        source: Some("https://kubernetes.io/docs/concepts/workloads/pods/disruptions/"),
        check: replicas,
    },
];

fn privileged(repository: &Repository) -> Vec<Problem> {
    let mut problems = Vec::new();
    for overlay in &repository.overlays {
        // Agents of the node itself run as DaemonSets.
        for workload in workloads(overlay).iter().filter(|workload| workload.kind() != "DaemonSet") {
            let spec = |path: &[&str]| workload.template.get("spec").and_then(|spec| spec.at(path));
            let is_true = |node: &&Node| node.text() == Some("true");
            let pod = ["hostNetwork", "hostPID", "hostIPC"].into_iter().filter_map(|field| spec(&[field]));
            let own = workload.containers().iter();
            let own = own.filter_map(|container| container.at(&["securityContext", "privileged"]));
            let paths = workload.template.items_at(&["spec", "volumes"]).iter();
            let paths = paths.filter_map(|volume| volume.at(&["hostPath", "path"]));
            problems.extend(pod.chain(own).filter(is_true).chain(paths).map(|node| {
                Problem::new(
                    &node.place,
                    format!("the {} {} reaches into its node", workload.kind(), name(workload.object)),
                    "Take it out; use a volume claim, a Service or a single capability.",
                )
            }));
        }
    }
    problems
}

fn restricted(repository: &Repository) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (workload, container) in repository.overlays.iter().flat_map(containers) {
        let own = container.get("securityContext");
        let pod = workload.template.at(&["spec", "securityContext"]);
        let says = |path: &[&str]| own.and_then(|it| it.text_at(path)).or_else(|| pod?.text_at(path));
        // These two exist for a container only.
        let escalates = own.and_then(|it| it.text_at(&["allowPrivilegeEscalation"])) != Some("false");
        let drops = container.items_at(&["securityContext", "capabilities", "drop"]);
        let lacks = [
            (says(&["runAsNonRoot"]) != Some("true"), "runAsNonRoot: true"),
            (escalates, "allowPrivilegeEscalation: false"),
            (!drops.iter().any(|it| it.text() == Some("ALL")), "capabilities.drop: [ALL]"),
            (says(&["seccompProfile", "type"]).is_none(), "seccompProfile.type: RuntimeDefault"),
        ];
        let lacks: Vec<&str> = lacks.into_iter().filter(|(lacks, _)| *lacks).map(|(_, line)| line).collect();
        if !lacks.is_empty() && workload.kind() != "DaemonSet" {
            let name = container.text_at(&["name"]).unwrap_or_default();
            problems.push(Problem::new(
                &own.unwrap_or(container).place,
                format!("the container {name} runs without {}", lacks.join(", ")),
                format!("Set {} in its securityContext.", lacks.join(", ")),
            ));
        }
    }
    problems
}

fn resources(repository: &Repository) -> Vec<Problem> {
    let mut problems = Vec::new();
    // A LimitRange gives what is missing.
    let overlays = repository.overlays.iter().filter(|overlay| of_kind(overlay, "LimitRange").next().is_none());
    for (workload, container) in overlays.flat_map(containers).filter(|(workload, _)| workload.is_server()) {
        let resources = container.get("resources");
        let has = |path: &[&str]| resources.is_some_and(|it| it.at(path).is_some());
        // A limit is also a request where none is stated.
        let lacks = [
            (!has(&["requests", "cpu"]) && !has(&["limits", "cpu"]), "requests.cpu"),
            (!has(&["requests", "memory"]) && !has(&["limits", "memory"]), "requests.memory"),
            (!has(&["limits", "memory"]), "limits.memory"),
        ];
        let lacks: Vec<&str> = lacks.into_iter().filter(|(lacks, _)| *lacks).map(|(_, field)| field).collect();
        if !lacks.is_empty() {
            let kind = workload.kind();
            let name = container.text_at(&["name"]).unwrap_or_default();
            problems.push(Problem::new(
                &resources.unwrap_or(container).place,
                format!("the container {name} of the {kind} states no {}", lacks.join(", ")),
                format!("Set {} under resources.", lacks.join(", ")),
            ));
        }
    }
    problems
}

/// The containers that a Service sends requests to: those that declare one of its target ports, or all of the pod's.
fn served(overlay: &Overlay) -> Vec<(Workload<'_>, &Node)> {
    let mut served = Vec::new();
    for workload in workloads(overlay).into_iter().filter(Workload::is_server) {
        let services = of_kind(overlay, "Service").filter(|service| {
            let labels = match_labels(service, &["spec", "selector"]).filter(|labels| !labels.is_empty());
            labels.is_some_and(|labels| workload.is_selected_by(labels))
        });
        let targets: Vec<&str> = services
            .flat_map(|service| service.items_at(&["spec", "ports"]))
            .filter_map(|port| port.text_at(&["targetPort"]).or_else(|| port.text_at(&["port"])))
            .collect();
        let declares = |container: &&Node| targets.iter().any(|port| super::declares_port(container, port));
        let own = workload.containers();
        match own {
            [only] if !targets.is_empty() => served.push((workload, only)),
            _ => served.extend(own.iter().filter(declares).map(|container| (workload, container))),
        }
    }
    served
}

fn ready(repository: &Repository) -> Vec<Problem> {
    let silent = repository.overlays.iter().flat_map(served);
    let silent = silent.filter(|(_, container)| container.get("readinessProbe").is_none());
    silent
        .map(|(_, container)| {
            let name = container.text_at(&["name"]).unwrap_or_default();
            Problem::new(
                &container.place,
                format!("the container {name} gets requests before it can answer: it has no readinessProbe"),
                "Add a readinessProbe on a route that answers once the service can do its work.",
            )
        })
        .collect()
}

fn drain(repository: &Repository) -> Vec<Problem> {
    if repository.key("SHUTDOWN_DELAY_MS").is_some() {
        return Vec::new();
    }
    let abrupt = repository.overlays.iter().flat_map(served);
    let abrupt = abrupt.filter(|(_, container)| container.at(&["lifecycle", "preStop"]).is_none());
    abrupt
        .map(|(_, container)| {
            let name = container.text_at(&["name"]).unwrap_or_default();
            Problem::new(
                &container.place,
                format!("the container {name} is told to stop while requests still come to it"),
                "Add lifecycle: { preStop: { sleep: { seconds: 10 } } }, or wait that long after SIGTERM before the service stops listening.",
            )
        })
        .collect()
}

fn replicas(repository: &Repository) -> Vec<Problem> {
    let mut problems = Vec::new();
    for overlay in repository.overlays.iter().filter(|overlay| !is_rehearsal(overlay)) {
        let mut deployments: Vec<Workload<'_>> = served(overlay).into_iter().map(|(workload, _)| workload).collect();
        deployments.retain(|workload| workload.kind() == "Deployment");
        deployments.dedup_by_key(|workload| name(workload.object).to_owned());
        for workload in deployments {
            let is_scaled = scaler_of(overlay, workload.object).is_some();
            let stated = workload.object.at(&["spec", "replicas"]);
            let count = stated.map_or(Some(1), Node::integer);
            // What an overlay elsewhere, or nothing at all, says is not known where the files are incomplete.
            let is_known = stated.is_some() || overlay.is_complete;
            if count == Some(1) && !is_scaled && is_known {
                problems.push(Problem::new(
                    &stated.unwrap_or(workload.object).place,
                    format!("{} runs in one pod", name(workload.object)),
                    "Run two or more, with a PodDisruptionBudget of maxUnavailable: 1.",
                ));
            }
        }
    }
    problems
}

/// Whether an overlay is for an environment that may be down, as its folder says.
fn is_rehearsal(overlay: &Overlay) -> bool {
    let words =
        ["dev", "development", "staging", "stage", "test", "qa", "preview", "local", "minikube", "kind", "acceptance"];
    overlay.folder.split(['/', '-', '_']).any(|part| words.contains(&part))
}
