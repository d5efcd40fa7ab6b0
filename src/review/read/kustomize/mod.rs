//! A small kustomize: enough to see what an overlay applies, with every value still knowing its file and line.
//!
//! Read: resources, components, patches (strategic merge and JSON 6902), generators, images, replicas, labels. An overlay
//! with a field that would change the objects and is not read here, or with a resource from elsewhere, is not complete: what
//! is missing in it may be there. Names keep no prefix and no hash. The tests compare the result with `kubectl kustomize`.

mod generate;
mod patch;
#[cfg(test)]
mod tests;
mod transform;

use std::collections::{BTreeMap, BTreeSet};

use generate::{generated, missing};
use patch::{Target, apply, inline, merge};
use transform::{add_common_labels, add_labels, replace_image, set_at, set_namespace};

pub(crate) use transform::split_image;

use super::walk::join;
use crate::review::{Node, Place, Problem};

/// Fields that are read, or that change no object in a way that a rule sees (a prefix changes names and references alike).
const READ: [&str; 24] = [
    "apiVersion",
    "kind",
    "metadata",
    "resources",
    "bases",
    "components",
    "patches",
    "patchesStrategicMerge",
    "patchesJson6902",
    "configMapGenerator",
    "secretGenerator",
    "generatorOptions",
    "images",
    "replicas",
    "labels",
    "commonLabels",
    "commonAnnotations",
    "namespace",
    "namePrefix",
    "nameSuffix",
    "buildMetadata",
    "sortOptions",
    "configurations",
    "openapi",
];
/// Overlays repeat what they include, and includes of includes grow without bound.
const MOST_COST: usize = 2_000_000;
/// An include that includes nothing but others has its price, too.
const COST_OF_BUILD: usize = 1_000;
const MOST_NESTED: usize = 20;
const FILE_NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// What one kustomization builds, or the manifests of a folder without one.
pub(crate) struct Overlay {
    /// Its folder, without a slash at the end.
    pub(crate) folder: String,
    pub(crate) objects: Vec<Node>,
    pub(crate) problems: Vec<Problem>,
    /// Whether what is not among the objects is not there at all.
    pub(crate) is_complete: bool,
}

/// Builds each kustomization that no other one includes, and reports manifests beside them that none applies.
pub(crate) fn read(
    files: &BTreeMap<String, String>,
    paths: &BTreeSet<String>,
    documents: &BTreeMap<String, Vec<Node>>,
) -> Vec<Overlay> {
    let folders: Vec<&str> = documents.keys().filter_map(|path| kustomization_folder(path)).collect();
    let mut builder = Builder {
        files,
        paths,
        documents,
        used: BTreeSet::new(),
        problems: Vec::new(),
        open: Vec::new(),
        cost: 0,
        is_complete: true,
    };
    let included: BTreeSet<String> = folders.iter().flat_map(|folder| builder.included_folders(folder)).collect();
    let mut overlays = Vec::new();
    for folder in folders.iter().filter(|folder| !included.contains(**folder)) {
        overlays.push(builder.overlay(folder));
    }
    // Only those in a circle are left.
    for folder in &folders {
        if builder.kustomization(folder).is_some_and(|(path, _)| !builder.used.contains(&path)) {
            overlays.push(builder.overlay(folder));
        }
    }
    if let Some(overlay) = overlays.first_mut() {
        overlay.problems.extend(builder.unused(&folders));
    }
    overlays.extend(builder.plain(&folders));
    overlays
}

fn kustomization_folder(path: &str) -> Option<&str> {
    let (folder, name) = path.rsplit_once('/')?;
    FILE_NAMES.contains(&name).then_some(folder)
}

struct Builder<'a> {
    files: &'a BTreeMap<String, String>,
    paths: &'a BTreeSet<String>,
    documents: &'a BTreeMap<String, Vec<Node>>,
    used: BTreeSet<String>,
    problems: Vec<Problem>,
    /// The folders being built, from the outside in.
    open: Vec<String>,
    cost: usize,
    is_complete: bool,
}

impl Builder<'_> {
    fn overlay(&mut self, folder: &str) -> Overlay {
        self.is_complete = true;
        let objects = self.build(folder);
        let problems = std::mem::take(&mut self.problems);
        Overlay { folder: folder.to_owned(), objects, problems, is_complete: self.is_complete }
    }

    /// Manifests that are applied as they are, by folder. Another folder, or a person, may add to them.
    fn plain(&self, folders: &[&str]) -> Vec<Overlay> {
        let mut overlays: BTreeMap<&str, Vec<Node>> = BTreeMap::new();
        for (path, nodes) in self.documents {
            let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
            let is_chart = path.contains("templates/") || self.paths.contains(&join(folder, "Chart.yaml"));
            if folders.contains(&folder) || self.used.contains(path) || is_chart {
                continue;
            }
            let objects: Vec<Node> = nodes.iter().flat_map(listed).filter(is_object).collect();
            if !objects.is_empty() {
                overlays.entry(folder).or_default().extend(objects);
            }
        }
        let overlays = overlays.into_iter();
        overlays
            .map(|(folder, objects)| Overlay {
                folder: folder.to_owned(),
                objects,
                problems: Vec::new(),
                is_complete: false,
            })
            .collect()
    }

    fn kustomization(&self, folder: &str) -> Option<(String, Node)> {
        FILE_NAMES.iter().find_map(|name| {
            let path = join(folder, name);
            let node = self.documents.get(&path)?.first()?.clone();
            Some((path, node))
        })
    }

    fn included_folders(&self, folder: &str) -> Vec<String> {
        let Some((_, node)) = self.kustomization(folder) else {
            return Vec::new();
        };
        let fields = ["resources", "bases", "components"].iter().flat_map(|field| node.items_at(&[field]));
        let paths = fields.filter_map(Node::text);
        paths.map(|path| join(folder, path)).filter(|path| self.kustomization(path).is_some()).collect()
    }

    fn build(&mut self, folder: &str) -> Vec<Node> {
        let Some((path, node)) = self.kustomization(folder) else {
            return Vec::new();
        };
        if self.open.len() >= MOST_NESTED || self.open.iter().any(|open| open == folder) {
            self.problem(
                &Place::file(&path),
                "this kustomization includes itself".to_owned(),
                "Take the circle out of resources.",
            );
            return Vec::new();
        }
        self.cost += COST_OF_BUILD;
        if self.cost >= MOST_COST {
            return Vec::new();
        }
        self.open.push(folder.to_owned());
        let objects = self.build_one(folder, path, &node);
        self.open.pop();
        objects
    }

    fn build_one(&mut self, folder: &str, path: String, node: &Node) -> Vec<Node> {
        self.used.insert(path);
        self.is_complete &= node.entries().iter().all(|(key, _)| key.text().is_none_or(|key| READ.contains(&key)));
        let mut objects = self.resources(folder, node);
        self.change(folder, node, &mut objects);
        objects
    }

    /// What a kustomization or a component does to the objects that it has.
    fn change(&mut self, folder: &str, node: &Node, objects: &mut Vec<Node>) {
        for component in node.items_at(&["components"]) {
            let path = join(folder, component.text().unwrap_or_default());
            let Some((file, node)) = self.kustomization(&path).filter(|_| self.open.len() < MOST_NESTED) else {
                self.is_complete = false;
                continue;
            };
            self.used.insert(file);
            self.open.push(path.clone());
            objects.extend(self.resources(&path, &node));
            self.change(&path, &node, objects);
            self.open.pop();
        }
        self.generate(folder, node, objects);
        for patch in ["patches", "patchesJson6902"].iter().flat_map(|field| node.items_at(&[field])) {
            self.patch(folder, patch, objects);
        }
        for patch in node.items_at(&["patchesStrategicMerge"]) {
            self.strategic(folder, patch, objects);
        }
        for object in objects.iter_mut() {
            if let Some(namespace) = node.get("namespace") {
                set_namespace(object, namespace);
            }
            for image in node.items_at(&["images"]) {
                replace_image(object, image);
            }
            for labels in node.items_at(&["labels"]) {
                add_labels(object, labels);
            }
            add_common_labels(object, node.entries_at(&["commonLabels"]));
        }
        for entry in node.items_at(&["replicas"]) {
            let target = objects.iter_mut().find(|object| {
                matches!(object.text_at(&["kind"]), Some("Deployment" | "StatefulSet" | "ReplicaSet"))
                    && object.text_at(&["metadata", "name"]) == entry.text_at(&["name"])
            });
            if let (Some(object), Some(count)) = (target, entry.get("count")) {
                set_at(object, &["spec", "replicas"], count.clone());
            }
        }
    }

    fn generate(&mut self, folder: &str, node: &Node, objects: &mut Vec<Node>) {
        for (field, kind) in [("configMapGenerator", "ConfigMap"), ("secretGenerator", "Secret")] {
            for entry in node.items_at(&[field]) {
                let made = generated(kind, self.files, self.paths, folder, entry, &mut self.problems);
                let same = |object: &&mut Node| {
                    object.text_at(&["kind"]) == Some(kind)
                        && object.text_at(&["metadata", "name"]) == entry.text_at(&["name"])
                };
                match (entry.text_at(&["behavior"]), objects.iter_mut().find(same)) {
                    (Some("merge"), Some(object)) => merge(object, &made, ""),
                    (Some("replace"), Some(object)) => *object = made,
                    _ => objects.push(made),
                }
            }
        }
    }

    fn resources(&mut self, folder: &str, node: &Node) -> Vec<Node> {
        let mut objects = Vec::new();
        for resource in ["resources", "bases"].iter().flat_map(|field| node.items_at(&[field])) {
            let path = join(folder, resource.text().unwrap_or_default());
            if let Some(documents) = self.documents.get(&path) {
                self.cost += documents.iter().map(Node::cost).sum::<usize>();
                self.used.insert(path);
                if self.cost < MOST_COST {
                    objects.extend(documents.iter().flat_map(listed));
                }
            } else if self.kustomization(&path).is_some() {
                objects.extend(self.build(&path));
            } else if self.paths.contains(&path) || is_remote(resource) || leaves(folder, resource) {
                self.is_complete = false;
            } else {
                self.missing(resource, &path);
            }
        }
        objects
    }

    fn missing(&mut self, node: &Node, path: &str) {
        self.problems.push(missing(node, path));
    }

    fn problem(&mut self, place: &Place, message: String, fix: &str) {
        self.problems.push(Problem::new(place, message, fix));
    }

    fn patch(&mut self, folder: &str, patch: &Node, objects: &mut Vec<Node>) {
        let changes = match (patch.get("path"), patch.get("patch")) {
            (Some(file), _) => {
                let source = join(folder, file.text().unwrap_or_default());
                self.used.insert(source.clone());
                let Some(documents) = self.documents.get(&source) else {
                    return self.missing(file, &source);
                };
                documents.clone()
            }
            (None, Some(text)) => inline(text),
            (None, None) => Vec::new(),
        };
        for change in changes {
            let target = patch.get("target").map_or_else(|| Target::of_object(&change), Target::of_selector);
            if !lay(&change, &target, objects) && self.is_complete {
                self.problem(
                    &patch.place,
                    format!("the patch for {} changes nothing", target.describe()),
                    "Name a kind and an object that the resources contain.",
                );
            }
        }
    }

    /// An item of `patchesStrategicMerge`: a file, or the patch itself.
    fn strategic(&mut self, folder: &str, patch: &Node, objects: &mut Vec<Node>) {
        let text = patch.text().unwrap_or_default();
        let file = join(folder, text);
        let changes = match self.documents.get(&file) {
            Some(documents) => documents.clone(),
            None if text.contains('\n') => inline(patch),
            None if self.paths.contains(&file) => return,
            None => return self.missing(patch, &file),
        };
        self.used.insert(file);
        for change in changes {
            lay(&change, &Target::of_object(&change), objects);
        }
    }

    /// Manifests in a folder with a kustomization that none of them applies.
    fn unused(&self, folders: &[&str]) -> Vec<Problem> {
        let lost = self.documents.iter().filter(|(path, nodes)| {
            let beside = path.rsplit_once('/').is_some_and(|(folder, _)| folders.contains(&folder));
            beside && !self.used.contains(*path) && nodes.iter().any(|node| node.get("kind").is_some())
        });
        lost.map(|(path, _)| {
            Problem::new(
                &Place::file(path),
                "no kustomization applies this manifest",
                "List it under resources, or delete it.",
            )
        })
        .collect()
    }
}

/// Lays one patch over every object that it is for; whether there was one.
fn lay(change: &Node, target: &Target, objects: &mut Vec<Node>) -> bool {
    let mut hits = 0;
    objects.retain_mut(|object| {
        if !target.matches(object) {
            return true;
        }
        hits += 1;
        if change.text_at(&["$patch"]) == Some("delete") {
            return false;
        }
        if change.items().is_empty() {
            merge(object, change, "");
        } else {
            for operation in change.items() {
                apply(object, operation);
            }
        }
        true
    });
    hits > 0
}

/// The items of a `List`, or the object itself.
fn listed(object: &Node) -> Vec<Node> {
    match object.text_at(&["kind"]) {
        Some("List") => object.items_at(&["items"]).to_vec(),
        _ => vec![object.clone()],
    }
}

fn is_object(node: &Node) -> bool {
    ["apiVersion", "kind", "metadata"].iter().all(|field| node.get(field).is_some())
}

/// Whether a path leads out of the repository, or of the folder that is reviewed.
fn leaves(folder: &str, resource: &Node) -> bool {
    let up = resource.text().unwrap_or_default().split('/').filter(|part| *part == "..").count();
    up > folder.split('/').filter(|part| !part.is_empty()).count()
}

/// A resource that lies in another repository: `https://...`, `github.com/owner/name//path?ref=v1`.
fn is_remote(resource: &Node) -> bool {
    let text = resource.text().unwrap_or_default();
    text.contains("://") || text.contains("?ref=") || text.starts_with("github.com/") || text.starts_with("git@")
}
