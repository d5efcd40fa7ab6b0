//! Where the user's side stands although both changed a value.

use super::tree::{Entry, Value};

/// Sections of a package.json whose entries never conflict. Ranges that are versions were decided before;
/// what is left is `workspace:*`, a path, an address or a tag.
const SECTIONS: &[&str] = &["scripts", "dependencies", "devDependencies", "optionalDependencies", "peerDependencies"];

/// Whether the entries under these keys are the user's once the user touched them.
pub(super) fn is_yours(path: &str, keys: &[String]) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    matches!(keys, [section] if name == "package.json" && SECTIONS.contains(&section.as_str()))
}

/// What the user is told of an entry that the template changed as well.
pub(super) fn note(keys: &[String], name: &str, yours: Option<&Entry>, theirs: Option<&Entry>) -> String {
    let place = format!("{}.{name}", keys.join("."));
    match (yours, theirs) {
        (Some(_), Some(theirs)) => format!("{place}: yours is kept; the new one is {}", written(theirs)),
        (Some(_), None) => format!("{place}: yours is kept; the new version has none"),
        (None, _) => format!("{place}: stays removed; the new one is {}", theirs.map(written).unwrap_or_default()),
    }
}

fn written(entry: &Entry) -> String {
    match &entry.value {
        Value::Scalar { text, .. } => text.clone(),
        Value::Container(_) => "a list or an object".to_owned(),
    }
}
