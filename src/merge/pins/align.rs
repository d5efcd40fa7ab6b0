//! Which version in one text is which in another.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::slot::{Slot, masked};
use crate::merge::diff::{Hunk, Runs};

/// A text with the versions in it.
pub(super) struct Text<'a> {
    pub(super) lines: Vec<&'a str>,
    /// In order.
    pub(super) slots: Vec<Slot<'a>>,
    /// The lines with each version taken out.
    pub(super) masked: Vec<String>,
    /// For each line, and for the end, how many slots come before it.
    before: Vec<usize>,
}

impl<'a> Text<'a> {
    pub(super) fn new(lines: Vec<&'a str>, slots: Vec<Slot<'a>>) -> Self {
        let masked = masked(&lines, &slots);
        let before = (0..=lines.len()).map(|line| slots.partition_point(|slot| slot.line < line)).collect();
        Self { lines, slots, masked, before }
    }

    /// Indices of the slots that stand in these lines.
    fn slots_in(&self, lines: Range<usize>) -> Range<usize> {
        self.before[lines.start]..self.before[lines.end]
    }

    fn keys(&self, slots: Range<usize>) -> Vec<&str> {
        self.slots[slots].iter().map(|slot| slot.key.as_str()).collect()
    }

    fn masked(&self, lines: Range<usize>) -> Vec<&str> {
        self.masked[lines].iter().map(String::as_str).collect()
    }
}

/// Slots of one text and which slots of another they are.
pub(super) struct Pairs<'a, 'b> {
    from: &'b Text<'a>,
    to: &'b Text<'a>,
    found: Vec<Option<usize>>,
}

/// The slots of the base on one side, and what else the side changed.
pub(super) struct Aligned {
    /// For each slot of the base the index of the same one on the side.
    pub(super) found: Vec<Option<usize>>,
    pub(super) hunks: Vec<Hunk>,
}

impl<'a, 'b> Pairs<'a, 'b> {
    fn new(from: &'b Text<'a>, to: &'b Text<'a>) -> Self {
        Self { from, to, found: vec![None; from.slots.len()] }
    }

    /// Lines that are equal tell which slots are the same; between them, lines that differ in versions only;
    /// between those, the order of what they are versions of.
    pub(super) fn align(base: &'b Text<'a>, side: &'b Text<'a>) -> Aligned {
        let mut pairs = Self::new(base, side);
        let Runs { common, hunks } = Runs::new(&base.lines, &side.lines);
        for run in common {
            pairs.add_lines(run);
        }
        for hunk in &hunks {
            pairs.add_changed(hunk);
        }
        Aligned { found: pairs.found, hunks }
    }

    /// For each slot of yours the same one of theirs, where both sides changed the same place of the base to
    /// lines that differ in versions only.
    pub(super) fn in_both(yours: (&'b Text<'a>, &[Hunk]), theirs: (&'b Text<'a>, &[Hunk])) -> Vec<Option<usize>> {
        let mut pairs = Self::new(yours.0, theirs.0);
        let (mut ours, mut others) = (yours.1.iter().peekable(), theirs.1.iter().peekable());
        while let (Some(our), Some(other)) = (ours.peek(), others.peek()) {
            if our.before.start <= other.before.end && other.before.start <= our.before.end {
                pairs.add_masked(&Hunk { before: our.after.clone(), after: other.after.clone() });
            }
            if our.before.end <= other.before.end {
                ours.next()
            } else {
                others.next()
            };
        }
        pairs.found
    }

    /// Pairs the slots of lines that are the same, versions apart.
    fn add_lines(&mut self, lines: Hunk) {
        for (from, to) in lines.before.zip(lines.after) {
            let (ours, others) = (self.from.slots_in(from..from + 1), self.to.slots_in(to..to + 1));
            if self.from.keys(ours.clone()) == self.to.keys(others.clone()) {
                ours.zip(others).for_each(|(from, to)| self.found[from] = Some(to));
            }
        }
    }

    fn add_changed(&mut self, hunk: &Hunk) {
        let (ours, others) = (self.from.slots_in(hunk.before.clone()), self.to.slots_in(hunk.after.clone()));
        if ours.is_empty() || others.is_empty() {
            return;
        }
        for changed in self.add_masked(hunk) {
            let (ours, others) = (self.from.slots_in(changed.before), self.to.slots_in(changed.after));
            for (from, to) in Runs::new(&self.from.keys(ours.clone()), &self.to.keys(others.clone())).pairs() {
                self.found[ours.start + from] = Some(others.start + to);
            }
        }
        self.settle_lists(ours, others);
    }

    /// Pairs lines of a part that are the same with their versions taken out. Returns what is left.
    fn add_masked(&mut self, part: &Hunk) -> Vec<Hunk> {
        let runs = Runs::new(&self.from.masked(part.before.clone()), &self.to.masked(part.after.clone()));
        let moved = |hunk: Hunk| Hunk {
            before: hunk.before.start + part.before.start..hunk.before.end + part.before.start,
            after: hunk.after.start + part.after.start..hunk.after.end + part.after.start,
        };
        for run in runs.common {
            self.add_lines(moved(run));
        }
        runs.hunks.into_iter().map(moved).collect()
    }

    /// Pairs again by value the slots of one name that are more on one side than on the other, and not all
    /// alike: an element came into a list of versions or left it, and its order says nothing.
    fn settle_lists(&mut self, ours: Range<usize>, others: Range<usize>) {
        let mut values: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        let mut more: BTreeMap<&str, isize> = BTreeMap::new();
        for slot in &self.from.slots[ours.clone()] {
            values.entry(&slot.key).or_default().insert(slot.value.reference);
            *more.entry(&slot.key).or_default() += 1;
        }
        for slot in &self.to.slots[others.clone()] {
            *more.entry(&slot.key).or_default() -= 1;
        }
        let is_list = |slot: &Slot<'_>| {
            let key = slot.key.as_str();
            more.get(key).is_some_and(|more| *more != 0) && values.get(key).is_some_and(|values| values.len() > 1)
        };
        let elements = |text: &Text<'a>, slots: Range<usize>| -> Vec<usize> {
            slots.filter(|index| is_list(&text.slots[*index])).collect()
        };
        let (ours, others) = (elements(self.from, ours), elements(self.to, others));
        let shown = |text: &Text<'a>, slots: &[usize]| -> Vec<String> {
            let show = |index: &usize| format!("{}\0{}", text.slots[*index].key, text.slots[*index].value.reference);
            slots.iter().map(show).collect()
        };
        let (before, after) = (shown(self.from, &ours), shown(self.to, &others));
        let [before, after] = [&before, &after].map(|shown| shown.iter().map(String::as_str).collect::<Vec<_>>());
        for index in &ours {
            self.found[*index] = None;
        }
        for (from, to) in Runs::new(&before, &after).pairs() {
            self.found[ours[from]] = Some(others[to]);
        }
    }
}
