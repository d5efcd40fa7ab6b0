//! The config maps and secrets that a kustomization makes.

use std::collections::{BTreeMap, BTreeSet};

use super::join;
use crate::review::read::env;
use crate::review::{Node, Problem};

/// Longer texts are no value that a rule compares.
const MOST_TEXT: usize = 4096;

pub(super) fn generated(
    kind: &str,
    files: &BTreeMap<String, String>,
    paths: &BTreeSet<String>,
    folder: &str,
    entry: &Node,
    problems: &mut Vec<Problem>,
) -> Node {
    let place = &entry.place;
    let scalar = |text: &str| Node::scalar(place.clone(), text);
    let mut data: Vec<(Node, Node)> = Vec::new();
    for literal in entry.items_at(&["literals"]) {
        if let Some((name, value)) = literal.text().and_then(|text| text.split_once('=')) {
            let at = |text| Node::scalar(literal.place.clone(), text);
            data.push((at(name), at(value)));
        }
    }
    for file in entry.items_at(&["envs"]).iter().chain(entry.get("env")) {
        let path = join(folder, file.text().unwrap_or_default());
        match files.get(&path) {
            Some(text) => {
                data.extend(env::parse_file(&path, text).entries.into_iter().map(|entry| {
                    (Node::scalar(entry.place.clone(), entry.name), Node::scalar(entry.place, entry.value))
                }));
            }
            None if paths.contains(&path) || kind == "Secret" => {}
            None => problems.push(missing(file, &path)),
        }
    }
    for source in entry.items_at(&["files"]) {
        let text = source.text().unwrap_or_default();
        let (name, file) = text.split_once('=').unwrap_or_else(|| (text.rsplit('/').next().unwrap_or(text), text));
        let path = join(folder, file);
        match files.get(&path) {
            Some(text) if text.len() <= MOST_TEXT => data.push((scalar(name), scalar(text))),
            _ if paths.contains(&path) || kind == "Secret" => data.push((scalar(name), scalar(""))),
            _ => problems.push(missing(source, &path)),
        }
    }
    let name = entry.get("name").cloned().unwrap_or_else(|| scalar(""));
    let mut metadata = Node::mapping(place.clone(), vec![(scalar("name"), name)]);
    if let Some(namespace) = entry.get("namespace") {
        metadata.set("namespace", namespace.clone());
    }
    let fields = vec![
        (scalar("apiVersion"), scalar("v1")),
        (scalar("kind"), scalar(kind)),
        (scalar("metadata"), metadata),
        (scalar("data"), Node::mapping(place.clone(), data)),
    ];
    Node::mapping(place.clone(), fields)
}

pub(super) fn missing(node: &Node, path: &str) -> Problem {
    Problem::new(&node.place, format!("{path} does not exist"), "Add the file, or take it out of the kustomization.")
}
