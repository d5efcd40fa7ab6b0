//! What becomes of one file, by its record, the new emission and the disk.

use super::contents::{self, Outcome};
use super::step::{Action, Conflict, Step, change_of, merged_mode};
use super::view::{Seen, Yours};
use crate::apply::lock::{Locked, Pending, Standing, sha256};
use crate::apply::{Change, Class};
use crate::merge::{self, Labels, Sides};
use crate::render::file_set::{EmittedFile, Mode, Policy};

/// One file that is recorded and emitted still.
pub(super) struct Known<'a> {
    pub(super) id: &'a str,
    pub(super) locked: &'a Locked,
    pub(super) theirs: &'a EmittedFile,
    /// Where it is; elsewhere than recorded when the user has moved it.
    pub(super) place: &'a str,
    pub(super) seen: Seen,
}

impl Known<'_> {
    /// A change of class `class` where the file is now.
    fn change(&self, path: &str, class: Class) -> Change {
        let now = self.yours();
        change_of(self.id, path, &Locked { policy: self.theirs.policy, ..self.locked.clone() }, class, now)
    }

    fn yours(&self) -> Option<&Yours> {
        match &self.seen {
            Seen::File(yours) => Some(yours),
            _ => None,
        }
    }

    fn leave(&self, class: Class) -> Step {
        let now = self.yours().map(|yours| (self.place.to_owned(), yours.clone()));
        Step::leave(self.change(self.place, class), now, Some(self.locked.clone()))
    }

    /// Where it belongs after the run: where the user moved it, else where the templates have it.
    fn destination(&self) -> &str {
        if self.place == self.locked.path { &self.theirs.path } else { self.place }
    }

    /// The record of a run that took the new emission over.
    fn record(&self, path: &str) -> Locked {
        let moved_to = (path != self.theirs.path).then(|| path.to_owned());
        Locked { moved_to, ..Locked::of(self.theirs) }
    }
}

/// What becomes of a file that is recorded and emitted still.
pub(super) fn known(file: &Known<'_>, labels: &Labels<'_>) -> Step {
    if file.locked.standing == Standing::Detached {
        return file.leave(Class::Detached).because("it is yours");
    }
    if file.theirs.policy == Policy::Once {
        return starter(file);
    }
    match &file.seen {
        Seen::Absent => gone(file).because("you deleted it, and it stays deleted"),
        Seen::Other(reason) => something_else(file, reason),
        Seen::File(yours) => match unresolved(file, yours) {
            Some(step) => step,
            None => merged(file, yours, labels),
        },
    }
}

/// A file that was recorded and is not there. Its base stays: an old version of it may come back from git.
fn gone(file: &Known<'_>) -> Step {
    let mut step = file.leave(Class::UserDeleted);
    file.theirs.path.clone_into(&mut step.change.path);
    let Known { locked, theirs, .. } = file;
    step.record = Some(Locked {
        path: theirs.path.clone(),
        moved_to: None,
        policy: theirs.policy,
        standing: Standing::Current,
        ..(*locked).clone()
    });
    step
}

/// A link or a folder in the place of the file: only in the way when there is something to do.
fn something_else(file: &Known<'_>, reason: &str) -> Step {
    let is_same = merge::same_text(&file.locked.base, &file.theirs.contents) && file.destination() == file.place;
    let step = file.leave(if is_same { Class::Unchanged } else { Class::Blocked });
    step.because(reason.to_owned())
}

/// Markers of a merge of git's, or of an upgrade whose record was lost.
fn unresolved(file: &Known<'_>, yours: &Yours) -> Option<Step> {
    let line = merge::find_marker(&yours.contents)?;
    let is_text = [&file.locked.base, &file.theirs.contents].into_iter().any(|text| merge::find_marker(text).is_some());
    (!is_text).then(|| still_open(file.leave(Class::Conflict), line))
}

fn still_open(mut step: Step, line: usize) -> Step {
    step.change.line = Some(line);
    step.because(format!("conflict markers are in it, from line {line}"))
}

/// What becomes of a file whose conflict is not resolved.
pub(super) fn open_conflict(id: &str, locked: &Locked, seen: Seen, line: Option<usize>) -> Step {
    let yours = if let Seen::File(yours) = seen { Some(yours) } else { None };
    let change = change_of(id, locked.place(), locked, Class::Conflict, yours.as_ref());
    let step = Step::leave(change, yours.map(|yours| (locked.place().to_owned(), yours)), Some(locked.clone()));
    match (line, locked.pending().and_then(|pending| pending.beside.as_ref())) {
        (Some(line), _) => still_open(step, line),
        (None, Some(beside)) => step.because(format!("{beside} lies beside it still")),
        (None, None) => step.because("its conflict is not resolved"),
    }
}

/// What becomes of a file that is written once: nothing, but its starter may have changed.
fn starter(file: &Known<'_>) -> Step {
    let (base, theirs) = (&file.locked.base, &file.theirs.contents);
    let mut record = Locked { policy: Policy::Once, standing: Standing::Current, ..file.locked.clone() };
    if file.seen == Seen::Absent {
        return gone(file).because("a starter that you deleted stays deleted");
    }
    if merge::same_text(base, theirs) || file.yours().is_some_and(|yours| merge::same_text(&yours.contents, theirs)) {
        return Step { record: Some(record), ..file.leave(Class::Unchanged) };
    }
    let hash = sha256(theirs);
    if file.locked.told.as_ref() == Some(&hash) {
        let step = file.leave(Class::Unchanged).because("its starter is newer, as an earlier run said");
        return Step { record: Some(record), ..step };
    }
    record.told = Some(hash);
    let starter = Some((base.clone(), theirs.clone()));
    let step =
        file.leave(Class::Kept).because("its starter changed; it is yours, so change it by hand where you need it");
    Step { record: Some(record), starter, ..step }
}

fn merged(file: &Known<'_>, yours: &Yours, labels: &Labels<'_>) -> Step {
    let sides = Sides { base: &file.locked.base, yours: &yours.contents, theirs: &file.theirs.contents };
    let path = file.destination();
    let outcome = contents::decide(path, &sides, labels);
    let mode = merged_mode(file.locked.mode, yours.mode, file.theirs.mode);
    let mut step = file.leave(outcome.class);
    step.change = Change { mode, ..moved_change(file, yours, path, &outcome, mode) };
    if outcome.contents.is_some() || mode != yours.mode || path != file.place {
        step.action = Action::Write;
    }
    step.record = Some(file.record(path));
    if outcome.class == Class::Conflict {
        step.record = Some(Locked {
            standing: pending(file, yours, path, &outcome),
            base: file.locked.base.clone(),
            ..file.record(path)
        });
        step.conflict = Some(conflict(file, path, &outcome));
    }
    step
}

/// The change of a file that is there, with the class that says most about it.
fn moved_change(file: &Known<'_>, yours: &Yours, path: &str, outcome: &Outcome, mode: Mode) -> Change {
    let mut change = file.change(path, outcome.class);
    change.reason = outcome.reason.map(ToOwned::to_owned);
    change.conflicts = outcome.conflicts;
    change.notes.clone_from(&outcome.notes);
    change.contents = outcome.contents.clone().unwrap_or_else(|| yours.contents.clone());
    change.bytes = change.contents.len();
    let was = file.locked.place();
    if was != path {
        change.from = Some(was.to_owned());
    }
    let is_small = matches!(outcome.class, Class::Unchanged | Class::PinOnly | Class::Update | Class::Merge);
    if is_small && path != file.place {
        change.class = Class::Renamed;
        change.reason = Some(format!("was {}", file.place));
    } else if is_small && was != path && outcome.contents.is_none() {
        change.class = Class::Moved;
        change.reason = Some(format!("you moved it from {was}"));
    } else if outcome.class == Class::Unchanged && mode != yours.mode {
        change.class = Class::Update;
        change.reason =
            Some(if mode == Mode::Executable { "made executable" } else { "no longer executable" }.to_owned());
    }
    change
}

fn pending(file: &Known<'_>, yours: &Yours, path: &str, outcome: &Outcome) -> Standing {
    Standing::Pending(Pending {
        contents: file.theirs.contents.clone(),
        yours_sha256: sha256(&yours.contents),
        beside: outcome.beside.then(|| beside(path)),
    })
}

fn conflict(file: &Known<'_>, path: &str, outcome: &Outcome) -> Conflict {
    let theirs = file.theirs.contents.clone();
    if outcome.beside {
        return Conflict::Beside { path: beside(path), theirs };
    }
    Conflict::Marked { base: file.locked.base.clone(), theirs }
}

/// Where the new file lies when it cannot be merged: `NAME.seaworthy-new.EXT`.
fn beside(path: &str) -> String {
    let (folder, name) = path.rsplit_once('/').map_or(("", path), |(folder, name)| (folder, name));
    let space = if folder.is_empty() { "" } else { "/" };
    match name.rsplit_once('.') {
        Some((stem, extension)) if !stem.is_empty() => format!("{folder}{space}{stem}.seaworthy-new.{extension}"),
        _ => format!("{folder}{space}{name}.seaworthy-new"),
    }
}

/// What becomes of a file that is emitted and not recorded. `is_free`: nothing is at its path once the run is
/// done with the other files.
pub(super) fn fresh(theirs: &EmittedFile, seen: Seen, is_free: bool) -> Step {
    let record = Some(Locked::of(theirs));
    let blocked = |change: Change, now| Step::leave(change, now, None);
    match seen {
        _ if is_free => {
            let step = Step::leave(Change::of(theirs, Class::Create), None, record);
            Step { action: Action::Write, ..step }
        }
        Seen::Absent => Step { action: Action::Write, ..Step::leave(Change::of(theirs, Class::Create), None, record) },
        Seen::Other(reason) if theirs.policy == Policy::Once => {
            Step::leave(Change::of(theirs, Class::Kept), None, record).because(reason)
        }
        Seen::Other(reason) => blocked(Change::of(theirs, Class::Blocked), None).because(reason),
        Seen::File(yours) => {
            let locked = Locked::of(theirs);
            let of_class = |class| change_of(&theirs.id, &theirs.path, &locked, class, Some(&yours));
            let now = Some((theirs.path.clone(), yours.clone()));
            if merge::same_text(&yours.contents, &theirs.contents) {
                Step::leave(of_class(Class::Adopted), now, record).because("it is there with the same text")
            } else if theirs.policy == Policy::Once {
                Step::leave(of_class(Class::Kept), now, record).because("yours is there; the starter is not written")
            } else {
                blocked(of_class(Class::Blocked), now).because("a file of yours with another text is there")
            }
        }
    }
}

/// What becomes of a file that is recorded and emitted no more.
pub(super) fn dropped(id: &str, locked: &Locked, seen: Seen) -> Step {
    let place = locked.place();
    let of_class = |class, yours: Option<&Yours>| change_of(id, place, locked, class, yours);
    if locked.standing == Standing::Detached {
        return Step::leave(of_class(Class::Detached, None), None, Some(locked.clone())).because("it is yours");
    }
    let yours = match seen {
        Seen::File(yours) => yours,
        Seen::Absent => {
            return Step::leave(of_class(Class::Unchanged, None), None, None)
                .because("it is emitted no more, and you deleted it");
        }
        Seen::Other(reason) => return Step::leave(of_class(Class::Kept, None), None, None).because(reason),
    };
    let now = Some((place.to_owned(), yours.clone()));
    let kept = Locked { path: place.to_owned(), moved_to: None, standing: Standing::Dropped, ..locked.clone() };
    match locked.standing {
        Standing::Dropped => {
            let step = Step::leave(of_class(Class::Unchanged, Some(&yours)), now, Some(locked.clone()));
            step.because("it is emitted no more, and yours")
        }
        _ if locked.policy == Policy::Once => Step::leave(of_class(Class::Kept, Some(&yours)), now, Some(kept))
            .because("its starter is emitted no more; it is yours: delete it when nothing needs it"),
        _ if merge::same_text(&yours.contents, &locked.base) || yours.contents == locked.base => {
            let step = Step::leave(of_class(Class::Delete, Some(&yours)), now, None);
            Step { action: Action::Remove, ..step }.because("it is emitted no more, and was not edited")
        }
        _ => Step::leave(of_class(Class::Kept, Some(&yours)), now, Some(kept))
            .because("it is emitted no more; you edited it, so it is yours now"),
    }
}
