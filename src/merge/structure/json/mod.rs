//! JSON, comments and trailing commas allowed: objects by key, arrays of scalars as sets.
//!
//! Nothing is printed anew: the result is the user's text with entries taken out, put in or replaced, so
//! that indentation, order, comments and commas stay as they are wherever nothing changes.

mod indent;
mod lead;
mod merge;
mod parse;
mod print;
mod rules;
mod tree;

use super::super::{Labels, StructuredMerge, TextSides};
use crate::merge::markers::Markers;
use indent::{Fit, unit};
use merge::{Margin, Merger};
use parse::{File, parse};
use print::Mode;
use tree::Side;

/// Merges by key, or None: some side is not JSON, has a key twice, or conflicts as a whole.
pub(super) fn merge(path: &str, sides: &TextSides<'_>, labels: &Labels<'_>) -> Option<StructuredMerge> {
    let (base, yours, theirs) = (read(sides.base)?, read(sides.yours)?, read(sides.theirs)?);
    let from = unit(&theirs.value).unwrap_or_else(|| "  ".to_owned());
    let fit = Fit { to: unit(&yours.value).unwrap_or_else(|| from.clone()), from };
    let mut merger = Merger { path, fit, keys: Vec::new(), notes: Vec::new() };
    let margin = Margin { yours: "", theirs: "" };
    let value = merger.value(Some(&base.value), &yours.value, &theirs.value, margin).ok()?;
    let around = |of: fn(&File) -> &String| lead::merged(Some(of(&base)), of(&yours), of(&theirs));
    let file = File { before: around(|file| &file.before), value, after: around(|file| &file.after) };
    let conflicts = file.value.conflicts();
    let reads_back = |side: Side| {
        let read = parse(&file.print(Mode::One(side)));
        read.is_some_and(|read| read.value.sem(Side::Yours) == file.value.sem(side))
    };
    if !reads_back(Side::Yours) || !reads_back(Side::Theirs) {
        return None;
    }
    let markers = Markers::for_texts(&[sides.base, sides.yours, sides.theirs], labels);
    Some(StructuredMerge { text: file.print(Mode::Marked(&markers)), conflicts, notes: merger.notes })
}

/// Whether the text is JSON with no key twice in one object.
pub(super) fn reads(text: &str) -> bool {
    parse(text).is_some()
}

/// The tree, if it prints back as the text that it came from.
fn read(text: &str) -> Option<File> {
    parse(text).filter(|file| file.print(Mode::One(Side::Yours)) == text)
}

#[cfg(test)]
mod tests;
