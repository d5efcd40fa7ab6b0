//! After the commit: old files out, staged files to their places. Every step may have been taken
//! already, by the run that was cut off.

use std::collections::BTreeSet;
use std::io;

use anyhow::Context;

use super::claim::Claim;
use super::disk::{Disk, has_no_links, is_not_offered};
use super::files::{Names, Progress, is_old};
use super::journal::{COMMITTED, DONE, Entry, Journal, Old};
use super::spot::Spot;
use super::stage::changed;
use crate::apply::path::split;
use crate::failure::refused;

/// Hears of a new file whose place somebody else has taken, and that is left alone.
pub(super) type Taken<'t> = dyn FnMut(&Entry) -> anyhow::Result<()> + 't;

/// Does everything that the journal says, up to the point where nothing can go wrong any more.
///
/// # Errors
/// Refused when something of the user's is not as it was; otherwise when the disk refuses. Then it
/// has to be undone.
pub(super) fn run(disk: &mut Disk<'_>, claim: &Claim, journal: &Journal, taken: &mut Taken<'_>) -> anyhow::Result<()> {
    for entry in journal.removals() {
        take(disk, claim, entry).with_context(|| doing("remove", claim, entry))?;
    }
    remove_emptied(disk, claim, journal)?;
    make_folders(disk, claim, journal)?;
    for entry in journal.writes() {
        let placed = match &entry.old {
            None => place(disk, claim, entry).with_context(|| doing("create", claim, entry))?,
            Some(old) => replace(disk, claim, entry, old).with_context(|| doing("replace", claim, entry))?,
        };
        if !placed {
            taken(entry)?;
        }
    }
    if !journal.replaces() {
        return Ok(());
    }
    for entry in journal.files() {
        check_old(claim, entry)?;
    }
    flush_folders(disk, claim, journal)?;
    let committed = claim.spot(COMMITTED);
    disk.rename(&committed, &claim.spot(DONE)).with_context(|| format!("cannot rename {}", committed.shown().display()))
}

fn doing(what: &str, claim: &Claim, entry: &Entry) -> String {
    format!("cannot {what} {}", claim.root().join(&entry.path).display())
}

/// Whether every new file is either staged as it was written or in its place: not so after a power
/// loss, perhaps.
pub(super) fn is_whole(claim: &Claim, journal: &Journal) -> io::Result<bool> {
    for entry in journal.writes() {
        let names = Names::of(claim, entry)?;
        let placed = match (names.staged.find()?, &names.place) {
            (Some(staged), Some(place)) => place.find()?.is_some_and(|found| found.is_same(&staged)),
            (None, Some(place)) => place.find()?.is_some(),
            (_, None) => false,
        };
        if !placed && !names.is_ours(&names.staged)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Moves a file that is to be removed into the transaction folder.
fn take(disk: &mut Disk<'_>, claim: &Claim, entry: &Entry) -> anyhow::Result<()> {
    let names = Names::of(claim, entry)?;
    let (Some(place), Some(old)) = (&names.place, &entry.old) else { return Ok(()) };
    if names.progress()? == Progress::Moved || place.find()?.is_none() {
        return Ok(());
    }
    if !is_old(place, old)? {
        return Err(changed(&place.shown().display(), "was changed"));
    }
    match disk.rename(place, &names.old) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        // What was moved is looked at once more in the end.
        result => Ok(result?),
    }
}

/// Removes the folders that are empty without what was removed.
fn remove_emptied(disk: &mut Disk<'_>, claim: &Claim, journal: &Journal) -> anyhow::Result<()> {
    for folder in journal.emptied().iter().rev() {
        remove_if_empty(disk, claim, &folder.path)?;
    }
    Ok(())
}

/// Removes a folder; one that is not empty, or not a folder any more, stays.
pub(super) fn remove_if_empty(disk: &mut Disk<'_>, claim: &Claim, path: &str) -> anyhow::Result<()> {
    use io::ErrorKind::{DirectoryNotEmpty, NotADirectory};
    let doing = || format!("cannot remove {}", claim.root().join(path).display());
    let Some(at) = claim.at(path).with_context(doing)? else { return Ok(()) };
    match disk.remove_folder(&at) {
        Err(error) if matches!(error.kind(), DirectoryNotEmpty | NotADirectory) => Ok(()),
        result => result.with_context(doing),
    }
}

/// Makes the folders that lead to the new files.
///
/// # Errors
/// Refused when something else stands where a folder belongs, a symbolic link above all.
fn make_folders(disk: &mut Disk<'_>, claim: &Claim, journal: &Journal) -> anyhow::Result<()> {
    for path in journal.needed_folders() {
        let shown = claim.root().join(path);
        let doing = || format!("cannot create the directory {}", shown.display());
        let Some(at) = claim.at(path).with_context(doing)? else { return Err(not_there(&shown.display())) };
        match at.find().with_context(doing)? {
            None => disk.create_folder(&at).with_context(doing)?,
            Some(found) if found.is_folder() => {}
            Some(found) => return Err(refused(format!("{} is {}, not a directory", shown.display(), found.kind()))),
        }
    }
    Ok(())
}

fn not_there(shown: &impl std::fmt::Display) -> anyhow::Error {
    refused(format!("the directory of {shown} is not there any more, or is something else"))
}

/// Gives a new file its place, unless it has it already. False when something else stands there,
/// which is left alone.
fn place(disk: &mut Disk<'_>, claim: &Claim, entry: &Entry) -> anyhow::Result<bool> {
    let names = Names::of_next(claim, entry)?;
    let Some(place) = &names.place else { return Err(not_there(&claim.root().join(&entry.path).display())) };
    put(disk, &names, place)
}

/// A second name for the file does this without any gap; without links it is renamed.
fn put(disk: &mut Disk<'_>, names: &Names<'_>, place: &Spot) -> anyhow::Result<bool> {
    let result = match disk.link(&names.staged, place) {
        Err(error) if has_no_links(&error) => disk.rename_new(&names.staged, place),
        result => result,
    };
    match result {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(names.stands(place)?),
        // Renamed before the run was cut off.
        Err(error) if error.kind() == io::ErrorKind::NotFound && names.stands(place)? => Ok(true),
        result => Ok(result.map(|()| true)?),
    }
}

/// Swaps a new file with the one that it replaces.
fn replace(disk: &mut Disk<'_>, claim: &Claim, entry: &Entry, old: &Old) -> anyhow::Result<bool> {
    let names = Names::of(claim, entry)?;
    let Some(place) = &names.place else { return Err(not_there(&claim.root().join(&entry.path).display())) };
    if names.progress()? == Progress::Before {
        if !is_old(place, old)? {
            return Err(changed(&place.shown().display(), "was changed"));
        }
        swap(disk, &names, place)?;
    }
    // Whatever else has its place by now is newer, and seen by the check of the old file if it came
    // before the swap.
    if place.find()?.is_some() {
        return Ok(true);
    }
    if !put(disk, &names, place)? {
        return Err(changed(&place.shown().display(), "was changed"));
    }
    Ok(true)
}

/// Brings the old file into the transaction folder; the new one has its place then, or nothing has.
fn swap(disk: &mut Disk<'_>, names: &Names<'_>, place: &Spot) -> anyhow::Result<()> {
    let linked = match disk.link(&names.staged, &names.old) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => true,
        Err(error) if has_no_links(&error) => false,
        result => result.map(|()| true)?,
    };
    let swapped = if linked { disk.exchange(&names.old, place) } else { Err(io::ErrorKind::Unsupported.into()) };
    let moved = match swapped {
        // Over the second name of the new file, where there is one.
        Err(error) if is_not_offered(&error) => disk.rename(place, &names.old),
        result => result,
    };
    match moved {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(changed(&place.shown().display(), "is gone")),
        result => Ok(result?),
    }
}

/// Checks that nobody has written to an old file, also not through a file that was still open.
fn check_old(claim: &Claim, entry: &Entry) -> anyhow::Result<()> {
    let Some(old) = &entry.old else { return Ok(()) };
    let shown = claim.root().join(&entry.path);
    let doing = || format!("cannot look at {}", shown.display());
    let names = Names::of(claim, entry).with_context(doing)?;
    // A file to remove that was gone before its turn.
    let missing = names.old.find().with_context(doing)?.is_none();
    if missing || is_old(&names.old, old).with_context(doing)? {
        return Ok(());
    }
    Err(changed(&shown.display(), "was changed"))
}

/// Makes sure of the new names before the old files go.
pub(super) fn flush_folders(disk: &mut Disk<'_>, claim: &Claim, journal: &Journal) -> anyhow::Result<()> {
    let folders: BTreeSet<&str> = journal.files().iter().map(|entry| split(&entry.path).0).collect();
    for folder in folders {
        // Any name in a folder opens it.
        let inside = if folder.is_empty() { "x".to_owned() } else { format!("{folder}/x") };
        let doing = || format!("cannot write {}", claim.root().join(folder).display());
        if let Some(at) = claim.at(&inside).with_context(doing)? {
            disk.flush(at.folder(), &claim.root().join(folder)).with_context(doing)?;
        }
    }
    Ok(())
}
