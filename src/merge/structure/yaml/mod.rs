//! YAML: mappings by key, sequences by what their items are, documents by the object that they describe.
//!
//! The text is split into a tree of whole lines (`segments`), the trees of the three sides are merged
//! (`merge`), and what comes out is printed and read again: it must mean what the merged tree means.

mod comments;
mod flow;
mod identity;
mod lines;
mod lists;
mod merge;
mod out;
mod raw;
mod segments;
mod sem;
mod style;
mod tree;

use super::super::{Labels, StructuredMerge, TextSides};
use crate::merge::markers::Markers;
use out::{MergedBlock, Mode};
use sem::Sem;
use tree::Block;

/// Merges by structure, or None: some side is not YAML that this can follow.
pub(super) fn merge(sides: &TextSides<'_>, labels: &Labels<'_>) -> Option<StructuredMerge> {
    let (base, yours, theirs) = (tree_of(sides.base)?, tree_of(sides.yours)?, tree_of(sides.theirs)?);
    let merge::Outcome { tree, notes } = merge::merge(&base, &yours, &theirs);
    let conflicts = tree.conflicts();
    if !means_what_it_should(&tree, Mode::Yours) || (conflicts > 0 && !means_what_it_should(&tree, Mode::Theirs)) {
        return None;
    }
    let markers = Markers::for_texts(&[sides.base, sides.yours, sides.theirs], labels);
    Some(StructuredMerge { text: tree.print(Mode::Marked(&markers)), conflicts, notes })
}

/// Whether the text is YAML with no key twice in one mapping.
pub(super) fn reads(text: &str) -> bool {
    raw::documents(text).is_some_and(|documents| !documents.iter().any(|document| document.root.sem().has_twin_keys()))
}

/// The tree, if it prints back as the text that it came from.
fn tree_of(text: &str) -> Option<Block> {
    let tree = segments::split(text)?;
    (MergedBlock::from(tree.clone()).print(Mode::Yours) == text).then_some(tree)
}

/// Whether the printed tree reads as what was merged, each conflict settled for one side.
fn means_what_it_should(tree: &MergedBlock, mode: Mode<'_>) -> bool {
    let Some(documents) = raw::documents(&tree.print(mode)) else {
        return false;
    };
    let found: Vec<Sem> = documents.iter().map(|document| document.root.sem()).collect();
    let expected = tree.sem(mode);
    expected.len() == found.len() && expected.iter().zip(&found).all(|(expected, found)| expected.allows(found))
}

#[cfg(test)]
mod tests;
