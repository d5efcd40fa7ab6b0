//! One file of a transaction: its place, and its names in the transaction folder.
//!
//! | what | at its place | `N` | `old.N` |
//! |---|---|---|---|
//! | before | the old file | the new file | nothing, or a second name of the new file |
//! | placed | the new file | the same file | the old file |
//! | between, where files cannot be swapped | nothing | the new file | the old file |
//!
//! So what has happened to a file can be seen from its names alone, wherever a run was cut off. On
//! file systems without links the new file has only one name at a time.

use std::io;

use super::claim::Claim;
use super::journal::{Entry, Old};
use super::spot::{Holds, Spot};

/// One file of a transaction.
pub(super) struct Names<'a> {
    pub(super) entry: &'a Entry,
    /// The new contents.
    pub(super) staged: Spot,
    /// What was replaced or removed.
    pub(super) old: Spot,
    /// What was taken back from its place.
    pub(super) back: Spot,
    /// Where it belongs; nothing when the folder is not there.
    pub(super) place: Option<Spot>,
}

/// How far a file has come.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// The old file has its place.
    Before,
    /// The old file is in the transaction folder.
    Moved,
}

impl<'a> Names<'a> {
    pub(super) fn of(claim: &Claim, entry: &'a Entry) -> io::Result<Self> {
        Ok(Self::with_place(claim, entry, claim.at(&entry.path)?))
    }

    /// Of a new file in a row of them: see [`Claim::at_again`].
    pub(super) fn of_next(claim: &Claim, entry: &'a Entry) -> io::Result<Self> {
        Ok(Self::with_place(claim, entry, claim.at_again(&entry.path)?))
    }

    fn with_place(claim: &Claim, entry: &'a Entry, place: Option<Spot>) -> Self {
        Self {
            entry,
            staged: claim.spot(&entry.staged_name()),
            old: claim.spot(&entry.old_name()),
            back: claim.spot(&entry.back_name()),
            place,
        }
    }

    /// Whether the old file is in the transaction folder.
    pub(super) fn progress(&self) -> io::Result<Progress> {
        let before = match (self.old.find()?, self.staged.find()?) {
            (None, _) => true,
            (Some(old), Some(staged)) => old.is_same(&staged),
            (Some(_), None) => false,
        };
        Ok(if before { Progress::Before } else { Progress::Moved })
    }

    /// Whether a name holds the new file, unchanged.
    pub(super) fn is_ours(&self, at: &Spot) -> io::Result<bool> {
        let Holds::File { sha256, found } = at.read()? else { return Ok(false) };
        let same = self.staged.find()?.is_none_or(|staged| staged.is_same(&found));
        Ok(same && self.entry.new.as_ref() == Some(&sha256))
    }

    /// Whether the place holds the new file, perhaps edited since, or one with the same contents.
    pub(super) fn stands(&self, place: &Spot) -> io::Result<bool> {
        let Holds::File { sha256, found } = place.read()? else { return Ok(false) };
        let same = self.staged.find()?.is_some_and(|staged| staged.is_same(&found));
        Ok(same || self.entry.new.as_ref() == Some(&sha256))
    }
}

/// Whether a name holds the file that was to be replaced or removed, unchanged.
pub(super) fn is_old(at: &Spot, old: &Old) -> io::Result<bool> {
    Ok(match at.read()? {
        Holds::File { sha256, found } => sha256 == old.sha256 && found.mode() == old.mode,
        _ => false,
    })
}
