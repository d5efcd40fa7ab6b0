//! Kubernetes objects as the rules ask for them.

use super::compose::Variable;
use super::env::is_key;
use super::kustomize::Overlay;
use crate::review::{Node, Place, Value};

/// Kinds whose spec holds a pod template, and the path to it.
const WORKLOADS: [(&str, &[&str]); 5] = [
    ("Deployment", &["spec", "template"]),
    ("StatefulSet", &["spec", "template"]),
    ("DaemonSet", &["spec", "template"]),
    ("Job", &["spec", "template"]),
    ("CronJob", &["spec", "jobTemplate", "spec", "template"]),
];

/// An object that makes pods.
#[derive(Clone, Copy)]
pub(crate) struct Workload<'a> {
    pub(crate) object: &'a Node,
    pub(crate) template: &'a Node,
}

/// Objects of a kind.
pub(crate) fn of_kind<'a>(overlay: &'a Overlay, kind: &'a str) -> impl Iterator<Item = &'a Node> {
    overlay.objects.iter().filter(move |object| object.text_at(&["kind"]) == Some(kind))
}

pub(crate) fn name(object: &Node) -> &str {
    object.text_at(&["metadata", "name"]).unwrap_or_default()
}

pub(crate) fn workloads(overlay: &Overlay) -> Vec<Workload<'_>> {
    overlay
        .objects
        .iter()
        .filter_map(|object| {
            let kind = object.text_at(&["kind"])?;
            let (_, path) = WORKLOADS.iter().find(|(workload, _)| *workload == kind)?;
            Some(Workload { object, template: object.at(path)? })
        })
        .collect()
}

/// All containers, each with the workload that it belongs to.
pub(crate) fn containers(overlay: &Overlay) -> Vec<(Workload<'_>, &Node)> {
    let workloads = workloads(overlay).into_iter();
    workloads.flat_map(|workload| workload.containers().iter().map(move |container| (workload, container))).collect()
}

/// The containers that run the application: those that get one of its keys.
pub(crate) fn apps(overlay: &Overlay) -> Vec<(Workload<'_>, &Node)> {
    let mut containers = containers(overlay);
    containers.retain(|(workload, container)| {
        let variables = workload.environment(overlay, container).variables;
        variables.iter().any(|variable| matches!(variable.name.as_str(), "APP_ENV" | "PORT"))
    });
    containers
}

impl<'a> Workload<'a> {
    pub(crate) fn kind(&self) -> &str {
        self.object.text_at(&["kind"]).unwrap_or_default()
    }

    /// Whether its pods stay, and so answer requests.
    pub(crate) fn is_server(&self) -> bool {
        !matches!(self.kind(), "Job" | "CronJob")
    }

    pub(crate) fn containers(&self) -> &'a [Node] {
        self.template.items_at(&["spec", "containers"])
    }

    /// What a container of it gets. Later entries win: `env` over `envFrom`, and both over a file.
    pub(crate) fn environment(&self, overlay: &Overlay, container: &Node) -> Environment {
        let mut environment = Environment { variables: Vec::new(), is_open: false };
        if command(container).contains("--env-file") {
            for volume in self.template.items_at(&["spec", "volumes"]) {
                environment.add_secret(overlay, volume.text_at(&["secret", "secretName"]));
            }
        }
        for source in container.items_at(&["envFrom"]) {
            if let Some(map) = source.text_at(&["configMapRef", "name"]) {
                let data = of_kind(overlay, "ConfigMap").filter(|object| name(object) == map);
                environment.variables.extend(data.flat_map(|object| variables(object.at(&["data"]))));
            }
            environment.add_secret(overlay, source.text_at(&["secretRef", "name"]));
        }
        environment.variables.extend(container.items_at(&["env"]).iter().filter_map(|entry| {
            Some(Variable {
                name: entry.text_at(&["name"])?.to_owned(),
                value: entry.text_at(&["value"]).map(str::to_owned),
                place: entry.place.clone(),
            })
        }));
        environment
    }

    /// Whether a set of match labels selects its pods.
    pub(crate) fn is_selected_by(&self, labels: &[(Node, Node)]) -> bool {
        let own = self.template.entries_at(&["metadata", "labels"]);
        labels.iter().all(|(key, value)| {
            own.iter().any(|(other, label)| other.text() == key.text() && label.text() == value.text())
        })
    }

    /// Whether a port, by number or by name, is declared by one of its containers.
    pub(crate) fn declares_port(&self, port: &str) -> bool {
        self.containers().iter().any(|container| declares_port(container, port))
    }
}

/// Whether a container of the application takes jobs: it starts a worker and listens on no port.
pub(crate) fn is_worker(container: &Node) -> bool {
    container.items_at(&["ports"]).is_empty() && command(container).contains("worker")
}

/// The words that a container starts with.
fn command(container: &Node) -> String {
    let words = ["command", "args"].iter().flat_map(|field| container.items_at(&[field]));
    let words: Vec<&str> = words.filter_map(Node::text).collect();
    words.join(" ")
}

pub(crate) fn declares_port(container: &Node, port: &str) -> bool {
    container
        .items_at(&["ports"])
        .iter()
        .any(|declared| [&["containerPort"], &["name"]].iter().any(|path| declared.text_at(*path) == Some(port)))
}

/// The variables that a container gets.
pub(crate) struct Environment {
    pub(crate) variables: Vec<Variable>,
    /// Whether a source that the files do not show may give more.
    pub(crate) is_open: bool,
}

impl Environment {
    fn add_secret(&mut self, overlay: &Overlay, secret: Option<&str>) {
        let Some(secret) = secret else { return };
        match secret_keys(overlay, secret) {
            Some(keys) => self.variables.extend(keys),
            None => self.is_open = true,
        }
    }

    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        self.variables.iter().rev().find(|variable| variable.name == name)?.value.as_deref()
    }
}

fn variables(data: Option<&Node>) -> Vec<Variable> {
    let entries = data.map_or(&[][..], Node::entries);
    entries
        .iter()
        .filter_map(|(key, value)| {
            Some(Variable {
                name: key.text()?.to_owned(),
                value: value.text().map(str::to_owned),
                place: key.place.clone(),
            })
        })
        .collect()
}

/// The keys of a Secret, from the `ExternalSecret` that makes it; `None` where the files do not tell.
pub(crate) fn secret_keys(overlay: &Overlay, secret: &str) -> Option<Vec<Variable>> {
    let makes = |object: &&Node| object.text_at(&["spec", "target", "name"]).unwrap_or_else(|| name(object)) == secret;
    let external = of_kind(overlay, "ExternalSecret").find(makes)?;
    if external.at(&["spec", "dataFrom"]).is_some() {
        return None;
    }
    if let Some(env) = external.at(&["spec", "target", "template", "data", "env"])
        && let Some(keys) = keys_of_template(env)
    {
        return Some(keys);
    }
    let keys = external.items_at(&["spec", "data"]).iter().filter_map(|entry| {
        let key = entry.at(&["secretKey"])?;
        Some(unknown(key.text()?, &key.place))
    });
    Some(keys.collect())
}

fn unknown(name: &str, place: &Place) -> Variable {
    Variable { name: name.to_owned(), value: None, place: place.clone() }
}

/// The keys that a template writes as a file of variables (`KEY='{{ .url }}'`); `None` where it writes whatever it gets.
fn keys_of_template(env: &Node) -> Option<Vec<Variable>> {
    let text = env.text()?;
    let names = text.lines().filter_map(|line| line.trim().split_once('=')).map(|(name, _)| name);
    let keys: Vec<Variable> = names.filter(|name| is_key(name)).map(|name| unknown(name, &env.place)).collect();
    (!keys.is_empty()).then_some(keys)
}

/// The match labels of a selector, empty where it selects everything.
pub(crate) fn match_labels<'a>(object: &'a Node, path: &[&str]) -> Option<&'a [(Node, Node)]> {
    let selector = object.at(path)?;
    match (&selector.value, selector.get("matchLabels")) {
        (_, Some(labels)) => Some(labels.entries()),
        _ if selector.get("matchExpressions").is_some() => None,
        (Value::Mapping(entries), None) if entries.is_empty() || path.last() == Some(&"selector") => Some(entries),
        _ => None,
    }
}
