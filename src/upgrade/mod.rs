//! New emission over an old one: what the user changed in between stays.
//!
//! [`prepare`] compares what was emitted last (the lock), what the user has (the disk) and what is emitted now,
//! and decides every path before anything is written; [`Prepared::write`] does it in one transaction. `diff`,
//! `check` and every dry run stop in between.
//!
//! Files that are written once are never changed, moved or deleted here: the user's other code may need them as
//! they are. When their starter changes, the run tells.

mod classify;
mod contents;
mod decide;
pub mod git;
mod in_git;
mod join;
mod narrow;
mod operations;
pub mod pending;
pub mod record;
mod refusal;
pub mod step;
mod two_way;
pub mod unified;
pub mod view;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

pub use self::join::join;
pub use self::narrow::narrow;
use self::operations::Bookkeeping;
use self::pending::{Review, Settled};
use self::step::Step;
use self::view::{DiskView, Yours};
use crate::apply::transaction::{self, Operation};
use crate::apply::{Change, Class, Lock, OWN_FOLDER, State, Target};
use crate::failure::{CONFLICTS, DONE, refused};
use crate::merge::{Labels, same_text};
use crate::render::file_set::FileSet;
use crate::spec::file::{ANSWERS_FILE, is_answers};
use crate::spec::repository;

/// What a run may do.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Whether files with uncommitted changes may be touched.
    pub allow_dirty: bool,
    /// Answers files as they were read, by path, of a run that may write others: the emission holds the new texts.
    pub answers_before: BTreeMap<String, String>,
}

/// Everything decided, nothing written.
#[derive(Debug)]
pub struct Prepared {
    root: PathBuf,
    steps: Vec<Step>,
    changes: Vec<Change>,
    settled: Vec<Settled>,
    /// Paths of files that are as they were emitted.
    untouched: BTreeSet<String>,
    operations: Vec<Operation>,
    options: Options,
    before: String,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// 0, or 4 when conflicts were written.
    pub exit_code: u8,
    /// What went wrong after everything was written: git refused something, for example.
    pub warnings: Vec<String>,
}

/// Decides what `theirs`, an emission without a lock, does to the tree at `root`. Writes nothing.
///
/// # Errors
/// Refused when a transaction is going on or was cut off there, or when the lock was written by a newer
/// version or has conflicts in it; usage when `root` is no tree of ours; otherwise when the lock is damaged or
/// the disk cannot be read.
pub fn prepare(root: &Path, theirs: &FileSet, options: &Options) -> anyhow::Result<Prepared> {
    let target = open(root)?;
    let lock = read_lock(&target)?;
    prepare_from(&target, &lock, theirs, options)
}

fn prepare_from(target: &Target, lock: &Lock, theirs: &FileSet, options: &Options) -> anyhow::Result<Prepared> {
    let emitted = Lock::of(theirs)?;
    let view = DiskView(target);
    let Review { lock: settled_lock, open, settled } = pending::review(lock, &view, &|_| true, &|_| false)?;
    let labels = labels(&lock.version, &emitted.version);
    let labels = Labels { yours: "yours", base: &labels.0, theirs: &labels.1 };
    let mut steps = classify::classify(&settled_lock, &open, theirs, &view, &labels)?;
    write_answers(&mut steps, theirs, options)?;
    let files = steps.iter().filter_map(|step| Some((step.change.id.clone(), step.record.clone()?))).collect();
    let after = Lock { version: emitted.version, files };
    let Bookkeeping { operations: own, changes: own_changes } =
        operations::of_bookkeeping(target, Some(lock), &after, theirs)?;
    let mut operations = operations::of_steps(&steps);
    operations.extend(operations::of_files_beside(&steps, target)?);
    operations.extend(own);
    let mut changes: Vec<Change> = steps.iter().map(|step| step.change.clone()).collect();
    changes.extend(own_changes);
    changes.sort_by(|one, other| one.path.cmp(&other.path));
    let untouched = untouched(&settled_lock, &steps);
    // Everything is read. What changes from here on is seen by the transaction.
    target.ensure_steady()?;
    let (root, options, before) = (target.root().to_owned(), options.clone(), lock.version.clone());
    Ok(Prepared { root, steps, changes, settled, untouched, operations, options, before })
}

/// The paths of files that are as they were emitted.
fn untouched(lock: &Lock, steps: &[Step]) -> BTreeSet<String> {
    let bases: BTreeMap<&str, &[u8]> = lock.files.values().map(|file| (file.place(), file.base.as_slice())).collect();
    let places = steps.iter().filter_map(|step| step.now.as_ref());
    let is_as_emitted = |(place, yours): &&(String, Yours)| {
        bases.get(place.as_str()).is_some_and(|base| same_text(base, &yours.contents))
    };
    places.filter(is_as_emitted).map(|(place, _)| place.clone()).collect()
}

/// How conflict markers call what was emitted last and what is emitted now.
fn labels(before: &str, now: &str) -> (String, String) {
    if before == now {
        return ("seaworthy before".to_owned(), "seaworthy now".to_owned());
    }
    (format!("seaworthy {before}"), format!("seaworthy {now}"))
}

/// Looks at a tree that an earlier run made.
///
/// # Errors
/// As [`prepare`].
pub fn open(root: &Path) -> anyhow::Result<Target> {
    let target = Target::look(root)?;
    let shown = root.display();
    match target.state() {
        State::Ours => Ok(target),
        State::Unfinished => Err(refused(format!(
            "another run of seaworthy is writing to {shown}, or one was cut off there; nothing was looked at.\n\
             Once no other one is running, `seaworthy upgrade` finishes or undoes what was cut off."
        ))),
        _ => Err(no_target(root)),
    }
}

fn no_target(root: &Path) -> anyhow::Error {
    let shown = root.display();
    if root.join(ANSWERS_FILE).is_file() {
        return anyhow::anyhow!(
            "{shown} has a {ANSWERS_FILE} but no {OWN_FOLDER}/lock.toml, the record of what was emitted.\n\
             Bring it back as it was committed (`git checkout HEAD -- {OWN_FOLDER}`), or let `seaworthy rebase` \
             rebuild it from your files as they are: it changes none of them."
        );
    }
    let above = root.canonicalize().ok().and_then(|root| {
        let is_ours = |folder: &&Path| folder.join(crate::apply::LOCK_FILE).is_file();
        root.ancestors().skip(1).find(is_ours).map(Path::to_owned)
    });
    let hint = match above {
        Some(above) => format!("The one above it, {}, is: name that.", above.display()),
        None => format!("Name the one that holds {ANSWERS_FILE}, or make a new repository with `seaworthy new`."),
    };
    crate::failure::usage(format!("{shown} is not a directory that seaworthy made. {hint}"))
}

/// The lock of a tree that has one.
///
/// # Errors
/// As [`Lock::read`]; refused when another run is writing it.
pub fn read_lock(target: &Target) -> anyhow::Result<Lock> {
    // Half of an old lock and half of a new one is not a damaged one.
    let lock = Lock::read(target).or_else(|error| target.ensure_steady().and(Err(error)))?;
    lock.ok_or_else(|| no_target(target.root()))
}

/// Puts new texts of answers into their steps.
fn write_answers(steps: &mut [Step], theirs: &FileSet, options: &Options) -> anyhow::Result<()> {
    for (path, before) in &options.answers_before {
        let file = theirs.files().iter().find(|file| file.path == *path);
        let step = steps.iter_mut().find(|step| step.change.path == *path);
        let (Some(file), Some(step)) = (file, step) else { continue };
        let is_as_read = step.now.as_ref().is_some_and(|(_, yours)| yours.contents == before.as_bytes());
        if !is_as_read {
            return Err(refused(format!(
                "{path} changed while seaworthy was running. Nothing was written: run it again."
            )));
        }
        if file.contents == before.as_bytes() {
            continue;
        }
        let lists = repository::services(path, before)?.is_some();
        step.change.class = Class::Update;
        step.change.reason = Some(if lists { "lists one more service" } else { "the answers of --set" }.to_owned());
        step.change.contents.clone_from(&file.contents);
        step.change.bytes = file.contents.len();
        step.action = step::Action::Write;
    }
    Ok(())
}

impl Prepared {
    /// Every path, ordered by path; with our own bookkeeping.
    #[must_use]
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// The decisions about the user's files, ordered by path.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// Conflicts of an earlier run that are settled, and that this run records.
    #[must_use]
    pub fn settled(&self) -> &[Settled] {
        &self.settled
    }

    /// The version of the tool that emitted last.
    #[must_use]
    pub fn before(&self) -> &str {
        &self.before
    }

    /// Whether the run would change a file of the user's tree.
    #[must_use]
    pub fn changes_files(&self) -> bool {
        self.steps.iter().any(Step::changes_disk)
    }

    /// Whether there is nothing to write at all.
    #[must_use]
    pub fn is_unchanged(&self) -> bool {
        self.operations.is_empty()
    }

    /// What keeps the run from writing, whatever git says: conflict markers, or something in the way.
    ///
    /// # Errors
    /// Refused; the message lists every file and says what to do.
    pub fn ensure_clear(&self) -> anyhow::Result<()> {
        let is_new = |step: &Step| is_answers(&step.change.path) && step.action == step::Action::Write;
        refusal::of(&self.steps, self.steps.iter().any(is_new))
    }

    /// Does everything, in one transaction; then git's index gets the conflicts.
    ///
    /// # Errors
    /// Refused when something is in the way, conflicts of an earlier run are open, or a file that would be
    /// touched has uncommitted changes; as [`transaction::apply`] otherwise. Nothing is written then.
    pub fn write(&self) -> anyhow::Result<Run> {
        self.ensure_clear()?;
        let mut warnings = self.ensure_committed()?;
        transaction::apply(&self.root, &self.operations)?;
        warnings.extend(self.tell_git());
        let conflicts = self.steps.iter().any(|step| step.change.class == Class::Conflict);
        Ok(Run { exit_code: if conflicts { CONFLICTS } else { DONE }, warnings })
    }
}
