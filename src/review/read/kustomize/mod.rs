//! A small kustomize: enough to see what an overlay applies, with every value still knowing its file and line.
//!
//! Read: resources, patches (strategic merge and JSON 6902), configMapGenerator, images, replicas, labels. A field that would change the objects and is not read here is itself a problem, so that
//! nothing is checked by half. Names keep no hash suffix. The tests compare the result with `kubectl kustomize`.

mod generate;
mod patch;
#[cfg(test)]
mod tests;
mod transform;

use std::collections::{BTreeMap, BTreeSet};

use generate::{config_map, missing};
use patch::{Target, apply, inline, merge};
use transform::{add_labels, replace_image, set_at, set_namespace};

pub(crate) use transform::split_image;

use crate::review::{Node, Place, Problem};

const READ: [&str; 13] = [
    "apiVersion",
    "kind",
    "metadata",
    "resources",
    "patches",
    "configMapGenerator",
    "generatorOptions",
    "images",
    "replicas",
    "labels",
    "namespace",
    "buildMetadata",
    "sortOptions",
];
const FILE_NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// What one kustomization builds.
pub(crate) struct Overlay {
    /// Its folder, without a slash at the end.
    pub(crate) folder: String,
    pub(crate) objects: Vec<Node>,
    pub(crate) problems: Vec<Problem>,
}

/// Builds each kustomization that no other one includes, and reports manifests beside them that none applies.
pub(crate) fn read(files: &BTreeMap<String, String>, documents: &BTreeMap<String, Vec<Node>>) -> Vec<Overlay> {
    let folders: Vec<&str> = documents.keys().filter_map(|path| kustomization_folder(path)).collect();
    let mut builder = Builder { files, documents, used: BTreeSet::new(), problems: Vec::new() };
    let included: BTreeSet<String> = folders.iter().flat_map(|folder| builder.included_folders(folder)).collect();
    let mut overlays = Vec::new();
    for folder in folders.iter().filter(|folder| !included.contains(**folder)) {
        let objects = builder.build(folder);
        let problems = std::mem::take(&mut builder.problems);
        overlays.push(Overlay { folder: (*folder).to_owned(), objects, problems });
    }
    if let Some(overlay) = overlays.first_mut() {
        overlay.problems.extend(builder.unused(&folders));
    }
    overlays
}

fn kustomization_folder(path: &str) -> Option<&str> {
    let (folder, name) = path.rsplit_once('/')?;
    FILE_NAMES.contains(&name).then_some(folder)
}

struct Builder<'a> {
    files: &'a BTreeMap<String, String>,
    documents: &'a BTreeMap<String, Vec<Node>>,
    used: BTreeSet<String>,
    problems: Vec<Problem>,
}

impl Builder<'_> {
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
        let paths = node.items_at(&["resources"]).iter().filter_map(Node::text);
        paths.map(|path| join(folder, path)).filter(|path| self.kustomization(path).is_some()).collect()
    }

    fn build(&mut self, folder: &str) -> Vec<Node> {
        let Some((path, node)) = self.kustomization(folder) else {
            return Vec::new();
        };
        self.used.insert(path);
        for (key, _) in node.entries() {
            if key.text().is_some_and(|key| !READ.contains(&key)) {
                self.problem(
                    &key.place,
                    format!("the kustomize field {} is not read by this checker", key.text().unwrap_or_default()),
                    "Say it with resources, patches, configMapGenerator, images, replicas or labels.",
                );
            }
        }
        let mut objects = self.resources(folder, &node);
        for entry in node.items_at(&["configMapGenerator"]) {
            let map = config_map(self.files, folder, entry, &mut self.problems);
            let same = |object: &&mut Node| {
                object.text_at(&["kind"]) == Some("ConfigMap")
                    && object.text_at(&["metadata", "name"]) == entry.text_at(&["name"])
            };
            match (entry.text_at(&["behavior"]), objects.iter_mut().find(same)) {
                (Some("merge"), Some(object)) => merge(object, &map, ""),
                (Some("replace"), Some(object)) => *object = map,
                _ => objects.push(map),
            }
        }
        for patch in node.items_at(&["patches"]) {
            self.patch(folder, patch, &mut objects);
        }
        for object in &mut objects {
            if let Some(namespace) = node.get("namespace") {
                set_namespace(object, namespace);
            }
            for image in node.items_at(&["images"]) {
                replace_image(object, image);
            }
            for labels in node.items_at(&["labels"]) {
                add_labels(object, labels);
            }
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
        objects
    }

    fn resources(&mut self, folder: &str, node: &Node) -> Vec<Node> {
        let mut objects = Vec::new();
        for resource in node.items_at(&["resources"]) {
            let path = join(folder, resource.text().unwrap_or_default());
            if let Some(documents) = self.documents.get(&path) {
                self.used.insert(path);
                objects.extend(documents.iter().cloned());
            } else if self.kustomization(&path).is_some() {
                objects.extend(self.build(&path));
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
                    merge(object, &change, "");
                } else {
                    for operation in change.items() {
                        apply(object, operation);
                    }
                }
                true
            });
            if hits == 0 {
                self.problem(
                    &patch.place,
                    format!("the patch for {} changes nothing", target.describe()),
                    "Name a kind and an object that the resources contain.",
                );
            }
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

/// A path relative to a folder, with `.` and `..` resolved.
fn join(folder: &str, path: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}
