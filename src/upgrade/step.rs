//! What is decided for one path: what is told, what is written, and what the lock says afterwards.

use super::contents::EDITS;
use super::view::Yours;
use crate::apply::lock::{Locked, Standing};
use crate::apply::{Change, Class};
use crate::render::file_set::{EmittedFile, Mode, Policy};

/// The decision for one recorded or emitted file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What is told. Its path is where the file is afterwards, its contents are those that it has then.
    pub change: Change,
    /// Where the file is now, and what it holds; nothing where it is not.
    pub now: Option<(String, Yours)>,
    /// What is done on disk.
    pub action: Action,
    /// What the lock says afterwards; nothing when it forgets the file.
    pub record: Option<Locked>,
    /// The starter as it was and as it is now, of a file that the user has to change by hand.
    pub starter: Option<(Vec<u8>, Vec<u8>)>,
    /// Base, yours and theirs of a conflict that is written.
    pub conflict: Option<Conflict>,
}

/// What is done to a file on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Nothing.
    Leave,
    /// It gets the contents and the mode of the change, at the path of the change.
    Write,
    /// It goes.
    Remove,
}

/// A conflict, for git's index or for a file beside the user's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Conflict {
    /// Markers are in the text: base and theirs. Yours is what was on disk.
    Marked {
        /// What was emitted last.
        base: Vec<u8>,
        /// What is emitted now.
        theirs: Vec<u8>,
    },
    /// The new file cannot be merged by line, and lies beside.
    Beside {
        /// Where.
        path: String,
        /// The new file.
        theirs: Vec<u8>,
    },
}

impl Step {
    /// A step that does nothing on disk.
    pub(super) fn leave(change: Change, now: Option<(String, Yours)>, record: Option<Locked>) -> Self {
        Self { change, now, action: Action::Leave, record, starter: None, conflict: None }
    }

    pub(super) fn because(mut self, reason: impl Into<String>) -> Self {
        self.change.reason = Some(reason.into());
        self
    }

    /// Whether conflict markers of an earlier run, or of git, are in the file.
    #[must_use]
    pub fn is_unresolved(&self) -> bool {
        self.change.class == Class::Conflict && self.conflict.is_none()
    }

    /// The path and the contents of a file that is laid beside this one.
    #[must_use]
    pub fn beside(&self) -> Option<(String, Vec<u8>)> {
        match &self.conflict {
            Some(Conflict::Beside { path, theirs }) => Some((path.clone(), theirs.clone())),
            _ => None,
        }
    }

    /// Whether the run would change a file of the user's tree.
    #[must_use]
    pub fn changes_disk(&self) -> bool {
        self.action != Action::Leave || matches!(self.conflict, Some(Conflict::Beside { .. }))
    }
}

impl Step {
    /// Whether a person should act on it: emitted text that is not current, a file that is gone, conflict markers,
    /// something in the way. Edits and newer versions are none of these, nor are files that are written once.
    #[must_use]
    pub fn is_drift(&self) -> bool {
        let is_gone = self.change.class == Class::UserDeleted && self.change.policy == Policy::Merge;
        is_gone || matches!(self.change.class, Class::Blocked | Class::Conflict) || self.changes_disk()
    }

    /// Whether it is a starter that is emitted no more: the user's code may still need it.
    #[must_use]
    pub fn is_dropped_starter(&self) -> bool {
        let is_dropped = self.record.as_ref().is_some_and(|record| record.standing == Standing::Dropped);
        is_dropped && self.change.policy == Policy::Once
    }

    /// Whether a list for people names it; the others are counted.
    #[must_use]
    pub fn is_worth_telling(&self) -> bool {
        match self.change.class {
            Class::Detached => false,
            Class::Unchanged => {
                self.change.reason.as_deref().is_some_and(|reason| EDITS.contains(&reason))
                    || !self.change.notes.is_empty()
            }
            _ => true,
        }
    }
}

/// The change of a file that is on disk, where it is and with what it holds.
pub(super) fn change_of(id: &str, path: &str, like: &Locked, class: Class, now: Option<&Yours>) -> Change {
    let (contents, mode) = now.map_or((Vec::new(), like.mode), |yours| (yours.contents.clone(), yours.mode));
    let file = EmittedFile { id: id.to_owned(), path: path.to_owned(), contents, mode, policy: like.policy };
    Change::of(&file, class)
}

/// The three versions of the executable bit: who changed it has it.
pub(super) fn merged_mode(base: Mode, yours: Mode, theirs: Mode) -> Mode {
    if yours == base { theirs } else { yours }
}
