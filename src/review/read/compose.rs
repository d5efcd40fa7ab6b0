//! Compose files, each as docker compose sees it.

use std::collections::BTreeMap;

use crate::review::{Node, Place, Value};

pub(crate) struct Compose {
    pub(crate) node: Node,
}

pub(crate) struct Service<'a> {
    pub(crate) name: &'a str,
    pub(crate) place: &'a Place,
    pub(crate) node: &'a Node,
}

/// A variable that a container gets.
pub(crate) struct Variable {
    pub(crate) name: String,
    /// As the file has it; `None` where another place gives it.
    pub(crate) value: Option<String>,
    pub(crate) place: Place,
}

pub(crate) fn read(documents: &BTreeMap<String, Vec<Node>>) -> Vec<Compose> {
    let files: BTreeMap<&str, &Node> = documents
        .iter()
        .filter(|(path, _)| is_compose(path))
        .filter_map(|(path, nodes)| Some((path.as_str(), nodes.first()?)))
        .collect();
    files
        .iter()
        .map(|(path, node)| {
            let base = overridden(path).and_then(|base| files.get(base.as_str()));
            Compose { node: base.map_or_else(|| (*node).clone(), |base| merge(base, node)) }
        })
        .collect()
}

fn is_compose(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let is_yaml = [".yaml", ".yml"].iter().any(|extension| name.ends_with(extension));
    is_yaml && (name.starts_with("compose.") || name.starts_with("docker-compose."))
}

/// `compose.yaml` for `compose.dev.yaml`.
fn overridden(path: &str) -> Option<String> {
    let (stem, extension) = path.rsplit_once('.')?;
    let (base, layer) = stem.rsplit_once('.')?;
    (!layer.contains('/')).then(|| format!("{base}.{extension}"))
}

/// How compose lays one file over another, as far as the rules care: mappings by key, lists appended, the rest replaced.
fn merge(base: &Node, over: &Node) -> Node {
    let mut merged = base.clone();
    match (&mut merged.value, &over.value) {
        (Value::Mapping(_), Value::Mapping(entries)) => {
            for (key, value) in entries {
                let name = key.text().unwrap_or_default();
                let value = merged.get(name).map_or_else(|| value.clone(), |old| merge(old, value));
                merged.set(name, value);
            }
            merged
        }
        (Value::Sequence(items), Value::Sequence(more)) => {
            items.extend(more.iter().cloned());
            merged
        }
        _ => over.clone(),
    }
}

impl Compose {
    pub(crate) fn services(&self) -> Vec<Service<'_>> {
        self.node
            .entries_at(&["services"])
            .iter()
            .filter_map(|(name, node)| Some(Service { name: name.text()?, place: &name.place, node }))
            .collect()
    }

    /// The services that run the application's image: `app`, the slots `app-...`, and what is built here.
    pub(crate) fn app_services(&self) -> Vec<Service<'_>> {
        let mut services = self.services();
        services.retain(Service::is_app);
        services
    }

    /// The services that answer requests, without those that run once.
    pub(crate) fn servers(&self) -> Vec<Service<'_>> {
        let mut services = self.app_services();
        services.retain(|service| !self.runs_once(service));
        services
    }

    fn runs_once(&self, service: &Service<'_>) -> bool {
        let awaited = self.services().iter().any(|other| {
            other.node.text_at(&["depends_on", service.name, "condition"]) == Some("service_completed_successfully")
        });
        awaited || service.name == "migrate"
    }

    /// Whether the top level of the file declares `name` under `kind` (networks, secrets, volumes, configs).
    pub(crate) fn declares(&self, kind: &str, name: &str) -> bool {
        self.node.at(&[kind, name]).is_some()
    }
}

impl Service<'_> {
    pub(crate) fn is_app(&self) -> bool {
        self.name == "app"
            || self.name == "migrate"
            || self.name.starts_with("app-")
            || self.node.get("build").is_some()
    }

    pub(crate) fn image(&self) -> Option<&Node> {
        self.node.get("image")
    }

    /// `environment`, in either of its forms.
    pub(crate) fn environment(&self) -> Vec<Variable> {
        let Some(environment) = self.node.get("environment") else {
            return Vec::new();
        };
        let listed = environment.items().iter().filter_map(|item| {
            let (name, value) =
                item.text()?.split_once('=').map_or((item.text()?, None), |(name, value)| (name, Some(value)));
            Some(Variable { name: name.to_owned(), value: value.map(str::to_owned), place: item.place.clone() })
        });
        let mapped = environment.entries().iter().filter_map(|(name, value)| {
            Some(Variable {
                name: name.text()?.to_owned(),
                value: value.text().map(str::to_owned),
                place: name.place.clone(),
            })
        });
        listed.chain(mapped).collect()
    }

    pub(crate) fn variable(&self, name: &str) -> Option<Variable> {
        self.environment().into_iter().find(|variable| variable.name == name)
    }

    /// Whether files give it more variables than `environment` shows.
    pub(crate) fn has_env_file(&self) -> bool {
        self.node.get("env_file").is_some()
    }

    pub(crate) fn limit(&self, kind: &str, short: &str) -> Option<&Node> {
        self.node.at(&["deploy", "resources", "limits", kind]).or_else(|| self.node.get(short))
    }
}

/// A value after compose's own substitution, where the file alone tells: `${PORT:-3000}` is `3000`, `${PORT}` unknown.
pub(crate) fn substituted(text: &str) -> Option<String> {
    let Some(start) = text.find("${") else {
        return Some(text.to_owned());
    };
    let end = start + text[start..].find('}')?;
    let inner = &text[start + 2..end];
    let (_, default) = inner.split_once(":-").or_else(|| inner.split_once('-'))?;
    substituted(&format!("{}{default}{}", &text[..start], &text[end + 1..]))
}
