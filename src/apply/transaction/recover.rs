//! What to do about a run that was cut off.

use std::path::Path;

use anyhow::Context;

use super::claim::Claim;
use super::disk::{Disk, Hook};
use super::finish;
use super::forward;
use super::journal::{COMMITTED, DONE, Entry, Journal, UNDOING};
use super::keep::stays;
use super::undo::undo;
use crate::failure::{REFUSED, exit_code, refused};

/// What [`recover`] did.
#[derive(Debug, PartialEq, Eq)]
pub enum Recovery {
    /// Nothing: no run was cut off.
    Nothing,
    /// What an interrupted run had not decided yet is gone; what it may have finished is there.
    Cleaned,
    /// An interrupted run is finished.
    Finished {
        /// What somebody else wrote in the meantime, and where it is: a sentence each, for people.
        kept: Vec<String>,
    },
    /// An interrupted run is undone, since something that it was to replace has changed.
    Undone {
        /// As of [`Recovery::Finished`].
        kept: Vec<String>,
    },
}

/// Finishes a run that was cut off after its commit, or undoes it where somebody has changed what it
/// was to replace, and removes the traces of one that was cut off before.
///
/// To be called before a command that writes looks at its target.
///
/// # Errors
/// Refused when that run is still alive, or when its journal is damaged or from a newer version;
/// otherwise when the disk refuses.
pub fn recover(root: &Path) -> anyhow::Result<Recovery> {
    recover_with(root, &mut |_| Ok(()))
}

pub(super) fn recover_with<'h>(root: &Path, hook: &'h mut Hook<'h>) -> anyhow::Result<Recovery> {
    let disk = &mut Disk::new(hook);
    let Some(claim) = Claim::take_over(disk, root)? else { return Ok(Recovery::Nothing) };
    let doing = || format!("cannot recover the interrupted run in {}", root.display());
    let recovery = settle(disk, &claim).with_context(doing)?;
    claim.release(disk).with_context(doing)?;
    Ok(recovery)
}

/// Goes forward or back, as the journal says; the transaction folder has still to be removed.
fn settle(disk: &mut Disk<'_>, claim: &Claim) -> anyhow::Result<Recovery> {
    if let Some(journal) = Journal::read(claim, DONE)? {
        return Ok(Recovery::Finished { kept: finish::discard(disk, claim, &journal)? });
    }
    if let Some(journal) = Journal::read(claim, UNDOING)? {
        return Ok(Recovery::Undone { kept: undo(disk, claim, &journal)? });
    }
    let Some(journal) = Journal::read(claim, COMMITTED)? else {
        return check_empty(claim).map(|()| Recovery::Cleaned);
    };
    if !forward::is_whole(claim, &journal)? {
        return Ok(Recovery::Undone { kept: undo(disk, claim, &journal)? });
    }
    let mut kept = Vec::new();
    let mut taken = |entry: &Entry| {
        kept.push(stays(&entry.path));
        Ok(())
    };
    match forward::run(disk, claim, &journal, &mut taken) {
        Err(error) if exit_code(&error) == REFUSED => Ok(Recovery::Undone { kept: undo(disk, claim, &journal)? }),
        result => {
            result?;
            kept.extend(finish::discard(disk, claim, &journal)?);
            Ok(Recovery::Finished { kept })
        }
    }
}

/// Checks that nothing of the user's is in the transaction folder: no run leaves it there without a
/// journal.
fn check_empty(claim: &Claim) -> anyhow::Result<()> {
    let names = claim.names().with_context(|| format!("cannot read {}", claim.shown().display()))?;
    match names.iter().find(|name| name.starts_with("old.") || name.starts_with("back.")) {
        None => Ok(()),
        Some(name) => Err(refused(format!(
            "{} holds {name}, which a run had replaced, but not the journal of that run.\n\
             Look at what is there with `git status`, copy back what you miss, delete that folder, and run again.",
            claim.shown().display()
        ))),
    }
}
