//! What stands between the entries: line breaks, indentation and comments.

use super::indent::indentation;
use super::tree::{Container, Item, comments};

/// How the entries of a container are laid out.
pub(super) struct Layout {
    /// Whether entries have lines of their own.
    pub(super) own_lines: bool,
    /// Whether markers can stand around each entry.
    pub(super) takes_markers: bool,
    /// The blanks that these lines start with.
    pub(super) indent: String,
    /// The blanks before the closing bracket.
    margin: String,
    /// In one line: what stands before the first entry, and before each other one.
    first: String,
    between: String,
}

impl Layout {
    /// As the user has it; as the template has it where the user has no entries.
    pub(super) fn of(yours: &Container, theirs: &Container, margin: &str, unit: &str) -> Self {
        let leads = |container: &Container| -> Vec<String> {
            container.entries().into_iter().map(|entry| entry.lead.clone()).collect()
        };
        let of_yours = leads(yours);
        let model = if of_yours.is_empty() { leads(theirs) } else { of_yours.clone() };
        let in_one_line = |lead: Option<&String>, otherwise: &str| {
            lead.filter(|lead| !lead.contains('\n') && lead.trim().is_empty()).map_or(otherwise, |lead| lead).to_owned()
        };
        let blank_tail = comments(&yours.opening).is_empty() && comments(&yours.tail).is_empty();
        Self {
            own_lines: model.iter().any(|lead| lead.contains('\n')),
            takes_markers: model.iter().all(|lead| lead.contains('\n'))
                && (yours.tail.contains('\n') || (of_yours.is_empty() && blank_tail)),
            indent: of_yours.iter().find_map(|lead| indentation(lead)).unwrap_or_else(|| format!("{margin}{unit}")),
            margin: margin.to_owned(),
            first: in_one_line(model.first(), ""),
            between: in_one_line(model.get(1), " "),
        }
    }

    /// The user's container with other entries.
    pub(super) fn container(&self, yours: &Container, mut items: Vec<Item>) -> Container {
        let (mut opening, mut tail) = (yours.opening.clone(), yours.tail.clone());
        let is_bare = comments(&opening).is_empty() && comments(&tail).is_empty();
        if items.is_empty() && is_bare && !yours.items.is_empty() {
            (opening, tail) = (String::new(), String::new());
        } else if self.own_lines && !items.is_empty() && !tail.contains('\n') && yours.items.is_empty() {
            tail = format!("{}\n{}", tail.trim_end(), self.margin);
        } else if !self.own_lines {
            self.line_up(&mut items);
        }
        Container { opening, items, tail, ..yours.clone() }
    }

    /// Entries in one line: each has the blanks of its place.
    fn line_up(&self, items: &mut [Item]) {
        for (at, item) in items.iter_mut().enumerate() {
            if let Item::Entry(entry) = item
                && entry.lead.trim().is_empty()
            {
                let blanks = if at == 0 { &self.first } else { &self.between };
                entry.lead.clone_from(blanks);
            }
        }
    }
}

/// Three-way over comments: the side that changed them. Of two that were both added, both stay; where
/// both changed the same one, yours stays.
pub(super) fn merged(base: Option<&String>, yours: &str, theirs: &str) -> String {
    let of_base = base.map(|base| comments(base)).unwrap_or_default();
    let (of_yours, of_theirs) = (comments(yours), comments(theirs));
    let on_lines = yours.contains('\n') && theirs.contains('\n');
    if of_yours == of_base && of_theirs != of_base && (on_lines || !theirs.contains('\n')) {
        return theirs.to_owned();
    }
    if of_base.is_empty() && on_lines && of_yours != of_theirs && !of_theirs.is_empty() {
        let (above, indent) = yours.rsplit_once('\n').unwrap_or(("", yours));
        let new = of_theirs.iter().filter(|line| !of_yours.contains(line)).map(|line| format!("\n{indent}{line}"));
        return format!("{above}{}\n{indent}", new.collect::<String>());
    }
    yours.to_owned()
}
