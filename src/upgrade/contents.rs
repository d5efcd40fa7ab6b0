//! What becomes of the contents of one file that is there.

use crate::apply::Class;
use crate::merge::{self, Labels, Sides};

/// The contents of one file after the run.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Outcome {
    pub(super) class: Class,
    pub(super) reason: Option<&'static str>,
    /// The contents that are written; nothing when yours stay as they are.
    pub(super) contents: Option<Vec<u8>>,
    pub(super) conflicts: usize,
    pub(super) notes: Vec<String>,
    /// Whether theirs has to lie beside yours, since it cannot be merged by line.
    pub(super) beside: bool,
}

impl Outcome {
    fn of(class: Class) -> Self {
        Self { class, reason: None, contents: None, conflicts: 0, notes: Vec::new(), beside: false }
    }

    fn because(self, reason: &'static str) -> Self {
        Self { reason: Some(reason), ..self }
    }
}

const YOUR_EDITS: &str = "your edits stay";
const HAVE_IT: &str = "your edits have it already";

/// The reasons that tell of edits.
pub(super) const EDITS: [&str; 2] = [YOUR_EDITS, HAVE_IT];

/// Decides by contents alone; modes and paths are merged apart.
pub(super) fn decide(path: &str, sides: &Sides<'_>, labels: &Labels<'_>) -> Outcome {
    let Sides { base, yours, theirs } = *sides;
    if yours == theirs {
        return Outcome::of(Class::Unchanged);
    }
    if [base, yours, theirs].into_iter().any(merge::is_binary) {
        return decide_binary(sides);
    }
    if merge::same_text(yours, theirs) {
        return Outcome::of(Class::Unchanged);
    }
    if merge::same_text(base, theirs) {
        return untouched_by_templates(path, base, yours);
    }
    if yours == base {
        return Outcome { contents: Some(theirs.to_vec()), ..Outcome::of(Class::Update) };
    }
    let merged = merge::merge(path, sides, labels);
    if merged.conflicts > 0 {
        let (contents, conflicts, notes) = (Some(merged.contents), merged.conflicts, merged.notes);
        return Outcome { contents, conflicts, notes, ..Outcome::of(Class::Conflict) };
    }
    if merge::same_text(&merged.contents, yours) {
        return Outcome { notes: merged.notes, ..already_there(path, sides) };
    }
    let class = if merge::same_text(base, yours) { Class::Update } else { Class::Merge };
    Outcome { contents: Some(merged.contents), notes: merged.notes, ..Outcome::of(class) }
}

fn untouched_by_templates(path: &str, base: &[u8], yours: &[u8]) -> Outcome {
    if merge::differs_only_in_pins(path, base, yours) {
        return Outcome::of(Class::PinOnly).because("your versions stay");
    }
    Outcome::of(Class::Unchanged).because(YOUR_EDITS)
}

/// The merge gives what is there.
fn already_there(path: &str, sides: &Sides<'_>) -> Outcome {
    let Sides { base, yours, theirs } = *sides;
    if merge::differs_only_in_pins(path, base, yours) || merge::differs_only_in_pins(path, theirs, yours) {
        return Outcome::of(Class::PinOnly).because("your versions are newer");
    }
    Outcome::of(Class::Unchanged).because(HAVE_IT)
}

fn decide_binary(sides: &Sides<'_>) -> Outcome {
    if sides.base == sides.theirs {
        return Outcome::of(Class::Unchanged).because(YOUR_EDITS);
    }
    if sides.base == sides.yours {
        return Outcome { contents: Some(sides.theirs.to_vec()), ..Outcome::of(Class::Update) };
    }
    Outcome { beside: true, conflicts: 1, ..Outcome::of(Class::Conflict) }
        .because("it cannot be merged by line: yours is kept, the new file lies beside it")
}
