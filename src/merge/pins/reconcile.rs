//! Decides each version and writes it to all three texts.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use super::align::{Aligned, Pairs, Text};
use super::find;
use super::slot::{Kind, Slot, replaced};
use super::version::{Version, split_operator};
use crate::merge::diff::split;

/// The three texts with the same versions in them.
#[derive(Debug)]
pub(in crate::merge) struct Reconciled {
    pub(in crate::merge) base: String,
    pub(in crate::merge) yours: String,
    pub(in crate::merge) theirs: String,
    /// Decisions that a person may want to look at, one line each.
    pub(in crate::merge) notes: Vec<String>,
}

/// Decides each version of three texts with LF endings.
pub(in crate::merge) fn reconcile(path: &str, base: &str, yours: &str, theirs: &str) -> Reconciled {
    let [base, yours, theirs] = [base, yours, theirs].map(|text| {
        let lines = split(text);
        let slots = find::slots(path, &lines);
        Text::new(lines, slots)
    });
    if [&base, &yours, &theirs].iter().filter(|text| !text.slots.is_empty()).count() < 2 {
        // No version can be another's.
        let [base, yours, theirs] = [base, yours, theirs].map(|text| written(&text, vec![None; text.slots.len()]));
        return Reconciled { base, yours, theirs, notes: Vec::new() };
    }
    let mut decisions = Decisions::new(&base, &yours, &theirs);
    decisions.of_base();
    decisions.added_by_both();
    decisions.added_by_one();
    let Decisions { values, notes, .. } = decisions;
    let [base, yours, theirs] = [(base, values.base), (yours, values.yours), (theirs, values.theirs)]
        .map(|(text, values)| written(&text, values));
    Reconciled { base, yours, theirs, notes: notes.into_iter().collect() }
}

fn written(text: &Text<'_>, values: Vec<Option<String>>) -> String {
    let mut values = values.into_iter();
    let lines = replaced(&text.lines, &text.slots, |slot| {
        let new = values.next().flatten();
        new.unwrap_or_else(|| text.lines[slot.line][slot.range.clone()].to_owned())
    });
    lines.into_iter().map(|line| line + "\n").collect()
}

/// What becomes of the text of each slot; None where it stays.
struct Values {
    base: Vec<Option<String>>,
    yours: Vec<Option<String>>,
    theirs: Vec<Option<String>>,
}

/// A slot of the base and the same one on both sides, as indices.
struct Everywhere {
    base: usize,
    yours: usize,
    theirs: usize,
}

enum Winner {
    Yours,
    Theirs,
}

struct Decisions<'a, 'b> {
    base: &'b Text<'a>,
    yours: &'b Text<'a>,
    theirs: &'b Text<'a>,
    to_yours: Aligned,
    to_theirs: Aligned,
    values: Values,
    notes: BTreeSet<String>,
}

impl<'a, 'b> Decisions<'a, 'b> {
    fn new(base: &'b Text<'a>, yours: &'b Text<'a>, theirs: &'b Text<'a>) -> Self {
        let nothing = |text: &Text<'_>| vec![None; text.slots.len()];
        Self {
            base,
            yours,
            theirs,
            to_yours: Pairs::align(base, yours),
            to_theirs: Pairs::align(base, theirs),
            values: Values { base: nothing(base), yours: nothing(yours), theirs: nothing(theirs) },
            notes: BTreeSet::new(),
        }
    }

    /// Versions that the base has. One that a side took out is as on the other side, so that to take it out
    /// does not conflict with a bump.
    fn of_base(&mut self) {
        let mut group: Vec<Everywhere> = Vec::new();
        for base in 0..self.base.slots.len() {
            let slot = &self.base.slots[base];
            match (self.to_yours.found[base], self.to_theirs.found[base]) {
                (Some(yours), Some(theirs)) => {
                    if !group.last().is_some_and(|last| is_one_image(&self.base.slots[last.base], slot)) {
                        self.decide(&std::mem::take(&mut group));
                    }
                    group.push(Everywhere { base, yours, theirs });
                }
                (Some(yours), None) => {
                    self.values.base[base] = Some(slot.with(&self.yours.slots[yours]));
                    self.values.yours[yours] = Some(unchanged(&self.yours.slots[yours]));
                }
                (None, Some(theirs)) => {
                    self.values.base[base] = Some(slot.with(&self.theirs.slots[theirs]));
                    self.values.theirs[theirs] = Some(unchanged(&self.theirs.slots[theirs]));
                }
                (None, None) => {}
            }
        }
        self.decide(&group);
    }

    /// Decides versions that move together.
    fn decide(&mut self, group: &[Everywhere]) {
        let slots =
            |at: &Everywhere| (&self.base.slots[at.base], &self.yours.slots[at.yours], &self.theirs.slots[at.theirs]);
        let is_changed_by_yours = group.iter().map(slots).any(|(base, yours, _)| yours.value != base.value);
        let is_changed_by_theirs = group.iter().map(slots).any(|(base, _, theirs)| theirs.value != base.value);
        let winner = match (is_changed_by_yours, is_changed_by_theirs) {
            (true, true) => {
                self.newer(&group.iter().map(slots).map(|(_, yours, theirs)| (yours, theirs)).collect::<Vec<_>>())
            }
            (true, false) => Winner::Yours,
            (false, _) => Winner::Theirs,
        };
        for at in group {
            let (base, yours, theirs) =
                (&self.base.slots[at.base], &self.yours.slots[at.yours], &self.theirs.slots[at.theirs]);
            let (slot, reference) = match winner {
                Winner::Yours => (yours, yours.value.reference.to_owned()),
                Winner::Theirs => (theirs, with_operator_of(yours, base, theirs)),
            };
            if matches!(winner, Winner::Theirs)
                && yours.value != base.value
                && yours.compare(base) == Some(Ordering::Less)
            {
                self.notes.insert(format!("{}: {} gives way to {}", name(yours), yours.version(), theirs.version()));
            }
            self.values.base[at.base] = Some(base.with_reference(slot, &reference));
            self.values.yours[at.yours] = Some(yours.with_reference(slot, &reference));
            self.values.theirs[at.theirs] = Some(theirs.with_reference(slot, &reference));
        }
    }

    /// Which side wins where both changed versions that move together.
    fn newer(&mut self, group: &[(&Slot<'_>, &Slot<'_>)]) -> Winner {
        let orders = || group.iter().filter_map(|(yours, theirs)| yours.compare(theirs));
        if group.iter().all(|(yours, theirs)| yours.value == theirs.value) {
            return Winner::Yours;
        }
        match orders().find(|order| order.is_ne()).or_else(|| orders().next()) {
            Some(Ordering::Less) => Winner::Theirs,
            Some(_) => Winner::Yours,
            None => {
                for (yours, theirs) in group {
                    self.notes.insert(format!(
                        "{}: {} is kept; whether {} is newer cannot be told",
                        name(yours),
                        yours.version(),
                        theirs.version()
                    ));
                }
                Winner::Yours
            }
        }
    }

    /// Versions in lines that both sides added.
    fn added_by_both(&mut self) {
        let pairs = Pairs::in_both((self.yours, &self.to_yours.hunks), (self.theirs, &self.to_theirs.hunks));
        for (at_yours, at_theirs) in pairs.into_iter().enumerate() {
            let Some(at_theirs) = at_theirs else { continue };
            if self.values.yours[at_yours].is_some() || self.values.theirs[at_theirs].is_some() {
                continue;
            }
            let (yours, theirs) = (&self.yours.slots[at_yours], &self.theirs.slots[at_theirs]);
            match self.newer(&[(yours, theirs)]) {
                Winner::Yours => self.values.theirs[at_theirs] = Some(theirs.with(yours)),
                Winner::Theirs => self.values.yours[at_yours] = Some(yours.with(theirs)),
            }
        }
    }

    /// Versions in lines that one side added, or moved: where the other raised the same version everywhere,
    /// it would have raised this one too. One that the user chose stays.
    fn added_by_one(&mut self) {
        let base: BTreeSet<(&str, &str)> = self.base.slots.iter().map(identity).collect();
        let (in_yours, in_theirs) = (raised(self.yours, &base), raised(self.theirs, &base));
        raise(self.theirs, &mut self.values.theirs, &in_yours, |_| true);
        raise(self.yours, &mut self.values.yours, &in_theirs, |slot| base.contains(&identity(slot)));
    }
}

/// The text of a slot as it is: decided, and not to be raised.
fn unchanged(slot: &Slot<'_>) -> String {
    slot.with(slot)
}

fn identity<'s>(slot: &'s Slot<'_>) -> (&'s str, &'s str) {
    (&slot.key, slot.value.reference)
}

/// Actions and images, by name, that have one version all over the text, and one that the base never has.
fn raised<'a, 'b>(text: &'b Text<'a>, base: &BTreeSet<(&str, &str)>) -> BTreeMap<&'b str, &'b Slot<'a>> {
    let mut all: BTreeMap<&str, Option<&Slot<'a>>> = BTreeMap::new();
    for slot in text.slots.iter().filter(|slot| matches!(slot.kind, Kind::Action | Kind::Image)) {
        let known = all.entry(&slot.key).or_insert(Some(slot));
        *known = known.filter(|known| known.value == slot.value);
    }
    all.into_iter()
        .filter_map(|(key, slot)| Some((key, slot.filter(|slot| !base.contains(&identity(slot)))?)))
        .collect()
}

fn raise(
    text: &Text<'_>,
    values: &mut [Option<String>],
    to: &BTreeMap<&str, &Slot<'_>>,
    may: impl Fn(&Slot<'_>) -> bool,
) {
    for (slot, value) in text.slots.iter().zip(values).filter(|(_, value)| value.is_none()) {
        let newer = to.get(slot.key.as_str()).filter(|other| other.compare(slot) == Some(Ordering::Greater));
        if let Some(newer) = newer.filter(|_| may(slot)) {
            *value = Some(slot.with(newer));
        }
    }
}

/// Whether two slots are tag and digest of one image, in neighbouring lines.
fn is_one_image(a: &Slot<'_>, b: &Slot<'_>) -> bool {
    a.line + 1 == b.line && matches!((a.kind, b.kind), (Kind::Tag, Kind::Digest) | (Kind::Digest, Kind::Tag))
}

/// The version of theirs, as a range of the kind that the user turned it into.
fn with_operator_of(yours: &Slot<'_>, base: &Slot<'_>, theirs: &Slot<'_>) -> String {
    let [yours, base, theirs] = [yours, base, theirs].map(|slot| slot.value.reference);
    let (operator, _) = split_operator(yours);
    let is_one_version = |text: &str| Version::parse(text).is_some();
    if operator != split_operator(base).0 && is_one_version(yours) && is_one_version(theirs) {
        format!("{operator}{}", split_operator(theirs).1)
    } else {
        theirs.to_owned()
    }
}

/// What a version is that of, for people.
fn name<'s>(slot: &'s Slot<'_>) -> &'s str {
    slot.key.trim_end_matches("[]").trim_end_matches('@')
}
