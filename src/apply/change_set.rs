//! What a run would do to every path, decided before anything is written.

use serde::Serialize;

use super::OWN_FOLDER;
use super::lock::Lock;
use super::path::check_all;
use super::target::{Listing, OnDisk, State, Target};
use super::transaction::{Expected, Operation};
use crate::failure::refused;
use crate::render::file_set::{EmittedFile, FileSet, Mode, Policy};

/// What happens to one path. The order is that of the list for people: what asks for something first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// Something else is there, and nothing of the run is done because of it.
    Blocked,
    /// The user and the templates changed the same place: markers are written, or are there still.
    Conflict,
    /// It was emitted and is gone from the disk: it stays gone.
    UserDeleted,
    /// Nothing is there: it is written.
    Create,
    /// It is as it was emitted, and the new text differs.
    Update,
    /// The user and the templates changed different places.
    Merge,
    /// The templates moved it: it is moved, with the user's edits.
    Renamed,
    /// It is emitted no more, and is as it was emitted: it goes.
    Delete,
    /// The user moved it: it is followed there.
    Moved,
    /// It was not ours, and has the same text: it is recorded.
    Adopted,
    /// It is the user's from now on, or was so and has a newer starter.
    Kept,
    /// It differs from what was emitted in versions only, and those are newer.
    PinOnly,
    /// The user wants it for good.
    Detached,
    /// There is nothing to do.
    Unchanged,
}

impl Class {
    /// The name, as in `--json`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Blocked => "blocked",
            Self::Conflict => "conflict",
            Self::UserDeleted => "user-deleted",
            Self::Create => "create",
            Self::Update => "update",
            Self::Merge => "merge",
            Self::Renamed => "renamed",
            Self::Delete => "delete",
            Self::Moved => "moved",
            Self::Adopted => "adopted",
            Self::Kept => "kept",
            Self::PinOnly => "pin-only",
            Self::Detached => "detached",
            Self::Unchanged => "unchanged",
        }
    }
}

/// One path of a [`ChangeSet`]. As JSON: `path`, `id`, `class`, `reason` (text or null), `mode`,
/// `bytes`, `policy`; and where they say something `from`, `conflicts`, `line` and `notes`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// Relative to the target, with `/`.
    pub path: String,
    /// Stable across versions, also when the path moves.
    pub id: String,
    /// What happens to it.
    pub class: Class,
    /// Why, where the class alone does not say it.
    pub reason: Option<String>,
    /// Permission bits of the file after the run.
    pub mode: Mode,
    /// Size of the contents after the run.
    pub bytes: usize,
    /// What later runs may do with it.
    pub policy: Policy,
    /// Where it was, when it moves or was moved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// How many conflicts are written.
    #[serde(skip_serializing_if = "is_zero")]
    pub conflicts: usize,
    /// 1-based line of the first conflict marker that is there already.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// What the user should know about the merge, one line each.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// The contents after the run.
    #[serde(skip)]
    pub contents: Vec<u8>,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde wants")]
fn is_zero(number: &usize) -> bool {
    *number == 0
}

/// All changes of one run, ordered by path. As JSON: the array of its changes.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct ChangeSet {
    changes: Vec<Change>,
    #[serde(skip)]
    obstacle: Option<String>,
}

impl ChangeSet {
    /// What `new` does to a target: everything or nothing.
    ///
    /// A target that holds nothing but harmless things gets all files. One that we made and that
    /// holds exactly these files needs nothing. Every other one is blocked: see
    /// [`ChangeSet::ensure_clear`].
    ///
    /// # Errors
    /// When a path of the set is unsafe, the disk cannot be read, or the lock of a target that we
    /// made is damaged.
    pub fn for_new(target: &Target, files: &FileSet) -> anyhow::Result<Self> {
        check_all(files.files().iter().map(|file| file.path.as_str()))?;
        let lock = match target.state() {
            State::Ours => Lock::read(target).or_else(|error| target.ensure_steady().and(Err(error)))?,
            _ => None,
        };
        let changes = files.files().iter().map(|file| Change::for_new(target, lock.as_ref(), file));
        let mut set = Self { changes: changes.collect::<anyhow::Result<_>>()?, obstacle: None };
        set.obstacle = set.obstacle_for_new(target);
        Ok(set)
    }

    /// Every path, ordered by path.
    #[must_use]
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// The changes of one class, ordered by path.
    pub fn of_class(&self, class: Class) -> impl Iterator<Item = &Change> {
        self.changes.iter().filter(move |change| change.class == class)
    }

    /// Whether there is nothing to do.
    #[must_use]
    pub fn is_unchanged(&self) -> bool {
        self.obstacle.is_none() && self.changes.iter().all(|change| change.class == Class::Unchanged)
    }

    /// Checks that nothing keeps the run from writing.
    ///
    /// # Errors
    /// Refused when something is in the way; the message lists it and says what to do.
    pub fn ensure_clear(&self) -> anyhow::Result<()> {
        self.obstacle.as_ref().map_or(Ok(()), |obstacle| Err(refused(obstacle.clone())))
    }

    /// What a transaction has to do.
    ///
    /// # Errors
    /// As [`ChangeSet::ensure_clear`].
    pub fn operations(&self) -> anyhow::Result<Vec<Operation>> {
        self.ensure_clear()?;
        let operation = |change: &Change| Operation::Write {
            path: change.path.clone(),
            contents: change.contents.clone(),
            mode: change.mode,
            expected: Expected::Absent,
        };
        Ok(self.of_class(Class::Create).map(operation).collect())
    }

    fn obstacle_for_new(&self, target: &Target) -> Option<String> {
        let root = target.root().display();
        match target.state() {
            State::Foreign(found) => Some(format!(
                "{root} is not empty, and seaworthy did not make what is in it:\n{found}\n\
                 Nothing was written. Name a new directory, or move these away first."
            )),
            State::Unfinished => Some(format!(
                "another run of seaworthy is writing to {root}, or one was cut off there. Nothing was written.\n\
                 Once no other one is running, `seaworthy new` without --dry-run finishes or undoes what was cut off."
            )),
            State::Ours if !self.is_unchanged() => Some(format!(
                "{root} was made by seaworthy before and is different from what these answers give now:\n{}\n\
                 Nothing was written, since `new` does not overwrite. Name a new directory to start another service.",
                self.differences()
            )),
            _ if self.of_class(Class::Blocked).next().is_some() => Some(format!(
                "these files are in the way in {root}:\n{}\n\
                 Nothing was written. Move them away first, or name a new directory.",
                Listing::new(self.of_class(Class::Blocked).map(Change::told).collect())
            )),
            _ => None,
        }
    }

    /// What is not as it would be emitted; our own bookkeeping only where nothing else is
    /// different.
    fn differences(&self) -> Listing {
        let all = || self.changes.iter().filter(|change| change.class != Class::Unchanged);
        let mut told: Vec<String> = all().filter(|change| !change.is_own()).map(Change::told).collect();
        if told.is_empty() {
            told = all().map(Change::told).collect();
        }
        Listing::new(told)
    }
}

impl Change {
    fn for_new(target: &Target, lock: Option<&Lock>, file: &EmittedFile) -> anyhow::Result<Self> {
        let (class, reason) = match target.read(&file.path)? {
            OnDisk::Absent => (Class::Create, lock.map(|_| "it is missing".to_owned())),
            OnDisk::File(bytes) if bytes == file.contents => (Class::Unchanged, None),
            OnDisk::File(bytes) => (Class::Blocked, Some(difference(lock, file, &bytes))),
            OnDisk::Other(reason) => (Class::Blocked, Some(reason)),
        };
        Ok(Self { reason, ..Self::of(file, class) })
    }

    /// A file that is written, or would be, as it is emitted.
    #[must_use]
    pub fn of(file: &EmittedFile, class: Class) -> Self {
        Self {
            path: file.path.clone(),
            id: file.id.clone(),
            class,
            reason: None,
            mode: file.mode,
            bytes: file.contents.len(),
            policy: file.policy,
            from: None,
            conflicts: 0,
            line: None,
            notes: Vec::new(),
            contents: file.contents.clone(),
        }
    }

    /// Whether it is our own bookkeeping.
    #[must_use]
    pub fn is_own(&self) -> bool {
        self.path.strip_prefix(OWN_FOLDER).is_some_and(|rest| rest.starts_with('/'))
    }

    /// The path and why, for a list in a message.
    fn told(&self) -> String {
        match &self.reason {
            Some(reason) => format!("{}: {reason}", self.path),
            None => self.path.clone(),
        }
    }
}

/// Why a file on disk is not what would be emitted now.
fn difference(lock: Option<&Lock>, file: &EmittedFile, yours: &[u8]) -> String {
    match lock.and_then(|lock| lock.files.get(&file.id)) {
        Some(locked) if locked.base == yours => "these answers, or this version, give another text".to_owned(),
        Some(_) => "it was edited since it was emitted".to_owned(),
        None => "a file with other contents is there".to_owned(),
    }
}

#[cfg(test)]
#[path = "change_set_tests.rs"]
mod tests;
