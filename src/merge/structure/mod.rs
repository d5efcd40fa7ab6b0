//! The second pass, by structure, for YAML and JSON whose lines conflict.
//!
//! Entries are matched by what they are, not by where they stand, so that two people who add different
//! keys or steps at one place do not conflict. Whatever cannot be followed is left to the lines.

mod diff3;
mod json;
mod keyed;
mod yaml;

use super::{Labels, StructuredMerge, TextSides};

/// Whether a file of this kind reads, with no key twice. True for kinds that are not read here.
pub(super) fn reads(path: &str, text: &str) -> bool {
    match extension(path) {
        "yaml" | "yml" => yaml::reads(text),
        "json" | "jsonc" => json::reads(text),
        _ => true,
    }
}

/// Merges by structure a file of a kind that has one. None: it has none, or the lines stand.
pub(super) fn merge(path: &str, sides: &TextSides<'_>, labels: &Labels<'_>) -> Option<StructuredMerge> {
    match extension(path) {
        "yaml" | "yml" => yaml::merge(sides, labels),
        "json" | "jsonc" => json::merge(path, sides, labels),
        _ => None,
    }
}

fn extension(path: &str) -> &str {
    path.rsplit_once('.').map_or("", |(_, extension)| extension)
}
