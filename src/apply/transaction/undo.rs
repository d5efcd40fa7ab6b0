//! After the commit, but back: whatever the journal did is undone, except where somebody has written
//! since. Every step may have been taken already, by a run that was cut off.

use anyhow::Context;

use super::claim::Claim;
use super::disk::{Disk, is_not_offered};
use super::files::{Names, Progress};
use super::forward::{flush_folders, remove_if_empty};
use super::journal::{COMMITTED, Emptied, Entry, Journal, UNDOING};
use super::keep::{beside, put_back, stays};
use super::spot::Spot;
use crate::apply::folder::Found;

/// Takes back every file and folder of the journal that is still as we made it, puts back what was
/// there before, and says what could not have its place.
pub(super) fn undo(disk: &mut Disk<'_>, claim: &Claim, journal: &Journal) -> anyhow::Result<Vec<String>> {
    let committed = claim.spot(COMMITTED);
    let undoing = claim.spot(UNDOING);
    if committed.find().with_context(|| cannot("look at", &committed))?.is_some() {
        disk.rename(&committed, &undoing).with_context(|| cannot("rename", &committed))?;
    }
    let mut kept = Vec::new();
    for entry in journal.writes().rev() {
        kept.extend(withdraw(disk, claim, entry)?);
    }
    for folder in journal.new_folders().iter().rev() {
        remove_if_empty(disk, claim, folder)?;
    }
    for folder in journal.emptied() {
        restore_folder(disk, claim, folder).with_context(|| format!("cannot restore {}", folder.path))?;
    }
    for entry in journal.removals().rev() {
        let names = Names::of(claim, entry)?;
        if names.old.find()?.is_some() {
            kept.extend(put_back(disk, claim, &names.old, &entry.path)?);
        }
    }
    if journal.replaces() {
        flush_folders(disk, claim, journal)?;
    }
    discard_ours(disk, claim, journal)?;
    // Before the staged files go, which tell our files from others with the same contents.
    disk.remove_file(&undoing).with_context(|| cannot("remove", &undoing))?;
    Ok(kept)
}

fn cannot(what: &str, at: &Spot) -> String {
    format!("cannot {what} {}", at.shown().display())
}

/// Takes a new file back, and gives its place to what was there before.
fn withdraw(disk: &mut Disk<'_>, claim: &Claim, entry: &Entry) -> anyhow::Result<Vec<String>> {
    let names = Names::of(claim, entry)?;
    let doing = || format!("cannot take back {}", claim.root().join(&entry.path).display());
    let mut kept = Vec::new();
    settle_back(disk, claim, &names, &mut kept)?;
    let moved = entry.old.is_some() && names.progress().with_context(doing)? == Progress::Moved;
    if entry.old.is_some() && !moved {
        return Ok(kept);
    }
    let mut free = true;
    if let Some(place) = &names.place
        && place.find().with_context(doing)?.is_some()
    {
        free = false;
        if names.is_ours(place).with_context(doing)? {
            if moved && swap_back(disk, &names, place).with_context(doing)? {
                return Ok(kept);
            }
            free = take_back(disk, claim, &names, place, &mut kept)?;
        }
        if !free {
            kept.push(stays(&entry.path));
        }
    }
    if moved {
        let note = if free {
            put_back(disk, claim, &names.old, &entry.path)
        } else {
            beside(disk, claim, &names.old, &entry.path)
        };
        kept.extend(note?);
    }
    Ok(kept)
}

/// Swaps the old file with ours. False when they have to be moved one by one.
fn swap_back(disk: &mut Disk<'_>, names: &Names<'_>, place: &Spot) -> anyhow::Result<bool> {
    match disk.exchange(&names.old, place) {
        Err(error) if is_not_offered(&error) => return Ok(false),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(false),
        result => result?,
    }
    if names.is_ours(&names.old)? {
        return Ok(true);
    }
    // Somebody wrote just before: the newest has its place again, and the old file goes beside it.
    disk.exchange(&names.old, place)?;
    Ok(false)
}

/// Moves our file out of its place. False when it was not ours any more: then it stays.
fn take_back(
    disk: &mut Disk<'_>,
    claim: &Claim,
    names: &Names<'_>,
    place: &Spot,
    kept: &mut Vec<String>,
) -> anyhow::Result<bool> {
    if !names.is_ours(place)? {
        return Ok(false);
    }
    match disk.rename(place, &names.back) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(true),
        result => result.with_context(|| cannot("take back", place))?,
    }
    if names.is_ours(&names.back)? {
        return Ok(true);
    }
    kept.extend(put_back(disk, claim, &names.back, &names.entry.path)?);
    Ok(false)
}

/// What was being taken back when a run was cut off: ours, or else it returns to its place.
fn settle_back(disk: &mut Disk<'_>, claim: &Claim, names: &Names<'_>, kept: &mut Vec<String>) -> anyhow::Result<()> {
    if names.back.find()?.is_none() {
        return Ok(());
    }
    if names.is_ours(&names.back)? {
        // A rename from one name of a file to another one would do nothing.
        return disk.remove_file(&names.back).with_context(|| cannot("remove", &names.back));
    }
    kept.extend(put_back(disk, claim, &names.back, &names.entry.path)?);
    Ok(())
}

/// Makes a folder again that went with its last file.
fn restore_folder(disk: &mut Disk<'_>, claim: &Claim, folder: &Emptied) -> anyhow::Result<()> {
    let Some(at) = claim.at(&folder.path)? else { return Ok(()) };
    match at.find()? {
        None => disk.create_folder(&at)?,
        // Perhaps made by an undoing that was cut off before it set the mode.
        Some(found) if found.is_folder() && at.open()?.names()?.is_empty() => {}
        Some(_) => return Ok(()),
    }
    let open = at.open()?;
    if Found::of(open.file())?.mode() != folder.mode {
        disk.set_mode(open.file(), &at, folder.mode)?;
    }
    Ok(())
}

/// Removes the names of new files that stand where old ones and taken back ones do.
fn discard_ours(disk: &mut Disk<'_>, claim: &Claim, journal: &Journal) -> anyhow::Result<()> {
    for entry in journal.files() {
        let names = Names::of(claim, entry)?;
        for at in [&names.old, &names.back] {
            if at.find()?.is_some() {
                disk.remove_file(at).with_context(|| cannot("remove", at))?;
            }
        }
    }
    Ok(())
}
