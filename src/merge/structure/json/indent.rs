//! Fits an entry of one file into a container of another.

use super::tree::{Container, Entry, Item, Side, Value};

/// What one level is indented by in each of two files.
pub(super) struct Fit {
    pub(super) from: String,
    pub(super) to: String,
}

/// The indentation of one level: that of the first entry of the file.
pub(super) fn unit(root: &Value) -> Option<String> {
    let Value::Container(container) = root else {
        return None;
    };
    indentation(&container.items.first()?.entry(Side::Yours)?.lead).filter(|unit| !unit.is_empty())
}

/// The blanks that the last line starts with; None if there is no line break.
pub(super) fn indentation(lead: &str) -> Option<String> {
    let (_, last) = lead.rsplit_once('\n')?;
    Some(last.chars().take_while(|c| matches!(c, ' ' | '\t')).collect())
}

impl Fit {
    /// The entry, whose lines start with `from`, with lines that start with `to`. Its own lead has a line
    /// break if `own_line`.
    pub(super) fn entry(&self, entry: &Entry, to: &str, own_line: bool) -> Entry {
        let from = indentation(&entry.lead).unwrap_or_default();
        let mut fitted = self.shifted(entry, &from, to);
        if !own_line {
            " ".clone_into(&mut fitted.lead);
            fitted.trail.clear();
        } else if !fitted.lead.contains('\n') {
            fitted.lead = format!("\n{to}");
        }
        fitted
    }

    fn shifted(&self, entry: &Entry, from: &str, to: &str) -> Entry {
        let lines = |between: &str| self.lines(between, from, to);
        Entry {
            lead: lines(&entry.lead),
            name: entry.name.clone(),
            key: lines(&entry.key),
            value: self.value(&entry.value, from, to),
            before_comma: lines(&entry.before_comma),
            trail: lines(&entry.trail),
        }
    }

    /// As [`Fit::entry`], for a value.
    pub(super) fn value(&self, value: &Value, from: &str, to: &str) -> Value {
        let Value::Container(container) = value else {
            return value.clone();
        };
        let items = container.entries().into_iter().map(|entry| Item::Entry(Box::new(self.shifted(entry, from, to))));
        Value::Container(Container {
            opening: self.lines(&container.opening, from, to),
            items: items.collect(),
            tail: self.lines(&container.tail, from, to),
            ..container.clone()
        })
    }

    /// What stands between two values, each line after the first indented anew.
    fn lines(&self, between: &str, from: &str, to: &str) -> String {
        let line = |(at, line): (usize, &str)| {
            if at == 0 || line.is_empty() {
                return line.to_owned();
            }
            let text = line.trim_start_matches([' ', '\t']);
            let blanks = &line[..line.len() - text.len()];
            let Some(mut deeper) = blanks.strip_prefix(from) else {
                return format!("{to}{text}");
            };
            let mut indented = to.to_owned();
            while let Some(rest) = deeper.strip_prefix(self.from.as_str()).filter(|_| !self.from.is_empty()) {
                indented.push_str(&self.to);
                deeper = rest;
            }
            indented + deeper + text
        };
        between.split('\n').enumerate().map(line).collect::<Vec<_>>().join("\n")
    }
}
