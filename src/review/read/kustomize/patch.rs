//! Patches: strategic merges and JSON 6902.

use crate::review::{Node, Place, Value, parse};

/// A patch written in the kustomization itself; its lines follow the `|`.
pub(super) fn inline(text: &Node) -> Vec<Node> {
    let mut documents = parse(&text.place.file, text.text().unwrap_or_default()).unwrap_or_default();
    for document in &mut documents {
        relocate(document, &text.place);
    }
    documents
}

fn relocate(node: &mut Node, place: &Place) {
    node.place = place.clone();
    match &mut node.value {
        Value::Sequence(items) => items.iter_mut().for_each(|item| relocate(item, place)),
        Value::Mapping(entries) => entries.iter_mut().for_each(|(key, value)| {
            relocate(key, place);
            relocate(value, place);
        }),
        Value::Scalar { .. } => {}
    }
}

/// Which objects a patch is for.
pub(super) struct Target {
    kind: Option<String>,
    name: Option<String>,
}

impl Target {
    pub(super) fn of_object(object: &Node) -> Self {
        Self {
            kind: object.text_at(&["kind"]).map(str::to_owned),
            name: object.text_at(&["metadata", "name"]).map(str::to_owned),
        }
    }

    pub(super) fn of_selector(selector: &Node) -> Self {
        Self {
            kind: selector.text_at(&["kind"]).map(str::to_owned),
            name: selector.text_at(&["name"]).map(str::to_owned),
        }
    }

    pub(super) fn matches(&self, object: &Node) -> bool {
        let agrees =
            |wanted: &Option<String>, path: &[&str]| wanted.is_none() || wanted.as_deref() == object.text_at(path);
        agrees(&self.kind, &["kind"]) && agrees(&self.name, &["metadata", "name"])
    }

    pub(super) fn describe(&self) -> String {
        let part = |part: &Option<String>| part.clone().unwrap_or_else(|| "any".to_owned());
        format!("{} {}", part(&self.kind), part(&self.name))
    }
}

/// A strategic merge: mappings by key, null deletes, lists of named things by their name, other lists replaced.
pub(super) fn merge(base: &mut Node, change: &Node, field: &str) {
    match (&mut base.value, &change.value) {
        (Value::Mapping(entries), Value::Mapping(changes)) => {
            for (key, value) in changes {
                let name = key.text().unwrap_or_default();
                if value.is_null() {
                    entries.retain(|(other, _)| other.text() != Some(name));
                } else if let Some((_, old)) = entries.iter_mut().find(|(other, _)| other.text() == Some(name)) {
                    merge(old, value, name);
                } else {
                    entries.push((key.clone(), value.clone()));
                }
            }
        }
        (Value::Sequence(items), Value::Sequence(changes)) if merge_key(field).is_some() => {
            let key = merge_key(field).unwrap_or_default();
            for change in changes {
                let same = |item: &&mut Node| item.get(key).is_some() && item.text_at(&[key]) == change.text_at(&[key]);
                if change.text_at(&["$patch"]) == Some("delete") {
                    items.retain(|item| item.text_at(&[key]) != change.text_at(&[key]));
                } else if let Some(item) = items.iter_mut().find(same) {
                    merge(item, change, "");
                } else {
                    items.push(change.clone());
                }
            }
        }
        _ => *base = change.clone(),
    }
}

/// The key by which Kubernetes merges the items of a list.
fn merge_key(field: &str) -> Option<&'static str> {
    match field {
        "containers" | "initContainers" | "volumes" | "env" | "imagePullSecrets" => Some("name"),
        "ports" => Some("containerPort"),
        "volumeMounts" => Some("mountPath"),
        "topologySpreadConstraints" => Some("topologyKey"),
        _ => None,
    }
}

/// A longer path would only be there to nest without end.
const MOST_PARTS: usize = 50;

/// One JSON 6902 operation; add, replace and remove are what patches use.
pub(super) fn apply(object: &mut Node, operation: &Node) {
    let path = operation.text_at(&["path"]).unwrap_or_default();
    let parts: Vec<String> = path.split('/').skip(1).map(|part| part.replace("~1", "/").replace("~0", "~")).collect();
    let Some((last, parents)) = parts.split_last().filter(|_| parts.len() <= MOST_PARTS) else {
        return;
    };
    let mut node = object;
    for part in parents {
        let next = match &mut node.value {
            Value::Sequence(items) => part.parse::<usize>().ok().and_then(|index| items.get_mut(index)),
            Value::Mapping(entries) => {
                entries.iter_mut().find(|(key, _)| key.text() == Some(part)).map(|(_, value)| value)
            }
            Value::Scalar { .. } => None,
        };
        let Some(next) = next else { return };
        node = next;
    }
    let value = operation.get("value").cloned();
    match (&mut node.value, value) {
        (Value::Mapping(entries), None) => entries.retain(|(key, _)| key.text() != Some(last)),
        (Value::Mapping(_), Some(value)) => node.set(last, value),
        (Value::Sequence(items), Some(value)) => match last.parse::<usize>() {
            Ok(index) if operation.text_at(&["op"]) == Some("replace") && index < items.len() => {
                items[index] = value;
            }
            Ok(index) if index < items.len() => items.insert(index, value),
            _ => items.push(value),
        },
        (Value::Sequence(items), None) => {
            if let Some(index) = last.parse().ok().filter(|index: &usize| *index < items.len()) {
                items.remove(index);
            }
        }
        (Value::Scalar { .. }, _) => {}
    }
}
