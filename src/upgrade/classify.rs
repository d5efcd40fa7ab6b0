//! Every path decided, before anything is written: a pure function of the lock, the new emission and the disk.

use std::collections::{BTreeMap, BTreeSet};

use super::decide::{self, Known};
use super::pending::Open;
use super::step::{Action, Step, change_of};
use super::view::{Seen, View};
use crate::apply::lock::{Lock, Locked, Standing};
use crate::apply::{Change, Class, path};
use crate::merge::Labels;
use crate::render::file_set::{EmittedFile, FileSet, Policy};
use crate::spec::file::is_answers;

/// Decides every path that is recorded or emitted, ordered by path. `open` are conflicts that are not
/// resolved.
///
/// # Errors
/// When the disk does not let us look.
pub(super) fn classify(
    lock: &Lock,
    open: &[Open],
    theirs: &FileSet,
    view: &dyn View,
    labels: &Labels<'_>,
) -> anyhow::Result<Vec<Step>> {
    let pairs = Pairs::of(lock, theirs);
    let seen = pairs.look(view)?;
    let moved = pairs.moved(&seen, view)?;
    let mut steps = Vec::new();
    for (file, id, locked) in &pairs.known {
        let place = moved.get(id.as_str()).map_or(locked.place(), String::as_str);
        let at_place = if place == locked.place() { seen[id.as_str()].clone() } else { view.look(place)? };
        steps.push(match open.iter().find(|open| open.id == **id) {
            Some(open) => decide::open_conflict(id, locked, at_place, open.line),
            None if is_answers(&file.path) => answers(id, locked, at_place),
            None => decide::known(&Known { id, locked, theirs: file, place, seen: at_place }, labels),
        });
    }
    for (id, locked) in &pairs.dropped {
        let at_place = seen[id.as_str()].clone();
        steps.push(match open.iter().find(|open| open.id == **id) {
            Some(open) => decide::open_conflict(id, locked, at_place, open.line),
            None => decide::dropped(id, locked, at_place),
        });
    }
    let left = left_places(&steps);
    for file in &pairs.fresh {
        steps.push(decide::fresh(file, view.look(&file.path)?, left.contains(&file.path)));
    }
    block_taken_destinations(&mut steps, &left, view)?;
    steps.sort_by(|one, other| (&one.change.path, &one.change.id).cmp(&(&other.change.path, &other.change.id)));
    Ok(steps)
}

/// The user's answers: what is emitted is the user's own text, so there is nothing to compare.
fn answers(id: &str, locked: &Locked, seen: Seen) -> Step {
    let yours = if let Seen::File(yours) = seen { Some(yours) } else { None };
    let change = change_of(id, &locked.path, locked, Class::Unchanged, yours.as_ref());
    Step::leave(change, yours.map(|yours| (locked.path.clone(), yours)), Some(locked.clone()))
}

/// The recorded and the emitted files, brought together by id.
struct Pairs<'a> {
    /// Emitted and recorded: the record has this id, or stands at the same path under an id that is gone.
    known: Vec<(&'a EmittedFile, &'a String, &'a Locked)>,
    /// Recorded, emitted no more.
    dropped: Vec<(&'a String, &'a Locked)>,
    /// Emitted, not recorded.
    fresh: Vec<&'a EmittedFile>,
}

impl<'a> Pairs<'a> {
    fn of(lock: &'a Lock, theirs: &'a FileSet) -> Self {
        let emitted = || theirs.files().iter().filter(|file| file.policy != Policy::Managed);
        let ids: BTreeSet<&str> = emitted().map(|file| file.id.as_str()).collect();
        let mut dropped: BTreeMap<&String, &Locked> =
            lock.files.iter().filter(|(id, _)| !ids.contains(id.as_str())).collect();
        let (mut known, mut fresh) = (Vec::new(), Vec::new());
        for file in emitted() {
            if let Some(locked) = lock.files.get(&file.id) {
                known.push((file, &file.id, locked));
                continue;
            }
            // The same path under another id is the same file: its base tells the user's edits.
            let twin = dropped.iter().find(|(_, locked)| locked.place() == file.path).map(|(id, _)| *id);
            match twin.and_then(|id| dropped.remove(id)) {
                Some(locked) => known.push((file, &file.id, locked)),
                None => fresh.push(file),
            }
        }
        Self { known, dropped: dropped.into_iter().collect(), fresh }
    }

    /// What stands where each recorded file is expected, by id.
    fn look(&self, view: &dyn View) -> anyhow::Result<BTreeMap<&'a str, Seen>> {
        let known = self.known.iter().map(|(_, id, locked)| (*id, *locked));
        let all = known.chain(self.dropped.iter().copied());
        all.map(|(id, locked)| Ok((id.as_str(), view.look(locked.place())?))).collect()
    }

    /// Where the user moved files to, by id: for each that is gone, the one other place that has exactly its
    /// text. The tree is walked only when a file is gone.
    fn moved(&self, seen: &BTreeMap<&str, Seen>, view: &dyn View) -> anyhow::Result<BTreeMap<&'a str, String>> {
        let is_gone = |(file, id, locked): &&(&EmittedFile, &String, &Locked)| {
            seen[id.as_str()] == Seen::Absent
                && file.policy == Policy::Merge
                && locked.standing == Standing::Current
                && !locked.base.trim_ascii().is_empty()
        };
        let gone: Vec<_> = self.known.iter().filter(is_gone).collect();
        let wanted: Vec<&[u8]> = gone.iter().map(|(_, _, locked)| locked.base.as_slice()).collect();
        if wanted.is_empty() {
            return Ok(BTreeMap::new());
        }
        let mut owned: BTreeSet<&str> = self.known.iter().map(|(_, _, locked)| locked.place()).collect();
        owned.extend(self.dropped.iter().map(|(_, locked)| locked.place()));
        let mut found = view.search(&wanted)?;
        for places in found.values_mut() {
            places.retain(|place| !owned.contains(place.as_str()) && path::check(place).is_ok());
        }
        let place = |(_, id, locked): &(&'a EmittedFile, &'a String, &'a Locked)| {
            let is_wanted_twice = gone.iter().filter(|(_, _, other)| other.base == locked.base).count() > 1;
            match found.get(locked.base.as_slice()).map(Vec::as_slice) {
                Some([place]) if !is_wanted_twice => Some((id.as_str(), place.clone())),
                _ => None,
            }
        };
        let mut moved: BTreeMap<&str, String> = gone.iter().copied().filter_map(place).collect();
        // Two texts that differ in line endings only can be found in one file.
        let taken: Vec<String> = moved.values().cloned().collect();
        moved.retain(|_, place| taken.iter().filter(|other| *other == place).count() == 1);
        Ok(moved)
    }
}

/// The paths that files leave, by moving or going.
fn left_places(steps: &[Step]) -> BTreeSet<String> {
    let leaves = |step: &&Step| match step.action {
        Action::Remove => true,
        Action::Write => step.now.as_ref().is_some_and(|(place, _)| *place != step.change.path),
        Action::Leave => false,
    };
    steps.iter().filter(leaves).filter_map(|step| step.now.as_ref()).map(|(place, _)| place.clone()).collect()
}

/// A file that moves, or one that is laid beside another, must not take the place of something else.
fn block_taken_destinations(steps: &mut [Step], left: &BTreeSet<String>, view: &dyn View) -> anyhow::Result<()> {
    for step in steps {
        let path = step.change.path.clone();
        let now = step.now.as_ref().map(|(place, _)| place.clone());
        if step.action == Action::Write
            && now.as_ref().is_some_and(|place| *place != path && !view.is_same(place, &path))
            && !left.contains(&path)
        {
            match view.look(&path)? {
                Seen::Absent => {}
                Seen::Other(reason) => block(step, format!("it is to move to {path}, and there {reason}")),
                Seen::File(_) => block(step, format!("it is to move to {path}, where a file of yours is")),
            }
        }
        if let Some((path, theirs)) = step.beside() {
            let taken = match view.look(&path)? {
                Seen::Absent => false,
                Seen::File(found) => found.contents != theirs,
                Seen::Other(_) => true,
            };
            if taken {
                block(step, format!("the new file belongs at {path}, where something else is"));
            }
        }
    }
    Ok(())
}

fn block(step: &mut Step, reason: String) {
    let path = step.now.as_ref().map_or_else(|| step.change.path.clone(), |(place, _)| place.clone());
    let change =
        Change { path, class: Class::Blocked, reason: Some(reason), from: None, conflicts: 0, ..step.change.clone() };
    *step = Step::leave(change, step.now.clone(), None);
}

#[cfg(test)]
#[path = "classify_tests.rs"]
mod tests;
