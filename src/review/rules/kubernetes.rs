//! Kubernetes objects that refer to each other.

use crate::review::read::kubernetes::{match_labels, name, of_kind, secret_keys, workloads};
use crate::review::read::kustomize::Overlay;
use crate::review::{Node, Problem, Repository, Rule};

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "selectors-match",
        description: "Selectors of workloads, Services, disruption budgets, network policies and spread constraints match pods.",
        check: selectors_match,
    },
    Rule {
        id: "references",
        description: "ConfigMaps, Secrets and ServiceAccounts that pods use are there, and Services that routes lead to.",
        check: references,
    },
];

/// Kinds that select pods, and where their selector stands.
const SELECTORS: [(&str, &[&str]); 3] = [
    ("Service", &["spec", "selector"]),
    ("PodDisruptionBudget", &["spec", "selector"]),
    ("NetworkPolicy", &["spec", "podSelector"]),
];

fn selectors_match(repository: &Repository) -> Vec<Problem> {
    let mut problems = Vec::new();
    for overlay in &repository.overlays {
        let workloads = workloads(overlay);
        for (kind, path) in SELECTORS {
            for object in of_kind(overlay, kind) {
                let Some(labels) = match_labels(object, path) else {
                    continue;
                };
                if !workloads.iter().any(|workload| workload.is_selected_by(labels)) {
                    problems.push(no_pod(object.at(path).unwrap_or(object), kind));
                }
            }
        }
        for workload in &workloads {
            let kind = workload.kind();
            let own = match_labels(workload.object, &["spec", "selector"]);
            if own.is_some_and(|labels| !workload.is_selected_by(labels)) {
                problems.push(no_pod(workload.object.at(&["spec", "selector"]).unwrap_or(workload.object), kind));
            }
            for constraint in workload.template.items_at(&["spec", "topologySpreadConstraints"]) {
                let labels = match_labels(constraint, &["labelSelector"]);
                if labels.is_some_and(|labels| !workload.is_selected_by(labels)) {
                    problems.push(no_pod(
                        constraint.get("labelSelector").unwrap_or(constraint),
                        "topologySpreadConstraint",
                    ));
                }
            }
        }
    }
    problems
}

fn no_pod(selector: &Node, kind: &str) -> Problem {
    Problem::new(
        &selector.place,
        format!("the selector of this {kind} matches no pod"),
        "Use labels that the pod template carries.",
    )
}

fn references(repository: &Repository) -> Vec<Problem> {
    let mut problems = Vec::new();
    for overlay in &repository.overlays {
        for workload in workloads(overlay) {
            let spec = workload.template.get("spec");
            let account = spec.and_then(|spec| spec.get("serviceAccountName"));
            problems.extend(
                account
                    .filter(|node| !exists(overlay, "ServiceAccount", node))
                    .map(|node| missing("ServiceAccount", node)),
            );
            for (kind, node) in spec.map(used).unwrap_or_default() {
                let made = kind == "Secret" && secret_keys(overlay, node.text().unwrap_or_default()).is_some();
                let from_all = kind == "Secret"
                    && of_kind(overlay, "ExternalSecret").any(|object| object.at(&["spec", "dataFrom"]).is_some());
                if !made && !from_all && !exists(overlay, kind, node) {
                    problems.push(missing(kind, node));
                }
            }
        }
    }
    problems.extend(repository.overlays.iter().flat_map(routes_to_nowhere));
    problems
}

/// Backends of an `HTTPRoute` or an `Ingress` that are no Service, or a port that it does not have.
fn routes_to_nowhere(overlay: &Overlay) -> Vec<Problem> {
    let routes =
        overlay.objects.iter().filter(|object| matches!(object.text_at(&["kind"]), Some("HTTPRoute" | "Ingress")));
    let mut problems = Vec::new();
    for backend in routes.flat_map(backends) {
        let Some(wanted) = backend.get("name") else {
            continue;
        };
        let Some(service) = of_kind(overlay, "Service").find(|service| Some(name(service)) == wanted.text()) else {
            problems.push(missing("Service", wanted));
            continue;
        };
        let port =
            backend.at(&["port", "number"]).or_else(|| backend.at(&["port", "name"])).or_else(|| backend.get("port"));
        let has_port = |port: &Node| {
            let ports = service.items_at(&["spec", "ports"]).iter();
            ports.flat_map(|own| [own.get("port"), own.get("name")]).flatten().any(|own| own.text() == port.text())
        };
        problems.extend(port.filter(|port| !has_port(port)).map(|port| {
            Problem::new(
                &port.place,
                format!("the Service {} has no port {}", name(service), port.text().unwrap_or_default()),
                "Use a port of the Service, by number or name.",
            )
        }));
    }
    problems
}

/// The backends of a route, at any depth: `backendRefs` of an `HTTPRoute`, `service` of an `Ingress`.
fn backends(node: &Node) -> Vec<&Node> {
    let mut found = Vec::new();
    for (key, value) in node.entries() {
        match key.text() {
            Some("backendRefs") => found.extend(value.items()),
            Some("service") => found.push(value),
            _ => found.extend(backends(value)),
        }
    }
    found.extend(node.items().iter().flat_map(backends));
    found
}

/// The `ConfigMap`s and Secrets that a pod spec names.
fn used(spec: &Node) -> Vec<(&'static str, &Node)> {
    let containers = ["containers", "initContainers"].iter().flat_map(|kind| spec.items_at(&[kind]));
    let sources = containers.flat_map(|container| {
        let whole = container.items_at(&["envFrom"]).iter();
        let single = container.items_at(&["env"]).iter().filter_map(|entry| entry.get("valueFrom"));
        whole.chain(single)
    });
    let fields = [
        ("ConfigMap", "configMapRef"),
        ("ConfigMap", "configMapKeyRef"),
        ("Secret", "secretRef"),
        ("Secret", "secretKeyRef"),
    ];
    let in_env = sources
        .flat_map(|source| fields.into_iter().filter_map(|(kind, field)| Some((kind, source.at(&[field, "name"])?))));
    let in_volumes = spec.items_at(&["volumes"]).iter().flat_map(|volume| {
        let paths: [(&str, &[&str]); 2] =
            [("ConfigMap", &["configMap", "name"]), ("Secret", &["secret", "secretName"])];
        paths.into_iter().filter_map(|(kind, path)| Some((kind, volume.at(path)?)))
    });
    in_env.chain(in_volumes).collect()
}

fn exists(overlay: &Overlay, kind: &str, wanted: &Node) -> bool {
    of_kind(overlay, kind).any(|object| Some(name(object)) == wanted.text())
}

fn missing(kind: &str, node: &Node) -> Problem {
    Problem::new(
        &node.place,
        format!("there is no {kind} {}", node.text().unwrap_or_default()),
        "Add it to the kustomization, or correct the name.",
    )
}
