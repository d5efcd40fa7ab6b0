//! Ingresses: who reads them, and what they show to the outside.

use crate::review::read::kubernetes::of_kind;
use crate::review::{Node, Problem, Repository, Risk, Rule, Severity};

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "ingress-nginx",
        description: "No Ingress is written for ingress-nginx, which is retired.",
        risk: Risk::Security,
        severity: Severity::Medium,
        why: "ingress-nginx has had no release since March 2026: what is found in it from then on, at the edge of the cluster, stays open.",
        source: Some("https://kubernetes.io/blog/2025/11/11/ingress-nginx-retirement/"),
        check: ingress_nginx,
    },
    Rule {
        id: "ingress-hosts",
        description: "An Ingress with certificates has one for each of its hosts.",
        risk: Risk::Availability,
        severity: Severity::High,
        why: "The controller answers with a certificate of its own making for such a host, and every client refuses it.",
        source: Some("https://kubernetes.io/docs/concepts/services-networking/ingress/#tls"),
        check: ingress_hosts,
    },
];

/// What the annotations of ingress-nginx begin with. The class `nginx` alone says nothing: another controller has it too.
const NGINX_PREFIX: &str = "nginx.ingress.kubernetes.io/";

fn ingresses(repository: &Repository) -> impl Iterator<Item = &Node> {
    repository.overlays.iter().flat_map(|overlay| of_kind(overlay, "Ingress"))
}

/// One finding an Ingress: they all go together.
fn ingress_nginx(repository: &Repository) -> Vec<Problem> {
    let first = |ingress: &'_ Node| {
        let annotations = ingress.entries_at(&["metadata", "annotations"]).iter();
        let mut names = annotations.filter_map(|(name, _)| Some((name.place.clone(), name.text()?.to_owned())));
        names.find(|(_, name)| name.starts_with(NGINX_PREFIX))
    };
    let found = ingresses(repository).filter_map(first);
    found
        .map(|(place, name)| {
            Problem::new(
                &place,
                format!("{name} is an annotation of ingress-nginx, which gets no more security fixes"),
                "Serve it by a controller that is kept up or by the Gateway API, and say there what this annotation says.",
            )
        })
        .collect()
}

fn ingress_hosts(repository: &Repository) -> Vec<Problem> {
    ingresses(repository).flat_map(uncovered).collect()
}

/// Hosts of the rules that no entry of `tls` names.
fn uncovered(ingress: &Node) -> Vec<Problem> {
    let entries = ingress.items_at(&["spec", "tls"]);
    // An entry without hosts is for all.
    if entries.is_empty() || entries.iter().any(|entry| entry.items_at(&["hosts"]).is_empty()) {
        return Vec::new();
    }
    let named: Vec<&str> = entries.iter().flat_map(|entry| entry.items_at(&["hosts"])).filter_map(Node::text).collect();
    let hosts = ingress.items_at(&["spec", "rules"]).iter().filter_map(|rule| rule.get("host"));
    let open = hosts.filter(|host| host.text().is_some_and(|host| !named.iter().any(|name| covers(name, host))));
    open.map(|host| {
        Problem::new(
            &host.place,
            format!("no entry of tls names {}", host.text().unwrap_or_default()),
            "Add it to the hosts of the entry with its certificate, or correct the name.",
        )
    })
    .collect()
}

/// Whether a name of a certificate is for a host: the same, or a `*` for its first label.
fn covers(name: &str, host: &str) -> bool {
    let rest = |text: &'_ str| text.split_once('.').map(|(_, rest)| rest.to_ascii_lowercase());
    name.eq_ignore_ascii_case(host) || (name.starts_with("*.") && rest(name) == rest(host))
}
