//! Three-way merge of one text file: what was emitted (base), what the user made of it (yours) and what
//! is emitted now (theirs). Pure: no disk, no clock.
//!
//! What is the user's in any case is set aside first and put back last: byte order mark, line endings and
//! final newline (`text`). Then versions are reconciled, since the newer one wins wherever it comes from
//! (`pins`). What is left is merged by line (`lines`), and by `structure` where lines cannot tell.

mod binary;
mod diff;
mod lines;
mod markers;
mod pins;
mod structure;
mod text;

pub use binary::is_binary;
pub use diff::{Piece, changed_lines, pieces};
pub use markers::find_marker;
pub use pins::differs_only_in_pins;
pub use text::same_text;

/// The three versions of a file.
#[derive(Debug, Clone, Copy)]
pub struct Sides<'a> {
    /// What was emitted last.
    pub base: &'a [u8],
    /// What the user has.
    pub yours: &'a [u8],
    /// What is emitted now.
    pub theirs: &'a [u8],
}

/// What conflict markers call the three versions.
#[derive(Debug, Clone, Copy)]
pub struct Labels<'a> {
    /// As in `yours`.
    pub yours: &'a str,
    /// As in `seaworthy 0.1.0`.
    pub base: &'a str,
    /// As in `seaworthy 0.2.0`.
    pub theirs: &'a str,
}

/// What a merge came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merged {
    /// The text, with markers around what conflicts.
    pub contents: Vec<u8>,
    /// How many marked conflicts the text has.
    pub conflicts: usize,
    /// What the user should know, one line each.
    pub notes: Vec<String>,
}

/// The three versions as text: LF endings, a final one unless empty, no byte order mark, and the same
/// version on all sides wherever only versions differ.
#[derive(Debug, Clone, Copy)]
struct TextSides<'a> {
    base: &'a str,
    yours: &'a str,
    theirs: &'a str,
}

/// What one way to merge came to; the text is as in [`TextSides`].
#[derive(Debug, Clone, PartialEq, Eq)]
struct StructuredMerge {
    text: String,
    conflicts: usize,
    notes: Vec<String>,
}

/// Merges what the user and the templates changed in a file at this path.
///
/// Both changes are in the result, or in a conflict that stands between diff3 markers. Text only: ask
/// [`is_binary`] first. Of a file that is not UTF-8 yours stays, as one conflict without markers.
#[must_use]
pub fn merge(path: &str, sides: &Sides<'_>, labels: &Labels<'_>) -> Merged {
    let texts = [sides.base, sides.yours, sides.theirs].map(std::str::from_utf8);
    let [Ok(base), Ok(yours), Ok(theirs)] = texts else {
        let notes = vec!["it is not text in UTF-8: yours is kept as it is".to_owned()];
        return Merged { contents: sides.yours.to_vec(), conflicts: 1, notes };
    };
    let shape = text::Shape::of(yours);
    let [base, yours, theirs] = [base, yours, theirs].map(text::normal);
    if yours == theirs || base == theirs {
        return Merged { contents: sides.yours.to_vec(), conflicts: 0, notes: Vec::new() };
    }
    if yours == base {
        return Merged { contents: shape.put_on(&theirs).into_bytes(), conflicts: 0, notes: Vec::new() };
    }
    let pins::Reconciled { base, yours, theirs, mut notes } = pins::reconcile(path, &base, &yours, &theirs);
    let mut merged = merge_text(path, &TextSides { base: &base, yours: &yours, theirs: &theirs }, labels);
    notes.append(&mut merged.notes);
    Merged { contents: shape.put_on(&merged.text).into_bytes(), conflicts: merged.conflicts, notes }
}

fn merge_text(path: &str, sides: &TextSides<'_>, labels: &Labels<'_>) -> StructuredMerge {
    if is_merged_by_key(path)
        && let Some(merged) = structure::merge(path, sides, labels)
    {
        return merged;
    }
    let by_line = lines::merge(sides, labels);
    let is_broken = by_line.conflicts == 0 && breaks(path, sides, &by_line.text);
    if by_line.conflicts == 0 && !is_broken {
        return by_line;
    }
    match structure::merge(path, sides, labels) {
        Some(by_structure) if is_broken || by_structure.conflicts < by_line.conflicts => by_structure,
        _ if is_broken => lines::conflict(sides, labels),
        _ => by_line,
    }
}

/// Whether each side reads and what came of them does not: as when both add the same key, in two places.
fn breaks(path: &str, sides: &TextSides<'_>, merged: &str) -> bool {
    !structure::reads(path, merged) && [sides.yours, sides.theirs].iter().all(|text| structure::reads(path, text))
}

/// Whether lines are never asked: a comma at the end of a line says nothing about who changed it.
fn is_merged_by_key(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    name == "package.json" || (name.starts_with("tsconfig") && name.ends_with(".json"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LABELS: Labels<'_> = Labels { yours: "yours", base: "old", theirs: "new" };

    fn merged(path: &str, [base, yours, theirs]: [&str; 3]) -> (String, usize) {
        let sides = Sides { base: base.as_bytes(), yours: yours.as_bytes(), theirs: theirs.as_bytes() };
        let merged = merge(path, &sides, &LABELS);
        (String::from_utf8(merged.contents).unwrap(), merged.conflicts)
    }

    #[test]
    fn line_endings_never_conflict() {
        let sides = ["a\nb\nc\n", "\u{feff}a\r\nB\r\nc", "a\nb\nc\nd\n"];
        let (text, conflicts) = merged("x", sides);
        assert_eq!((text.as_str(), conflicts), ("\u{feff}a\r\nB\r\nc\r\nd", 0));
    }

    #[test]
    fn a_key_that_both_add_in_two_places_is_a_conflict() {
        let base = "name: a\none: 1\ntwo: 2\nthree: 3\nlast: 4\n";
        let (yours, theirs) = (base.replace("one", "new: yours\none"), base.replace("last", "new: theirs\nlast"));
        let (text, conflicts) = merged("a.yaml", [base, &yours, &theirs]);
        assert_eq!(conflicts, 1, "{text}");
        assert!(find_marker(text.as_bytes()).is_some());
        // Other files have no keys that we know of.
        assert_eq!(merged("a.txt", [base, &yours, &theirs]).1, 0);
        let equal = base.replace("last", "new: yours\nlast");
        let (text, conflicts) = merged("a.yaml", [base, &yours, &equal]);
        assert_eq!((text.matches("new: yours").count(), conflicts), (1, 0), "{text}");
    }

    #[test]
    fn what_is_not_text_stays() {
        let sides = Sides { base: b"a", yours: b"\xffb\r\n", theirs: b"c" };
        let merged = merge("a.png", &sides, &LABELS);
        assert_eq!((merged.contents.as_slice(), merged.conflicts, merged.notes.len()), (sides.yours, 1, 1));
    }

    #[test]
    fn empty_files_merge() {
        for (sides, result) in [
            (["", "", "a\n"], "a\n"),
            (["", "a", ""], "a"),
            (["a\n", "", "a\n"], ""),
            (["a\n", "a\n", ""], ""),
            (["a\n", "", ""], ""),
            (["", "a", "a\n"], "a"),
        ] {
            assert_eq!(merged("x", sides), (result.to_owned(), 0), "{sides:?}");
        }
    }
}
