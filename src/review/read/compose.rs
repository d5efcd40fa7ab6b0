//! Compose files, each as docker compose sees it.

use std::collections::BTreeMap;

use super::walk::{is_compose, join};
use crate::review::{Node, Place, Value};

/// Rules compare services with each other; no file that people write has as many.
pub(crate) const MOST_SERVICES: usize = 300;

pub(crate) struct Compose {
    pub(crate) node: Node,
    /// The file; where it lies over another one, that of the layer.
    pub(crate) path: String,
    /// What the file is for, as its name or folder says.
    pub(crate) purpose: Purpose,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    Development,
    Production,
    Unsaid,
}

#[derive(Clone, Copy)]
pub(crate) struct Service<'a> {
    pub(crate) name: &'a str,
    pub(crate) place: &'a Place,
    pub(crate) node: &'a Node,
    folder: &'a str,
}

/// A variable that a container gets.
#[derive(Clone)]
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
        .filter(|(_, node)| node.get("services").is_some())
        .collect();
    files
        .iter()
        .map(|(path, node)| {
            let base = overridden(path).and_then(|base| files.get(base.as_str())).filter(|_| !stands_alone(node));
            let mut node = base.map_or_else(|| (*node).clone(), |base| merge(base, node));
            extend(&mut node);
            Compose { node, path: (*path).to_owned(), purpose: purpose(path) }
        })
        .collect()
}

/// `compose.yaml` for `compose.dev.yaml`.
fn overridden(path: &str) -> Option<String> {
    let (stem, extension) = path.rsplit_once('.')?;
    let (base, layer) = stem.rsplit_once('.')?;
    (!layer.contains('/')).then(|| format!("{base}.{extension}"))
}

/// Whether each service says itself what it runs, so that no other file need lie below.
fn stands_alone(node: &Node) -> bool {
    let services = node.entries_at(&["services"]);
    services.iter().all(|(_, service)| service.get("image").is_some() || service.get("build").is_some())
}

fn purpose(path: &str) -> Purpose {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let says = |words: &[&str]| name.split(['.', '-', '_']).any(|part| words.contains(&part));
    let lies_in = |words: &[&str]| folder.split(['/', '-', '_', '.']).any(|part| words.contains(&part));
    if says(&["prod", "production", "live", "staging", "deploy"]) {
        Purpose::Production
    } else if says(&["dev", "development", "local", "test", "tests", "e2e", "ci", "override", "debug"])
        || lies_in(&["devcontainer", "test", "tests", "e2e", "dev", "example", "examples"])
    {
        Purpose::Development
    } else if lies_in(&["deploy", "deployment", "prod", "production"]) {
        Purpose::Production
    } else {
        Purpose::Unsaid
    }
}

/// `extends` of a service of the same file, one level deep.
fn extend(node: &mut Node) {
    let Some(services) = node.get("services").cloned() else { return };
    let mut extended = services.clone();
    for (name, service) in services.entries() {
        let from = service.get("extends").filter(|extends| extends.get("file").is_none());
        let base = from.and_then(|extends| extends.text().or_else(|| extends.text_at(&["service"])));
        if let (Some(name), Some(base)) = (name.text(), base.and_then(|base| services.get(base))) {
            extended.set(name, merge(base, service));
        }
    }
    node.set("services", extended);
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
        let folder = self.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        self.node
            .entries_at(&["services"])
            .iter()
            .take(MOST_SERVICES)
            .filter_map(|(name, node)| Some(Service { name: name.text()?, place: &name.place, node, folder }))
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

    pub(crate) fn runs_once(&self, service: &Service<'_>) -> bool {
        let awaited = self.services().iter().any(|other| {
            other.node.text_at(&["depends_on", service.name, "condition"]) == Some("service_completed_successfully")
        });
        awaited || service.name == "migrate"
    }

    /// Whether the top level of the file declares `name` under `kind` (networks, secrets, volumes, configs).
    pub(crate) fn declares(&self, kind: &str, name: &str) -> bool {
        self.node.at(&[kind, name]).is_some() || self.includes()
    }

    /// Whether other files declare more.
    pub(crate) fn includes(&self) -> bool {
        self.node.get("include").is_some()
    }
}

impl Service<'_> {
    pub(crate) fn is_app(&self) -> bool {
        self.name == "app"
            || self.name == "migrate"
            || self.name.starts_with("app-")
            || self.node.get("build").is_some()
    }

    /// The Dockerfile that it builds, relative to the repository.
    pub(crate) fn dockerfile_path(&self) -> Option<String> {
        let build = self.node.get("build")?;
        let context = build.text().or_else(|| build.text_at(&["context"])).unwrap_or(".");
        let file = build.text_at(&["dockerfile"]).unwrap_or("Dockerfile");
        Some(join(&join(self.folder, context), file))
    }

    /// The folder that it builds in, relative to the repository.
    pub(crate) fn context(&self) -> Option<String> {
        let build = self.node.get("build")?;
        Some(join(self.folder, build.text().or_else(|| build.text_at(&["context"])).unwrap_or(".")))
    }

    /// Whether it runs the source as it lies here, for someone who works on it.
    pub(crate) fn is_development(&self) -> bool {
        let mut sources = self.node.items_at(&["volumes"]).iter().filter_map(|volume| {
            volume.text().and_then(|short| short.split(':').next()).or_else(|| volume.text_at(&["source"]))
        });
        let mounts_source = sources.any(|source| {
            matches!(source, "." | "./" | ".." | "${PWD}" | "$PWD")
                || (source.starts_with("./") && source.contains("src"))
        });
        let words = ["command", "entrypoint"].iter().filter_map(|field| self.node.get(field));
        let command: Vec<&str> = words.flat_map(Node::scalars).filter_map(Node::text).collect();
        let command = command.join(" ");
        let watches = ["nodemon", "watch", "run dev", ":dev", "ts-node-dev", "yarn dev", "pnpm dev", "next dev"];
        let says_so = self.variable("NODE_ENV").and_then(|variable| variable.value).as_deref() == Some("development");
        mounts_source || watches.iter().any(|word| command.contains(word)) || says_so
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
    // Nobody nests defaults in a text of this length, and each level copies it.
    if text.len() > 4096 {
        return None;
    }
    let Some(start) = text.find("${") else {
        return Some(text.to_owned());
    };
    let end = start + text[start..].find('}')?;
    let inner = &text[start + 2..end];
    let (_, default) = inner.split_once(":-").or_else(|| inner.split_once('-'))?;
    substituted(&format!("{}{default}{}", &text[..start], &text[end + 1..]))
}
