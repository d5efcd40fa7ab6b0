//! Prints the tree.

use super::parse::File;
use super::tree::{Conflict, Container, Entry, Item, Side, Value};
use crate::merge::diff::split;
use crate::merge::markers::Markers;

/// What becomes of a conflict when the tree is printed.
#[derive(Clone, Copy)]
pub(super) enum Mode<'a> {
    /// All sides between markers.
    Marked(&'a Markers<'a>),
    /// One side alone.
    One(Side),
}

impl File {
    pub(super) fn print(&self, mode: Mode<'_>) -> String {
        let mut text = self.before.clone();
        value(&mut text, &self.value, mode);
        text + &self.after
    }
}

fn value(text: &mut String, value: &Value, mode: Mode<'_>) {
    match value {
        Value::Scalar { text: scalar, .. } => text.push_str(scalar),
        Value::Container(inner) => container(text, inner, mode),
    }
}

fn container(text: &mut String, container: &Container, mode: Mode<'_>) {
    let stands = |item: &&Item| match mode {
        Mode::Marked(_) => true,
        Mode::One(side) => item.entry(side).is_some(),
    };
    let items: Vec<&Item> = container.items.iter().filter(stands).collect();
    text.push(if container.is_object { '{' } else { '[' });
    text.push_str(&container.opening);
    for (at, item) in items.iter().enumerate() {
        let comma = at + 1 < items.len() || container.trailing_comma;
        match (item, mode) {
            (Item::Entry(inner), _) => {
                text.push_str(&inner.lead);
                entry(text, inner, comma, mode);
            }
            (Item::Conflict(conflict), Mode::Marked(markers)) => marked(text, conflict, comma, markers),
            (Item::Conflict(conflict), Mode::One(side)) => {
                if let Some(inner) = item.entry(side) {
                    text.push_str(&conflict.lead);
                    entry(text, inner, comma, mode);
                }
            }
        }
    }
    text.push_str(&container.tail);
    text.push(if container.is_object { '}' } else { ']' });
}

fn entry(text: &mut String, entry: &Entry, comma: bool, mode: Mode<'_>) {
    text.push_str(&entry.key);
    value(text, &entry.value, mode);
    text.push_str(&entry.before_comma);
    if comma {
        text.push(',');
    }
    text.push_str(&entry.trail);
}

/// The lines of all sides. What follows starts with a newline, so the last one has none.
fn marked(text: &mut String, conflict: &Conflict, comma: bool, markers: &Markers<'_>) {
    let (above, indent) = conflict.lead.rsplit_once('\n').unwrap_or(("", &conflict.lead));
    let side = |side: &Option<Entry>| {
        let mut lines = String::new();
        if let Some(inner) = side {
            lines.push_str(indent);
            entry(&mut lines, inner, comma, Mode::Marked(markers));
        }
        lines
    };
    let (base, yours, theirs) = (side(&conflict.base), side(&conflict.yours), side(&conflict.theirs));
    let block = markers.conflict(&split(&base), &split(&yours), &split(&theirs));
    text.push_str(above);
    text.push('\n');
    text.push_str(block.strip_suffix('\n').unwrap_or(&block));
}
