//! Network policies that let through what the service needs.

use crate::review::read::kubernetes::{Workload, match_labels, name, of_kind, workloads};
use crate::review::read::kustomize::Overlay;
use crate::review::{Node, Problem, Repository, Risk, Rule, Severity};

pub(crate) const RULES: &[Rule] = &[Rule {
    id: "network-allows",
    description: "Network policies allow names, the database, Redis and the service's own port where the service needs them.",
    risk: Risk::Availability,
    severity: Severity::High,
    why: "What no policy allows is dropped without an answer: the service hangs until its timeouts, and only in the cluster.",
    source: Some("https://kubernetes.io/docs/concepts/services-networking/network-policies/"),
    check: network_allows,
}];

fn network_allows(repository: &Repository) -> Vec<Problem> {
    let overlays = repository.overlays.iter().filter(|overlay| overlay.is_complete);
    overlays
        .flat_map(|overlay| workloads(overlay).into_iter().flat_map(|workload| blocked(overlay, workload)))
        .collect()
}

/// Where the value of a variable is not known, one of these is its port: the server's own, a pooler's, that with TLS.
const NEEDS: [(&str, &str, &[u16]); 2] =
    [("DATABASE_URL", "reach the database", &[5432, 6432, 3306, 27017]), ("REDIS_URL", "reach Redis", &[6379, 6380])];

fn blocked(overlay: &Overlay, workload: Workload<'_>) -> Vec<Problem> {
    let mut problems = Vec::new();
    let policies: Vec<&Node> = of_kind(overlay, "NetworkPolicy").filter(|policy| selects(policy, workload)).collect();
    let mut check = |direction: &str, what: &str, ports: &[u16], named: Option<&str>| {
        let of_direction: Vec<&Node> = policies.iter().copied().filter(|policy| has_type(policy, direction)).collect();
        let field = direction.to_lowercase();
        let is_open = of_direction.iter().any(|policy| ports.iter().any(|port| allows(policy, &field, *port, named)));
        if let (Some(policy), Some(port), false) = (of_direction.first(), ports.first(), is_open) {
            problems.push(Problem::new(
                &policy.place,
                format!("no policy lets the pods of {} {what}", name(workload.object)),
                format!("Add a NetworkPolicy for these pods with {field} on port {port}."),
            ));
        }
    };
    check("Egress", "ask for names (DNS)", &[53], None);
    for container in workload.containers() {
        let environment = workload.environment(overlay, container);
        for (key, what, ports) in NEEDS {
            if environment.variables.iter().any(|variable| variable.name == key) {
                let stated = environment.value(key).and_then(port_of_url);
                check("Egress", what, stated.as_ref().map_or(ports, std::slice::from_ref), None);
            }
        }
        // Nobody calls the pods of a Job.
        for port in container.items_at(&["ports"]).iter().filter(|_| workload.is_server()) {
            if let Some(number) = port.text_at(&["containerPort"]).and_then(|it| it.parse().ok()) {
                check("Ingress", &format!("be reached on port {number}"), &[number], port.text_at(&["name"]));
            }
        }
    }
    problems
}

fn selects(policy: &Node, workload: Workload<'_>) -> bool {
    match_labels(policy, &["spec", "podSelector"]).is_some_and(|labels| workload.is_selected_by(labels))
}

/// Whether a policy is about a direction. Without policyTypes it is about ingress, and about egress where it has rules.
fn has_type(policy: &Node, direction: &str) -> bool {
    match policy.at(&["spec", "policyTypes"]) {
        Some(types) => types.items().iter().any(|it| it.text() == Some(direction)),
        None => direction == "Ingress" || policy.at(&["spec", "egress"]).is_some(),
    }
}

fn allows(policy: &Node, field: &str, wanted: u16, named: Option<&str>) -> bool {
    policy.items_at(&["spec", field]).iter().any(|rule| {
        let Some(ports) = rule.get("ports") else { return true };
        ports.items().iter().any(|port| {
            let Some(first) = port.get("port").and_then(Node::text) else { return true };
            let last = port.text_at(&["endPort"]).unwrap_or(first);
            let in_range =
                first.parse().ok().zip(last.parse().ok()).is_some_and(|(a, b): (u16, u16)| (a..=b).contains(&wanted));
            in_range || named == Some(first)
        })
    })
}

fn port_of_url(url: &str) -> Option<u16> {
    let authority = url.split_once("://")?.1.split(['/', '?']).next()?;
    authority.rsplit_once(':')?.1.parse().ok()
}
