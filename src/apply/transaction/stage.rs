//! Before the commit: a look at what is to be replaced or removed, and the new files into the
//! transaction folder.

use std::io;

use anyhow::Context;
use rustix::fs::RawMode;

use super::claim::Claim;
use super::disk::Disk;
use super::journal::{Entry, Old};
use super::operation::{Expected, Operation};
use super::spot::{Holds, Spot};
use crate::apply::folder::Found;
use crate::apply::lock::sha256;
use crate::failure::refused;
use crate::render::file_set::Mode;

/// Permission bits that a file passes on to the one that replaces it.
const PASSED_ON: RawMode = 0o777;

/// Writes all new files into the transaction folder.
///
/// # Errors
/// Refused when something other than expected is there, or it is read-only.
pub(super) fn stage(disk: &mut Disk<'_>, claim: &Claim, operations: &[&Operation]) -> anyhow::Result<Vec<Entry>> {
    let mut files = Vec::with_capacity(operations.len());
    let mut existing = Vec::with_capacity(operations.len());
    for (number, operation) in operations.iter().enumerate() {
        let expected = expected(claim, operations, operation)?;
        let found = look(claim, operation.path(), expected)?;
        if found.is_none() && !operation.is_write() {
            check_absent(claim, operation.path())?;
        }
        let old = found.as_ref().zip(expected.sha256());
        let old = old.map(|(found, sha256)| Old { sha256: sha256.to_owned(), mode: found.mode() });
        let new = match operation {
            Operation::Write { contents, .. } => Some(sha256(contents)),
            Operation::Remove { .. } => None,
        };
        // To remove what is not there is done already.
        if new.is_some() || old.is_some() {
            files.push(Entry { path: operation.path().to_owned(), number, new, old });
            existing.push((operation, found));
        }
    }
    let replaces = existing.iter().any(|(_, found)| found.is_some());
    // Who commits everything after a run was cut off does not commit this folder.
    let ignore = claim.spot(".gitignore");
    let mut file = disk.create_file(&ignore, Mode::Regular).context("cannot prepare the transaction")?;
    disk.write(&mut file, &ignore, b"*\n").context("cannot prepare the transaction")?;
    for (entry, (operation, found)) in files.iter().zip(existing) {
        if let Operation::Write { path, contents, mode, .. } = operation {
            let new = NewFile { at: claim.spot(&entry.staged_name()), contents, mode: *mode, replaces: found };
            new.write(disk, replaces).with_context(|| format!("cannot write {path}"))?;
        }
    }
    Ok(files)
}

/// What is expected at the path of an operation when its turn comes.
///
/// On a file system that does not tell cases apart, a file that gets its own name in other case has
/// been seen under both: it is gone from the second once it is removed from the first.
fn expected<'a>(claim: &Claim, all: &[&Operation], operation: &'a Operation) -> anyhow::Result<&'a Expected> {
    let (path, expected) = (operation.path(), operation.expected());
    if !operation.is_write() {
        return Ok(expected);
    }
    let lower = path.to_lowercase();
    let other = all.iter().find(|other| !other.is_write() && other.path().to_lowercase() == lower);
    let Some(other) = other else { return Ok(expected) };
    let find = |path: &str| claim.find(path).with_context(|| format!("cannot look at {path}"));
    let same = match (find(path)?, find(other.path())?) {
        (Some(one), Some(other)) => one.is_same(&other),
        _ => false,
    };
    Ok(if same { &Expected::Absent } else { expected })
}

/// Checks that the expected file is there and may be changed. What is to be made is looked at when
/// it gets its place, which fails when something is there.
fn look(claim: &Claim, path: &str, expected: &Expected) -> anyhow::Result<Option<Found>> {
    let Some(hash) = expected.sha256() else { return Ok(None) };
    let shown = claim.root().join(path);
    let doing = || format!("cannot look at {}", shown.display());
    let Some(at) = claim.at(path).with_context(doing)? else { return Err(changed(&shown.display(), "is gone")) };
    match at.read().with_context(doing)? {
        Holds::File { sha256, found } if sha256 == hash => {
            check_writable(&at, &found)?;
            Ok(Some(found))
        }
        Holds::File { .. } => Err(changed(&shown.display(), "was edited")),
        Holds::Nothing => Err(changed(&shown.display(), "is gone")),
        Holds::Other(found) => Err(changed(&shown.display(), &format!("is {} now", found.kind()))),
    }
}

/// Checks that what needs no removing is indeed not there. What is to be made is looked at later.
fn check_absent(claim: &Claim, path: &str) -> anyhow::Result<()> {
    let shown = claim.root().join(path);
    match claim.find(path).with_context(|| format!("cannot look at {}", shown.display()))? {
        None => Ok(()),
        Some(_) => Err(changed(&shown.display(), "appeared")),
    }
}

/// That something is not as it was when the operations were decided.
pub(super) fn changed(shown: &impl std::fmt::Display, how: &str) -> anyhow::Error {
    refused(format!("{shown} {how} since this run looked at it; run again"))
}

/// A rename would replace a file that nobody may write to: whoever took the permission away meant it.
fn check_writable(at: &Spot, found: &Found) -> anyhow::Result<()> {
    let shown = at.shown().display();
    if found.mode() & 0o222 == 0 {
        return Err(refused(format!(
            "{shown} is read-only: allow writing to it (chmod u+w), or `seaworthy detach` it, and run again"
        )));
    }
    at.check_writable().with_context(|| format!("cannot write to {shown}"))
}

/// A file to be staged.
struct NewFile<'a> {
    at: Spot,
    contents: &'a [u8],
    mode: Mode,
    /// What it will replace.
    replaces: Option<Found>,
}

impl NewFile<'_> {
    fn write(&self, disk: &mut Disk<'_>, flush: bool) -> io::Result<()> {
        let mut file = disk.create_file(&self.at, self.mode)?;
        disk.write(&mut file, &self.at, self.contents)?;
        if let Some(old) = &self.replaces {
            let new = Found::of(&file)?;
            if new.owner() != old.owner() {
                // Only root may give files away; then it is ours, as after any editor.
                let _ = disk.set_owner(&file, &self.at, old.owner());
            }
            let mode = mode_after(old.mode(), self.mode);
            if new.mode() != mode {
                disk.set_mode(&file, &self.at, mode)?;
            }
        }
        if flush { disk.flush(&file, self.at.shown()) } else { Ok(()) }
    }
}

/// The old permission bits with the executable ones set for everybody who may read, or cleared.
fn mode_after(old: RawMode, mode: Mode) -> RawMode {
    let executable = match mode {
        Mode::Executable => (old & 0o444) >> 2,
        Mode::Regular => 0,
    };
    (old & PASSED_ON & !0o111) | executable
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_executable_bits_change() {
        assert_eq!(mode_after(0o640, Mode::Executable), 0o750);
        assert_eq!(mode_after(0o750, Mode::Regular), 0o640);
        assert_eq!(mode_after(0o600, Mode::Regular), 0o600);
        assert_eq!(mode_after(0o755, Mode::Executable), 0o755);
        // Execution only for some of those who may read becomes execution for all of them.
        assert_eq!(mode_after(0o744, Mode::Executable), 0o755);
    }
}
