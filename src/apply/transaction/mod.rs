//! One transaction: all of its [`Operation`]s, or none.
//!
//! 1. **Claim.** `.seaworthy/txn` is made exclusively; a second run is refused there.
//! 2. **Stage.** Every file is written into that folder. An error here leaves the target as it was.
//! 3. **Commit.** The journal, the list of what is to be done, is renamed to its final name.
//! 4. **Place.** Every staged file gets its place, and never takes the place of something that has
//!    appeared there in the meantime: then, and on any other error, what was placed is taken back.
//! 5. **Release.** The journal goes, then the staged files and the folder.
//!
//! A process that dies before the commit leaves a staging folder, one that dies after it a journal:
//! [`recover`] removes the first and finishes the second. The most that stays behind is an empty
//! directory.
//!
//! Nothing is flushed to the disk, since that would make creation many times slower. So a loss of
//! power, as opposed to the death of the process, may leave files that are empty or missing
//! although the run said that it was done; a run that it cuts off is recovered as far as the
//! journal and the hashes in it are whole. `git status` and `seaworthy new` with the same answers
//! show what is missing.

mod claim;
mod disk;
mod journal;
mod operation;
mod place;
mod recover;

use std::io;
use std::path::Path;

use anyhow::Context;

use self::claim::Claim;
use self::disk::{Disk, Hook};
use self::journal::{COMMITTED, Journal};
use self::operation::{New, check_operations};
use crate::failure::refused;
use crate::render::file_set::Mode;

pub use self::operation::{Expected, Operation};
pub use self::recover::{Recovery, recover};

/// Does all operations to a directory, or none. The directory and those above it are made if needed.
///
/// # Errors
/// Refused when another run has the directory, or something other than expected stands at a path;
/// otherwise when the disk refuses. Nothing has changed then, and the message says so.
pub fn apply(root: &Path, operations: &[Operation]) -> anyhow::Result<()> {
    apply_with(root, operations, &mut |_| Ok(()))
}

fn apply_with<'h>(root: &Path, operations: &[Operation], hook: &'h mut Hook<'h>) -> anyhow::Result<()> {
    let new = &check_operations(operations)?;
    if new.is_empty() {
        return Ok(());
    }
    let disk = &mut Disk::new(hook);
    let claim = Claim::take(disk, root).map_err(|error| nothing_written(root, error))?;
    if let Err(error) = stage_and_place(disk, &claim, new) {
        return Err(give_up(disk, claim, error));
    }
    let done = || format!("all files are in {}, but cleaning up failed; the next run there does it", root.display());
    disk.remove_file(&claim.path(COMMITTED)).with_context(done)?;
    claim.release(disk).with_context(done)
}

fn stage_and_place(disk: &mut Disk<'_>, claim: &Claim, new: &[New<'_>]) -> anyhow::Result<()> {
    stage(disk, claim, new)?;
    let journal = Journal::of(claim.root(), new)?;
    journal.commit(disk, claim)?;
    place::make_folders(disk, claim, &journal)?;
    for entry in journal.files() {
        if !place::place(disk, claim, entry)? {
            return Err(refused(format!(
                "{} appeared while seaworthy was writing, and is left alone",
                claim.root().join(&entry.path).display()
            )));
        }
    }
    Ok(())
}

/// Writes all new files into the transaction folder, each named by its index.
fn stage(disk: &mut Disk<'_>, claim: &Claim, new: &[New<'_>]) -> anyhow::Result<()> {
    // Who commits everything after a run was cut off does not commit this folder.
    stage_file(disk, claim, ".gitignore", Mode::Regular, b"*\n").context("cannot prepare the transaction")?;
    for (index, change) in new.iter().enumerate() {
        stage_file(disk, claim, &index.to_string(), change.mode, change.contents)
            .with_context(|| format!("cannot write {}", change.path))?;
    }
    Ok(())
}

fn stage_file(disk: &mut Disk<'_>, claim: &Claim, name: &str, mode: Mode, contents: &[u8]) -> io::Result<()> {
    let path = claim.path(name);
    let mut file = disk.create_file(&path, mode)?;
    disk.write(&mut file, &path, contents)
}

/// Brings the target back to what it was, and adds to the error whether that worked.
fn give_up(disk: &mut Disk<'_>, claim: Claim, error: anyhow::Error) -> anyhow::Error {
    let root = claim.root().to_owned();
    let undone = Journal::read(&claim, COMMITTED)
        .and_then(|journal| journal.map_or(Ok(()), |journal| place::undo(disk, &claim, &journal)))
        .and_then(|()| claim.release(disk));
    match undone {
        Ok(()) => nothing_written(&root, error),
        Err(left) => error.context(format!(
            "cannot write {}; cleaning up failed too ({left:#}), and the next run there does it",
            root.display()
        )),
    }
}

fn nothing_written(root: &Path, error: anyhow::Error) -> anyhow::Error {
    let advice = advice(&error).map(|advice| format!(" ({advice})")).unwrap_or_default();
    error.context(format!("nothing was written to {}{advice}", root.display()))
}

/// What to do about an error of the disk.
fn advice(error: &anyhow::Error) -> Option<&'static str> {
    use io::ErrorKind::{InvalidFilename, PermissionDenied, QuotaExceeded, ReadOnlyFilesystem, StorageFull};
    match error.root_cause().downcast_ref::<io::Error>()?.kind() {
        StorageFull | QuotaExceeded => Some("free some space there, and run again"),
        PermissionDenied => Some("check who owns it and who may write to it, or name another directory"),
        ReadOnlyFilesystem => Some("name a directory on another file system"),
        InvalidFilename => Some("name a directory with a shorter path"),
        _ => None,
    }
}

#[cfg(test)]
mod kill_tests;
#[cfg(test)]
mod tests;
