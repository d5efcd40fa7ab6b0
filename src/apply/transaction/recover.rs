//! What to do about a run that was cut off.

use std::path::Path;

use anyhow::Context;

use super::claim::Claim;
use super::disk::{Disk, Hook};
use super::journal::{COMMITTED, Journal, UNDOING};
use super::place;
use crate::apply::target::{inspect, kind};
use crate::apply::{OWN_FOLDER, TRANSACTION_FOLDER};
use crate::failure::refused;

/// What [`recover`] did.
#[derive(Debug, PartialEq, Eq)]
pub enum Recovery {
    /// Nothing: no run was cut off.
    Nothing,
    /// What an interrupted run had not decided yet is gone; what it may have finished is there.
    Cleaned,
    /// An interrupted run is finished.
    Finished {
        /// Files that somebody else wrote in the meantime, and that are left as they are.
        kept: Vec<String>,
    },
}

/// Finishes a run that was cut off after its commit, and removes the traces of one that was cut off
/// before it.
///
/// To be called before a command that writes looks at its target.
///
/// # Errors
/// Refused when that run is still alive, or when its journal is damaged; otherwise when the disk
/// refuses.
pub fn recover(root: &Path) -> anyhow::Result<Recovery> {
    recover_with(root, &mut |_| Ok(()))
}

pub(super) fn recover_with<'h>(root: &Path, hook: &'h mut Hook<'h>) -> anyhow::Result<Recovery> {
    if !is_folder(root, OWN_FOLDER)? || !is_folder(root, TRANSACTION_FOLDER)? {
        return Ok(Recovery::Nothing);
    }
    let disk = &mut Disk::new(hook);
    let doing = || format!("cannot recover the interrupted run in {}", root.display());
    let claim = Claim::take_over(disk, root)?;
    let recovery = settle(disk, &claim).with_context(doing)?;
    claim.release(disk).with_context(doing)?;
    Ok(recovery)
}

/// Goes forward or back, as the journal says; the transaction folder has still to be removed.
fn settle(disk: &mut Disk<'_>, claim: &Claim) -> anyhow::Result<Recovery> {
    if let Some(journal) = Journal::read(claim, UNDOING)? {
        place::undo(disk, claim, &journal)?;
        return Ok(Recovery::Cleaned);
    }
    let Some(journal) = Journal::read(claim, COMMITTED)? else { return Ok(Recovery::Cleaned) };
    if !place::is_whole(claim, &journal)? {
        place::undo(disk, claim, &journal)?;
        return Ok(Recovery::Cleaned);
    }
    place::make_folders(disk, claim, &journal)?;
    let mut kept = Vec::new();
    for entry in journal.files() {
        if !place::place(disk, claim, entry)? {
            kept.push(entry.path.clone());
        }
    }
    disk.remove_file(&claim.path(COMMITTED))?;
    Ok(Recovery::Finished { kept })
}

/// Whether a folder of ours is there.
///
/// # Errors
/// Refused when it is a symbolic link: it could lead out of the target.
fn is_folder(root: &Path, name: &str) -> anyhow::Result<bool> {
    let path = root.join(name);
    match inspect(&path).with_context(|| format!("cannot look at {}", path.display()))? {
        None => Ok(false),
        Some(found) if found.is_dir() => Ok(true),
        Some(found) => {
            Err(refused(format!("{} is {}: seaworthy needs a directory there", path.display(), kind(&found))))
        }
    }
}
