//! The second pass, by structure, for YAML and JSON whose lines conflict.
//!
//! Entries are matched by what they are, not by where they stand, so that two people who add different
//! keys or steps at one place do not conflict. Whatever cannot be followed is left to the lines.

mod diff3;
mod json;
mod keyed;
mod yaml;

use super::{Labels, StructuredMerge, TextSides};

/// Merges YAML by its mappings and sequences. None: it cannot help, and the lines stand.
pub(super) fn yaml(sides: &TextSides<'_>, labels: &Labels<'_>) -> Option<StructuredMerge> {
    yaml::merge(sides, labels)
}

/// Merges JSON, comments allowed, by its keys. None: it cannot help, and the lines stand.
pub(super) fn json(path: &str, sides: &TextSides<'_>, labels: &Labels<'_>) -> Option<StructuredMerge> {
    json::merge(path, sides, labels)
}
