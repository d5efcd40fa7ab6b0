//! Bytes of the user's that have lost their place go beside it, under a name of their own.

use std::io;

use anyhow::Context;

use super::claim::Claim;
use super::disk::Disk;
use super::spot::{Holds, Spot};
use crate::apply::path::split;

/// What is added to the name.
const SUFFIX: &str = ".seaworthy-old";
/// How many names are tried: more than there will ever be at once.
const MOST: usize = 1000;

/// Moves something out of the transaction folder and beside the place where it was, and says so.
/// Nothing to say when the same bytes stand there.
pub(super) fn beside(disk: &mut Disk<'_>, claim: &Claim, from: &Spot, path: &str) -> anyhow::Result<Option<String>> {
    let doing = || format!("cannot keep what {path} held, which is in {}", from.shown().display());
    let place = claim.at(path).with_context(doing)?;
    if let Some(place) = &place
        && is_equal(from, place).with_context(doing)?
    {
        disk.remove_file(from).with_context(doing)?;
        return Ok(None);
    }
    // Where the folder is gone, the target itself has to do.
    let (place, path) = if let Some(place) = place {
        (place, path.to_owned())
    } else {
        let name = path.replace('/', "-");
        (claim.at(&name).with_context(doing)?.context("the target is gone").with_context(doing)?, name)
    };
    for number in 1..=MOST {
        let suffix = if number == 1 { SUFFIX.to_owned() } else { format!("{SUFFIX}-{number}") };
        let to = place.beside(&format!("{}{suffix}", split(&path).1));
        match disk.rename_new(from, &to) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            result => {
                result.with_context(doing)?;
                return Ok(Some(format!("what {path} held before is in {path}{suffix}")));
            }
        }
    }
    Err(io::Error::from(io::ErrorKind::AlreadyExists)).with_context(doing)
}

/// Whether both are files with the same bytes.
fn is_equal(one: &Spot, other: &Spot) -> io::Result<bool> {
    Ok(match (one.read()?, other.read()?) {
        (Holds::File { sha256: one, .. }, Holds::File { sha256: other, .. }) => one == other,
        _ => false,
    })
}

/// That a file was changed by somebody else and stays.
pub(super) fn stays(path: &str) -> String {
    format!("{path} was changed meanwhile, and is kept as it is")
}

/// Puts something back to its place, or beside it when the place is taken.
pub(super) fn put_back(disk: &mut Disk<'_>, claim: &Claim, from: &Spot, path: &str) -> anyhow::Result<Option<String>> {
    let shown = claim.root().join(path);
    let doing = || format!("cannot put back {}, which is in {}", shown.display(), from.shown().display());
    make_parents(disk, claim, path).with_context(doing)?;
    let Some(place) = claim.at(path).with_context(doing)? else { return beside(disk, claim, from, path) };
    match disk.rename_new(from, &place) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => beside(disk, claim, from, path),
        result => result.map(|()| None).with_context(doing),
    }
}

/// Makes the folders that lead to a path, as far as nothing else stands in their place.
fn make_parents(disk: &mut Disk<'_>, claim: &Claim, path: &str) -> io::Result<()> {
    for (end, _) in path.match_indices('/') {
        let Some(at) = claim.at(&path[..end])? else { return Ok(()) };
        if at.find()?.is_none() {
            disk.create_folder(&at)?;
        }
    }
    Ok(())
}
