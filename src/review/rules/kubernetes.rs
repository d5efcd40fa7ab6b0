//! Kubernetes objects that refer to each other.

use crate::review::read::kubernetes::{match_labels, name, of_kind, secret_keys, workloads};
use crate::review::read::kustomize::Overlay;
use crate::review::{Node, Problem, Repository, Risk, Rule, Severity};

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "selectors-match",
        description: "Selectors of workloads, Services, disruption budgets, network policies and spread constraints match pods.",
        risk: Risk::Availability,
        severity: Severity::High,
        why: "The object does nothing: a Service without pods answers nobody, a policy without pods protects nothing.",
        source: Some("https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/"),
        check: selectors_match,
    },
    Rule {
        id: "references",
        description: "ConfigMaps, Secrets and ServiceAccounts that pods use are there, Services that routes lead to, and what KEDA signs in with.",
        risk: Risk::Availability,
        severity: Severity::High,
        why: "The pods wait in CreateContainerConfigError, or the route answers 503.",
        source: None,
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
                if !selects_one(repository, overlay, labels) {
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

/// Whether labels select a pod of the overlay; where more may come from elsewhere, any pod of the repository counts, and an
/// overlay without pods is not judged.
fn selects_one(repository: &Repository, overlay: &Overlay, labels: &[(Node, Node)]) -> bool {
    let is_there = |overlay: &Overlay| workloads(overlay).iter().any(|workload| workload.is_selected_by(labels));
    if overlay.is_complete {
        return is_there(overlay);
    }
    workloads(overlay).is_empty() || repository.overlays.iter().any(is_there)
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
                    .filter(|node| !exists(repository, overlay, "ServiceAccount", node))
                    .map(|node| missing("ServiceAccount", node)),
            );
            for (kind, node) in spec.map(used).unwrap_or_default() {
                let made = kind == "Secret" && secret_keys(overlay, node.text().unwrap_or_default()).is_some();
                let from_all = kind == "Secret"
                    && of_kind(overlay, "ExternalSecret").any(|object| object.at(&["spec", "dataFrom"]).is_some());
                if !made && !from_all && !exists(repository, overlay, kind, node) {
                    problems.push(missing(kind, node));
                }
            }
        }
    }
    problems.extend(repository.overlays.iter().flat_map(|overlay| routes_to_nowhere(repository, overlay)));
    problems.extend(repository.overlays.iter().flat_map(|overlay| scales_without_credentials(repository, overlay)));
    problems
}

/// What KEDA is to read a queue with and is not there: without it the number of pods stays as it is.
fn scales_without_credentials(repository: &Repository, overlay: &Overlay) -> Vec<Problem> {
    let triggers = of_kind(overlay, "ScaledObject").flat_map(|object| object.items_at(&["spec", "triggers"]));
    // Of one kind only: the other one stands outside of the namespace.
    let own = triggers
        .filter_map(|trigger| trigger.get("authenticationRef"))
        .filter(|reference| matches!(reference.text_at(&["kind"]), None | Some("TriggerAuthentication")));
    let references = own.filter_map(|reference| Some(("TriggerAuthentication", reference.get("name")?)));
    let authentications = of_kind(overlay, "TriggerAuthentication");
    let secrets = authentications
        .flat_map(|object| object.items_at(&["spec", "secretTargetRef"]))
        .filter_map(|parameter| Some(("Secret", parameter.get("name")?)));
    let mut problems: Vec<Problem> = Vec::new();
    for (kind, node) in references.chain(secrets) {
        let made = kind == "Secret" && secret_keys(overlay, node.text().unwrap_or_default()).is_some();
        if !made && !exists(repository, overlay, kind, node) {
            problems.push(missing(kind, node));
        }
    }
    problems
}

/// Backends of an `HTTPRoute` or an `Ingress` that are no Service, or a port that it does not have.
fn routes_to_nowhere(repository: &Repository, overlay: &Overlay) -> Vec<Problem> {
    let routes =
        overlay.objects.iter().filter(|object| matches!(object.text_at(&["kind"]), Some("HTTPRoute" | "Ingress")));
    let mut problems = Vec::new();
    for backend in routes.flat_map(backends) {
        let Some(wanted) = backend.get("name") else {
            continue;
        };
        let Some(service) = of_kind(overlay, "Service").find(|service| Some(name(service)) == wanted.text()) else {
            if !exists(repository, overlay, "Service", wanted) {
                problems.push(missing("Service", wanted));
            }
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
    let in_env = sources.flat_map(|source| {
        fields.into_iter().filter_map(|(kind, field)| {
            let reference = source.get(field).filter(|reference| reference.text_at(&["optional"]) != Some("true"))?;
            Some((kind, reference.get("name")?))
        })
    });
    let in_volumes = spec.items_at(&["volumes"]).iter().flat_map(|volume| {
        let paths: [(&str, &[&str]); 2] =
            [("ConfigMap", &["configMap", "name"]), ("Secret", &["secret", "secretName"])];
        paths.into_iter().filter_map(|(kind, path)| Some((kind, volume.at(path)?)))
    });
    in_env.chain(in_volumes).collect()
}

/// Whether an object is there. Where more may come from elsewhere, a kind that the files do not show at all is taken for
/// there, and so is a Secret, which nobody should commit.
fn exists(repository: &Repository, overlay: &Overlay, kind: &str, wanted: &Node) -> bool {
    let is_there = |overlay: &Overlay| of_kind(overlay, kind).any(|object| Some(name(object)) == wanted.text());
    if overlay.is_complete {
        return is_there(overlay);
    }
    let shows_kind = of_kind(overlay, kind).next().is_some();
    kind == "Secret" || !shows_kind || repository.overlays.iter().any(is_there)
}

fn missing(kind: &str, node: &Node) -> Problem {
    Problem::new(
        &node.place,
        format!("there is no {kind} {}", node.text().unwrap_or_default()),
        "Add it to what is applied, or correct the name.",
    )
}
