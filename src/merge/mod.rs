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
        && let Some(merged) = structure::json(path, sides, labels)
    {
        return merged;
    }
    let by_line = lines::merge(sides, labels);
    if by_line.conflicts == 0 {
        return by_line;
    }
    let extension = path.rsplit_once('.').map_or("", |(_, extension)| extension);
    let by_structure = match extension {
        "yaml" | "yml" => structure::yaml(sides, labels),
        "json" | "jsonc" => structure::json(path, sides, labels),
        _ => None,
    };
    by_structure.filter(|merged| merged.conflicts < by_line.conflicts).unwrap_or(by_line)
}

/// Whether lines are never asked: a comma at the end of a line says nothing about who changed it.
fn is_merged_by_key(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    name == "package.json" || (name.starts_with("tsconfig") && name.ends_with(".json"))
}
