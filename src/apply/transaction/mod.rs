//! One transaction: all of its [`Operation`]s, or none.
//!
//! 1. **Claim.** `.seaworthy/txn` is made exclusively; a second run is refused there, and told who
//!    has it. It does not wait: what it has decided would be out of date afterwards.
//! 2. **Stage.** What is to be replaced or removed is looked at, and every new file is written into
//!    that folder. An error here leaves the target as it was.
//! 3. **Commit.** The journal, the list of what is to be done, is renamed to its final name.
//! 4. **Forward.** Removed files move into the folder; then every new file gets its place, either
//!    one where nothing is, or that of an old file, which is swapped into the folder in the same
//!    step. What came in is looked at there: when it is not what was expected, or the place of a new
//!    file is taken, or on any other error, everything is put back as it was.
//! 5. **Finish.** The old files go, then the journal, the staged files and the folder.
//!
//! A process that dies before the commit leaves a staging folder, one that dies after it a journal:
//! [`recover`] removes the first and finishes the second, or undoes it where the user has changed
//! what it was to replace. Nothing that anybody else wrote is ever overwritten or removed; where it
//! cannot keep its place, it goes beside it as `NAME.seaworthy-old`, and that is said.
//!
//! All work is done in open folders, so that a symbolic link that is swapped in leads nowhere. A
//! file that is replaced becomes a new file with the permission bits of the old one: other hard
//! links to it keep the old contents.
//!
//! A transaction that replaces or removes anything is flushed to the disk before the old files go,
//! so that a loss of power, too, leaves one or the other. One that only creates is not, since that
//! would make creation many times slower: then files may be empty or missing although the run said
//! that it was done. `git status` and `seaworthy new` with the same answers show what is missing.

mod claim;
mod disk;
mod files;
mod finish;
mod forward;
mod ground;
mod journal;
mod keep;
mod operation;
mod recover;
mod spot;
mod stage;
mod undo;

use std::io;
use std::path::Path;

use anyhow::{Context, anyhow};

use self::claim::Claim;
use self::disk::{Disk, Hook};
use self::journal::{COMMITTED, Entry, Journal};
use crate::failure::refused;

pub use self::operation::{Expected, Operation};
pub use self::recover::{Recovery, recover};

/// Does all operations to a directory, or none. The directory and those above it are made if needed.
///
/// # Errors
/// Refused when another run has the directory, something other than expected stands at a path, or a
/// file that is to be replaced is read-only; otherwise when the disk refuses. Nothing has changed
/// then, and the message says so.
pub fn apply(root: &Path, operations: &[Operation]) -> anyhow::Result<()> {
    apply_with(root, operations, &mut |_| Ok(()))
}

fn apply_with<'h>(root: &Path, operations: &[Operation], hook: &'h mut Hook<'h>) -> anyhow::Result<()> {
    let operations = operation::in_order(operations)?;
    if operations.is_empty() {
        return Ok(());
    }
    let disk = &mut Disk::new(hook);
    let claim = Claim::take(disk, root).map_err(|error| nothing_written(root, &[], error))?;
    let journal = match commit_and_run(disk, &claim, &operations) {
        Ok(journal) => journal,
        Err(error) => return Err(give_up(disk, claim, error)),
    };
    let done = || format!("all files are in {}, but cleaning up failed; the next run there does it", root.display());
    let kept = finish::discard(disk, &claim, &journal).with_context(done)?;
    claim.release(disk).with_context(done)?;
    if kept.is_empty() {
        return Ok(());
    }
    Err(anyhow!("all files are in {}, but somebody wrote meanwhile: {}", root.display(), kept.join("; ")))
}

fn commit_and_run(disk: &mut Disk<'_>, claim: &Claim, operations: &[&Operation]) -> anyhow::Result<Journal> {
    let files = stage::stage(disk, claim, operations)?;
    let journal = Journal::of(claim, files)?;
    journal.commit(disk, claim)?;
    let mut taken = |entry: &Entry| {
        Err(refused(format!(
            "{} appeared while seaworthy was writing, and is left alone",
            claim.root().join(&entry.path).display()
        )))
    };
    forward::run(disk, claim, &journal, &mut taken)?;
    Ok(journal)
}

/// Brings the target back to what it was, and adds to the error whether that worked.
fn give_up(disk: &mut Disk<'_>, claim: Claim, error: anyhow::Error) -> anyhow::Error {
    let root = claim.root().to_owned();
    let undone = Journal::read(&claim, COMMITTED)
        .and_then(|journal| journal.map_or(Ok(Vec::new()), |journal| undo::undo(disk, &claim, &journal)))
        .and_then(|kept| claim.release(disk).map(|()| kept));
    match undone {
        Ok(kept) => nothing_written(&root, &kept, error),
        Err(left) => error.context(format!(
            "cannot write {}; cleaning up failed too ({left:#}), and the next run there does it",
            root.display()
        )),
    }
}

fn nothing_written(root: &Path, kept: &[String], error: anyhow::Error) -> anyhow::Error {
    let advice = advice(&error).map(|advice| format!(" ({advice})")).unwrap_or_default();
    let kept = kept.iter().fold(String::new(), |text, line| format!("{text}; {line}"));
    error.context(format!("nothing was written to {}{advice}{kept}", root.display()))
}

/// What to do about an error of the disk.
fn advice(error: &anyhow::Error) -> Option<&'static str> {
    use io::ErrorKind::{
        CrossesDevices, InvalidFilename, PermissionDenied, QuotaExceeded, ReadOnlyFilesystem, StorageFull,
    };
    match error.root_cause().downcast_ref::<io::Error>()?.kind() {
        StorageFull | QuotaExceeded => Some("free some space there, and run again"),
        PermissionDenied => Some("check who owns it and who may write to it, or name another directory"),
        ReadOnlyFilesystem => Some("name a directory on another file system"),
        InvalidFilename => Some("name a directory with a shorter path"),
        CrossesDevices => Some("it is on another file system than the folder .seaworthy; both have to be on one"),
        _ => None,
    }
}

#[cfg(test)]
mod edit_tests;
#[cfg(test)]
mod kill_tests;
#[cfg(test)]
mod mixed;
#[cfg(test)]
mod mixed_tests;
#[cfg(test)]
mod tests;
