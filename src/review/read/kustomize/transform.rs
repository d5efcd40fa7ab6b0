//! The changes that a kustomization makes to all its objects: images and labels.

use crate::review::{Node, Value};

pub(super) fn replace_image(node: &mut Node, change: &Node) {
    match &mut node.value {
        Value::Mapping(entries) => {
            for (key, value) in entries.iter_mut() {
                let image = value.text().filter(|_| key.text() == Some("image")).map(str::to_owned);
                match image {
                    Some(image) => *value = new_image(value, &image, change),
                    None => replace_image(value, change),
                }
            }
        }
        Value::Sequence(items) => items.iter_mut().for_each(|item| replace_image(item, change)),
        Value::Scalar { .. } => {}
    }
}

fn new_image(node: &Node, image: &str, change: &Node) -> Node {
    let (name, rest) = split_image(image);
    if change.text_at(&["name"]) != Some(name) {
        return node.clone();
    }
    let name = change.text_at(&["newName"]).unwrap_or(name);
    let text = match (change.text_at(&["digest"]), change.text_at(&["newTag"])) {
        (Some(digest), _) => format!("{name}@{digest}"),
        (None, Some(tag)) => format!("{name}:{tag}"),
        (None, None) => format!("{name}{rest}"),
    };
    Node::scalar(change.place.clone(), text)
}

/// An image's name, and its tag or digest with the separator.
pub(crate) fn split_image(image: &str) -> (&str, &str) {
    if let Some(at) = image.find('@') {
        return image.split_at(at);
    }
    let name_start = image.rfind('/').map_or(0, |slash| slash + 1);
    match image[name_start..].find(':') {
        Some(colon) => image.split_at(name_start + colon),
        None => (image, ""),
    }
}

pub(super) fn add_labels(object: &mut Node, labels: &Node) {
    let mut paths: Vec<&[&str]> = vec![&["metadata", "labels"]];
    let in_selectors = labels.text_at(&["includeSelectors"]) == Some("true");
    if in_selectors || labels.text_at(&["includeTemplates"]) == Some("true") {
        paths.push(&["spec", "template", "metadata", "labels"]);
    }
    if in_selectors {
        paths.push(match object.text_at(&["kind"]) {
            Some("Service") => &["spec", "selector"],
            Some("NetworkPolicy") => &["spec", "podSelector", "matchLabels"],
            _ => &["spec", "selector", "matchLabels"],
        });
    }
    for path in paths {
        let is_there = path.len() == 2 && path[0] == "metadata" || object.at(&path[..path.len() - 1]).is_some();
        if is_there {
            for (key, value) in labels.entries_at(&["pairs"]) {
                let mut whole = path.to_vec();
                whole.push(key.text().unwrap_or_default());
                set_at(object, &whole, value.clone());
            }
        }
    }
}

/// `commonLabels`: on the objects, their pods and every selector.
pub(super) fn add_common_labels(object: &mut Node, labels: &[(Node, Node)]) {
    for (key, value) in labels {
        let place = key.place.clone();
        let pairs = Node::mapping(place.clone(), vec![(key.clone(), value.clone())]);
        let yes = Node::scalar(place.clone(), "true");
        let fields =
            vec![(Node::scalar(place.clone(), "pairs"), pairs), (Node::scalar(place.clone(), "includeSelectors"), yes)];
        add_labels(object, &Node::mapping(place, fields));
    }
}

/// Sets a value at a path of mapping keys, making the mappings on the way.
pub(super) fn set_at(node: &mut Node, path: &[&str], value: Node) {
    let Some((first, rest)) = path.split_first() else {
        *node = value;
        return;
    };
    let mut child = node.get(first).cloned().unwrap_or_else(|| Node::mapping(value.place.clone(), Vec::new()));
    set_at(&mut child, rest, value);
    node.set(first, child);
}

/// Puts an object into a namespace. A Namespace itself takes the name, and bindings follow their subjects.
pub(super) fn set_namespace(object: &mut Node, namespace: &Node) {
    match object.text_at(&["kind"]) {
        Some("Namespace") => set_at(object, &["metadata", "name"], namespace.clone()),
        Some("ClusterRole" | "ClusterRoleBinding" | "CustomResourceDefinition") => {}
        _ => set_at(object, &["metadata", "namespace"], namespace.clone()),
    }
}
