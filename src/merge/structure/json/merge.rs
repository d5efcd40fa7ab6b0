//! The three-way merge of two trees.

use super::super::keyed::{self, Pairs, Slot};
use super::indent::{Fit, indentation};
use super::lead;
use super::rules;
use super::tree::{Conflict, Container, Entry, Item, Sem, Side, Value};

/// Merges the values of three versions of a file.
pub(super) struct Merger<'a> {
    pub(super) path: &'a str,
    pub(super) fit: Fit,
    /// The keys down to the value at hand.
    pub(super) keys: Vec<String>,
    pub(super) notes: Vec<String>,
}

/// Two values that cannot be merged; whoever holds them marks the conflict.
pub(super) struct Disagreement;

/// Where a container stands: the blanks that the lines of its own start and its bracket stand behind.
#[derive(Clone, Copy)]
pub(super) struct Margin<'a> {
    pub(super) yours: &'a str,
    pub(super) theirs: &'a str,
}

impl Merger<'_> {
    pub(super) fn value(
        &mut self,
        base: Option<&Value>,
        yours: &Value,
        theirs: &Value,
        margin: Margin<'_>,
    ) -> Result<Value, Disagreement> {
        if base.is_some_and(|base| theirs.same(base)) || yours.same(theirs) {
            return Ok(yours.clone());
        }
        let container = |value: &'_ Value| match value {
            Value::Container(container) => Some(container.clone()),
            Value::Scalar { .. } => None,
        };
        let of_base = base.and_then(container);
        match (container(yours), container(theirs)) {
            (Some(yours), Some(theirs)) if yours.is_object && theirs.is_object => {
                let of_base = of_base.filter(|base| base.is_object);
                self.container(of_base.as_ref(), &yours, &theirs, margin)
            }
            (Some(yours), Some(theirs)) if is_set(&yours) && is_set(&theirs) && of_base.as_ref().is_none_or(is_set) => {
                self.container(of_base.as_ref(), &yours, &theirs, margin)
            }
            _ if base.is_some_and(|base| yours.same(base)) => Ok(self.fit.value(theirs, margin.theirs, margin.yours)),
            _ if base.is_some_and(|base| theirs.sem(Side::Yours) == base.sem(Side::Yours)) => Ok(yours.clone()),
            _ => Err(Disagreement),
        }
    }

    fn container(
        &mut self,
        base: Option<&Container>,
        yours: &Container,
        theirs: &Container,
        margin: Margin<'_>,
    ) -> Result<Value, Disagreement> {
        let of_base = base.map(Container::entries).unwrap_or_default();
        let (of_yours, of_theirs) = (yours.entries(), theirs.entries());
        let (slots, _) = keyed::arrange(&pairs(&of_base, &of_yours, &of_theirs));
        let layout = lead::Layout::of(yours, theirs, margin.yours, &self.fit.to);
        let mut items = Vec::new();
        for Slot { base, yours, theirs } in slots {
            let [base, yours, theirs] = [(base, &of_base), (yours, &of_yours), (theirs, &of_theirs)]
                .map(|(at, entries)| at.and_then(|at| entries.get(at).copied()));
            items.extend(self.entry(base, yours, theirs, &layout)?);
        }
        Ok(Value::Container(layout.container(yours, items)))
    }

    /// One entry, as far as each side has it; Ok(None): it goes.
    fn entry(
        &mut self,
        base: Option<&Entry>,
        yours: Option<&Entry>,
        theirs: Option<&Entry>,
        layout: &lead::Layout,
    ) -> Result<Option<Item>, Disagreement> {
        let fitted = theirs.map(|theirs| self.fit.entry(theirs, &layout.indent, layout.own_lines));
        let item = |entry: Entry| Ok(Some(Item::Entry(Box::new(entry))));
        match (base, yours, theirs) {
            (_, Some(yours), Some(theirs)) => {
                if let Ok(entry) = self.both(base, yours, theirs, fitted.as_ref()) {
                    return item(entry);
                }
            }
            (None, Some(yours), None) => return item(yours.clone()),
            (None, None, _) => return Ok(fitted.map(|entry| Item::Entry(Box::new(entry)))),
            (Some(base), Some(yours), None) if yours.same(base) => return Ok(None),
            // An element that the user has put a comment at.
            (Some(_), Some(yours), None) if yours.name.is_none() => return item(yours.clone()),
            (Some(base), None, Some(theirs)) if theirs.same(base) || theirs.name.is_none() => return Ok(None),
            (Some(_), None, None) => return Ok(None),
            (Some(_), ..) => {}
        }
        if rules::is_yours(self.path, &self.keys) {
            let name = yours.or(theirs).and_then(|entry| entry.name.as_deref()).unwrap_or_default();
            self.notes.push(rules::note(&self.keys, name, yours, theirs));
            return Ok(yours.map(|yours| Item::Entry(Box::new(yours.clone()))));
        }
        if !layout.takes_markers {
            return Err(Disagreement);
        }
        let lead = yours.or(fitted.as_ref()).map(|entry| entry.lead.clone()).unwrap_or_default();
        let base = base.map(|base| self.fit.entry(base, &layout.indent, true));
        Ok(Some(Item::Conflict(Box::new(Conflict { lead, base, yours: yours.cloned(), theirs: fitted }))))
    }

    /// An entry that yours and theirs have.
    fn both(
        &mut self,
        base: Option<&Entry>,
        yours: &Entry,
        theirs: &Entry,
        fitted: Option<&Entry>,
    ) -> Result<Entry, Disagreement> {
        let indent = |entry: &Entry| indentation(&entry.lead).unwrap_or_default();
        let (of_yours, of_theirs) = (indent(yours), indent(theirs));
        let margin = Margin { yours: &of_yours, theirs: &of_theirs };
        self.keys.extend(yours.name.clone());
        let value = self.value(base.map(|base| &base.value), &yours.value, &theirs.value, margin);
        if yours.name.is_some() {
            self.keys.pop();
        }
        let fitted = fitted.unwrap_or(theirs);
        let text = |of: fn(&Entry) -> &String| lead::merged(base.map(of), of(yours), of(fitted));
        Ok(Entry {
            value: value?,
            lead: text(|entry| &entry.lead),
            before_comma: text(|entry| &entry.before_comma),
            trail: text(|entry| &entry.trail),
            ..yours.clone()
        })
    }
}

/// Properties are the same one by their name, elements by their value.
fn pairs(base: &[&Entry], yours: &[&Entry], theirs: &[&Entry]) -> Pairs {
    let identity = |entry: &Entry| match &entry.name {
        Some(name) => Sem::Text(name.clone()),
        None => entry.value.sem(Side::Yours),
    };
    let place = |entry: &Entry, others: &[&Entry]| others.iter().position(|other| identity(other) == identity(entry));
    let places = |entries: &[&Entry]| entries.iter().map(|entry| place(entry, base)).collect::<Vec<_>>();
    let in_yours = |entry: &&Entry| if place(entry, base).is_none() { place(entry, yours) } else { None };
    Pairs {
        yours_in_base: places(yours),
        theirs_in_base: places(theirs),
        theirs_in_yours: theirs.iter().map(in_yours).collect(),
    }
}

/// An array of different scalars.
fn is_set(container: &Container) -> bool {
    let sems: Vec<Sem> = container.entries().iter().map(|entry| entry.value.sem(Side::Yours)).collect();
    let scalar = |sem: &Sem| matches!(sem, Sem::Word(_) | Sem::Text(_));
    !container.is_object && sems.iter().all(scalar) && (0..sems.len()).all(|at| !sems[..at].contains(&sems[at]))
}
