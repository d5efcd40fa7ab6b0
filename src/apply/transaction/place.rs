//! After the commit: staged files to their places, or back out of them.

use std::fs;
use std::io;
use std::path::PathBuf;

use anyhow::Context;

use super::claim::Claim;
use super::disk::{Disk, is_same_file};
use super::journal::{COMMITTED, Entry, Journal, UNDOING};
use crate::apply::lock::sha256;
use crate::apply::target::{OnDisk, inspect, kind, read_below};
use crate::failure::refused;

/// Makes the folders that lead to the files.
///
/// # Errors
/// Refused when something else stands where a folder belongs, a symbolic link above all.
pub(super) fn make_folders(disk: &mut Disk<'_>, claim: &Claim, journal: &Journal) -> anyhow::Result<()> {
    for folder in journal.all_folders() {
        let path = claim.root().join(folder);
        let doing = || format!("cannot create the directory {}", path.display());
        match inspect(&path).with_context(doing)? {
            None => disk.create_folder(&path).with_context(doing)?,
            Some(found) if found.is_dir() => {}
            Some(found) => return Err(refused(format!("{} is {}, not a directory", path.display(), kind(&found)))),
        }
    }
    Ok(())
}

/// Gives one file its place, unless it has it already. False when something else stands there,
/// which is left alone.
pub(super) fn place(disk: &mut Disk<'_>, claim: &Claim, entry: &Entry) -> anyhow::Result<bool> {
    let to = claim.root().join(&entry.path);
    let doing = || format!("cannot create {}", to.display());
    match disk.place(&staged(claim, entry), &to) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => stands(claim, entry).with_context(doing),
        // Staged by a rename before the run was cut off.
        Err(error) if error.kind() == io::ErrorKind::NotFound && stands(claim, entry).with_context(doing)? => Ok(true),
        result => result.map(|()| true).with_context(doing),
    }
}

/// Whether every file is either staged as it was written or in its place: not so after a power
/// loss, perhaps.
pub(super) fn is_whole(claim: &Claim, journal: &Journal) -> anyhow::Result<bool> {
    for entry in journal.files() {
        let staged = staged(claim, entry);
        let whole = match inspect(&staged)? {
            Some(found) if found.is_file() => {
                has_hash(&fs::read(&staged)?, entry) || is_same_file(&staged, &claim.root().join(&entry.path))?
            }
            _ => inspect(&claim.root().join(&entry.path))?.is_some(),
        };
        if !whole {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Takes back every file and folder of the journal that is still as we made it.
pub(super) fn undo(disk: &mut Disk<'_>, claim: &Claim, journal: &Journal) -> anyhow::Result<()> {
    let committed = claim.path(COMMITTED);
    if inspect(&committed)?.is_some() {
        disk.rename(&committed, &claim.path(UNDOING))
            .with_context(|| format!("cannot rename {}", committed.display()))?;
    }
    for entry in journal.files().iter().rev() {
        let path = claim.root().join(&entry.path);
        if is_ours(claim, entry).with_context(|| format!("cannot look at {}", path.display()))? {
            disk.remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))?;
        }
    }
    for folder in journal.new_folders().iter().rev() {
        let path = claim.root().join(folder);
        match disk.remove_folder(&path) {
            Err(error) if matches!(error.kind(), io::ErrorKind::DirectoryNotEmpty | io::ErrorKind::NotADirectory) => {}
            result => result.with_context(|| format!("cannot remove {}", path.display()))?,
        }
    }
    // Before the staged files go, which tell our files from others with the same contents.
    let undoing = claim.path(UNDOING);
    disk.remove_file(&undoing).with_context(|| format!("cannot remove {}", undoing.display()))
}

fn staged(claim: &Claim, entry: &Entry) -> PathBuf {
    claim.path(&entry.staged.to_string())
}

/// Whether the file at the place of an entry is the staged one, or one with the same contents.
fn stands(claim: &Claim, entry: &Entry) -> io::Result<bool> {
    Ok(match read_below(claim.root(), &entry.path)? {
        OnDisk::File(bytes) => {
            has_hash(&bytes, entry) || is_same_file(&staged(claim, entry), &claim.root().join(&entry.path))?
        }
        _ => false,
    })
}

/// Whether the file at the place of an entry is the one that we put there, unchanged.
fn is_ours(claim: &Claim, entry: &Entry) -> io::Result<bool> {
    let OnDisk::File(bytes) = read_below(claim.root(), &entry.path)? else { return Ok(false) };
    let staged = staged(claim, entry);
    let same = inspect(&staged)?.is_none() || is_same_file(&staged, &claim.root().join(&entry.path))?;
    Ok(same && has_hash(&bytes, entry))
}

fn has_hash(bytes: &[u8], entry: &Entry) -> bool {
    sha256(bytes) == entry.sha256
}
