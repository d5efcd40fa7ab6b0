//! Random edits, as people make them.

use std::fs::read_dir;
use std::path::Path;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use seaworthy::merge::{Labels, Merged, Sides, merge};

pub(crate) const LABELS: Labels<'_> = Labels { yours: "yours", base: "seaworthy 0.1.0", theirs: "seaworthy 0.2.0" };

pub(crate) fn merged(path: &str, base: &str, yours: &str, theirs: &str) -> Merged {
    let sides = Sides { base: base.as_bytes(), yours: yours.as_bytes(), theirs: theirs.as_bytes() };
    merge(path, &sides, &LABELS)
}

pub(crate) fn text(merged: &Merged) -> String {
    String::from_utf8(merged.contents.clone()).unwrap()
}

/// One edit. Places are counted from the start of the text as it is then.
#[derive(Debug, Clone)]
pub(crate) enum Edit {
    /// New lines, which nothing else has.
    Insert(Index, usize),
    Replace(Index, usize),
    Remove(Index, usize),
    /// Lines once more, elsewhere.
    Copy(Index, usize, Index),
    Move(Index, usize, Index),
    Indent(Index, usize),
    /// A line that the other side may add as well.
    Shared(Index, usize),
}

/// An edit that leaves all other lines where they are.
pub(crate) fn line_edit() -> impl Strategy<Value = Edit> {
    let (at, lines) = (any::<Index>, || 1..5_usize);
    prop_oneof![
        4 => (at(), lines()).prop_map(|(at, lines)| Edit::Insert(at, lines)),
        3 => (at(), lines()).prop_map(|(at, lines)| Edit::Replace(at, lines)),
        3 => (at(), lines()).prop_map(|(at, lines)| Edit::Remove(at, lines)),
        1 => (at(), lines()).prop_map(|(at, lines)| Edit::Indent(at, lines)),
        1 => (at(), 0..3_usize).prop_map(|(at, which)| Edit::Shared(at, which)),
    ]
}

pub(crate) fn edit() -> impl Strategy<Value = Edit> {
    let (at, lines) = (any::<Index>, || 1..5_usize);
    prop_oneof![
        12 => line_edit(),
        1 => (at(), lines(), at()).prop_map(|(from, lines, to)| Edit::Copy(from, lines, to)),
        1 => (at(), lines(), at()).prop_map(|(from, lines, to)| Edit::Move(from, lines, to)),
    ]
}

/// The text with these edits. New lines say whose they are: see [`is_new`].
pub(crate) fn edited(text: &str, edits: &[Edit], whose: &str) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for (number, edit) in edits.iter().enumerate() {
        apply(&mut lines, edit, &format!("{whose}-{number}"));
    }
    lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect()
}

fn apply(lines: &mut Vec<String>, edit: &Edit, name: &str) {
    let part = |lines: &[String], at: Index, count: usize| {
        let start = at.index(lines.len() + 1);
        start..lines.len().min(start + count)
    };
    let new = |count: usize| (0..count).map(|line| format!("# new {name}-{line}"));
    match *edit {
        Edit::Insert(at, count) => {
            let start = part(lines, at, 0).start;
            lines.splice(start..start, new(count));
        }
        Edit::Replace(at, count) => {
            let part = part(lines, at, count);
            lines.splice(part, new(count));
        }
        Edit::Remove(at, count) => {
            let part = part(lines, at, count);
            lines.drain(part);
        }
        Edit::Copy(from, count, to) => {
            let copy = lines[part(lines, from, count)].to_vec();
            let start = part(lines, to, 0).start;
            lines.splice(start..start, copy);
        }
        Edit::Move(from, count, to) => {
            let from = part(lines, from, count);
            let moved: Vec<String> = lines.drain(from).collect();
            let start = part(lines, to, 0).start;
            lines.splice(start..start, moved);
        }
        Edit::Indent(at, count) => {
            let part = part(lines, at, count);
            lines[part].iter_mut().for_each(|line| line.insert_str(0, "  "));
        }
        Edit::Shared(at, which) => {
            let start = part(lines, at, 0).start;
            lines.insert(start, format!("# shared {which}"));
        }
    }
}

/// Whether a line is one that only this side has.
pub(crate) fn is_new(line: &str, whose: &str) -> bool {
    line.trim_start().strip_prefix("# new ").is_some_and(|name| name.starts_with(whose))
}

/// Every file of the golden trees.
pub(crate) fn emitted_files() -> Vec<String> {
    let mut files = Vec::new();
    for preset in ["minimal", "api", "at-scale"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(preset).join(".seaworthy/base");
        for entry in read_dir(folder).unwrap() {
            files.push(std::fs::read_to_string(entry.unwrap().path()).unwrap());
        }
    }
    files.sort_unstable();
    files.dedup();
    assert!(files.len() > 60, "{} files in the golden trees", files.len());
    files
}

/// An emitted file, and what the user and the templates made of it.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    pub(crate) base: String,
    pub(crate) yours: String,
    pub(crate) theirs: String,
}

/// Cases with up to this many edits on each side.
pub(crate) fn case<E: Strategy<Value = Edit>>(edit: fn() -> E, most: usize) -> impl Strategy<Value = Case> {
    (select(emitted_files()), vec(edit(), 0..=most), vec(edit(), 0..=most)).prop_map(|(base, yours, theirs)| {
        let (yours, theirs) = (edited(&base, &yours, "yours"), edited(&base, &theirs, "theirs"));
        Case { base, yours, theirs }
    })
}
