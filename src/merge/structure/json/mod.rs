//! JSON.
use super::super::{Labels, StructuredMerge, TextSides};
/// Merges.
pub(super) fn merge(_path: &str, _sides: &TextSides<'_>, _labels: &Labels<'_>) -> Option<StructuredMerge> {
    None
}
