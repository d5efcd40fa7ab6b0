//! The end of a transaction that is done: what it replaced or removed goes for good.

use anyhow::Context;

use super::claim::Claim;
use super::disk::Disk;
use super::files::{Names, is_old};
use super::journal::{COMMITTED, DONE, Journal};
use super::keep::beside;

/// Removes the old files, then the journal. One that somebody has written to since the last look, by
/// a file that was still open, is kept, and that is said.
pub(super) fn discard(disk: &mut Disk<'_>, claim: &Claim, journal: &Journal) -> anyhow::Result<Vec<String>> {
    let mut kept = Vec::new();
    for entry in journal.files() {
        let Some(old) = &entry.old else { continue };
        let names = Names::of(claim, entry)?;
        if names.old.find()?.is_none() {
            continue;
        }
        if is_old(&names.old, old)? {
            disk.remove_file(&names.old).with_context(|| format!("cannot remove {}", names.old.shown().display()))?;
        } else {
            kept.extend(beside(disk, claim, &names.old, &entry.path)?);
        }
    }
    let journal = claim.spot(if journal.replaces() { DONE } else { COMMITTED });
    disk.remove_file(&journal).with_context(|| format!("cannot remove {}", journal.shown().display()))?;
    Ok(kept)
}
