//! The ground that a transaction stands on: the target, the folders above it that have to be made,
//! and our own folders in it.

use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::rc::Rc;

use anyhow::Context;
use rustix::fs::{Mode as Bits, OFlags, openat};

use super::disk::Disk;
use super::spot::Spot;
use crate::apply::folder::Folder;
use crate::apply::path::split;
use crate::apply::{OWN_FOLDER, TRANSACTION_FOLDER};
use crate::failure::refused;
use crate::render::file_set::Mode;

/// The file of the transaction folder that is locked.
pub(super) const OWNER: &str = "owner";

/// The folders that lead to `root` and do not exist, outermost first, `root` included.
pub(super) fn missing_folders(root: &Path) -> anyhow::Result<Vec<&Path>> {
    let mut missing = Vec::new();
    for folder in root.ancestors().filter(|folder| !folder.as_os_str().is_empty()) {
        if fs::exists(folder).with_context(|| format!("cannot look at {}", folder.display()))? {
            break;
        }
        missing.push(folder);
    }
    missing.reverse();
    Ok(missing)
}

/// Whether an error means that another run has made or removed the same thing meanwhile.
pub(super) fn is_race(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::AlreadyExists | io::ErrorKind::NotFound)
}

/// Makes the target or a folder above it unless it is there, also when another run makes it at the
/// same time.
pub(super) fn ensure_root(disk: &mut Disk<'_>, root: &Path, folder: &Path) -> anyhow::Result<()> {
    match disk.create_root(folder) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && folder.is_dir() => Ok(()),
        // What leads to it was there a moment ago: another run has failed and undone it.
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(busy(root)),
        result => result.with_context(|| cannot_create(folder)),
    }
}

pub(super) fn open_target(root: &Path) -> anyhow::Result<Rc<Folder>> {
    match Folder::open(root) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(busy(root)),
        target => Ok(Rc::new(target.with_context(|| format!("cannot look at {}", root.display()))?)),
    }
}

pub(super) fn ensure_own_folder(disk: &mut Disk<'_>, root: &Path, own: &Spot) -> anyhow::Result<()> {
    match disk.create_folder(own) {
        // Whether it is a folder is seen when it is opened.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(busy(root)),
        result => result.with_context(|| cannot_create(own.shown())),
    }
}

/// Where the transaction folder is, or is to be made; nothing without the folder that it is in.
pub(super) fn transaction_folder(root: &Path, own: &Spot) -> anyhow::Result<Option<Spot>> {
    let shown = root.join(TRANSACTION_FOLDER);
    let name = split(TRANSACTION_FOLDER).1;
    Ok(open_ours(own)?.map(|open| Spot::new(Rc::new(open), name, shown)))
}

/// Opens a folder of ours, if it is there.
///
/// # Errors
/// Refused when it is something else: a symbolic link could lead out of the target.
pub(super) fn open_ours(at: &Spot) -> anyhow::Result<Option<Folder>> {
    let doing = || format!("cannot look at {}", at.shown().display());
    match at.open() {
        Ok(open) => Ok(Some(open)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
            let kind = at.find().with_context(doing)?.map_or("gone", |found| found.kind());
            Err(refused(format!("{} is {kind}: seaworthy needs a directory there", at.shown().display())))
        }
        Err(error) => Err(error).with_context(doing),
    }
}

pub(super) fn cannot_create(folder: &Path) -> String {
    format!("cannot create the directory {}", folder.display())
}

/// Removes our own folder and the innermost `made` folders of `root`, as far as they are empty.
pub(super) fn remove_empty(disk: &mut Disk<'_>, root: &Path, made: usize) -> io::Result<()> {
    use io::ErrorKind::{DirectoryNotEmpty, ResourceBusy};
    let own = root.join(OWN_FOLDER);
    for folder in std::iter::once(own.as_path()).chain(root.ancestors().take(made)) {
        match disk.remove_root(folder) {
            // A mount point is busy.
            Err(error) if matches!(error.kind(), DirectoryNotEmpty | ResourceBusy) => return Ok(()),
            result => result?,
        }
    }
    Ok(())
}

/// Opens the owner file of another run, to be locked. One that died before it had written any gets
/// an empty one.
pub(super) fn open_left_over(disk: &mut Disk<'_>, owner: &Spot) -> io::Result<File> {
    match owner.find()? {
        None => drop(disk.create_file(owner, Mode::Regular)?),
        Some(found) if found.is_file() => {}
        Some(_) => return Err(io::Error::other("it is not a regular file")),
    }
    // Some network file systems lock only what is open for writing.
    let flags = OFlags::RDWR | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    Ok(File::from(openat(owner.folder(), owner.name(), flags, Bits::empty())?))
}

pub(super) fn cannot_tell(owner: &Path) -> String {
    format!(
        "cannot tell whether the run that left {} is still going on; if none is, delete that file and run again",
        owner.display()
    )
}

pub(super) fn busy(root: &Path) -> anyhow::Error {
    let owner = root.join(TRANSACTION_FOLDER).join(OWNER);
    let pid = fs::read_to_string(owner).ok().and_then(|text| text.lines().next().map(str::to_owned));
    let pid = pid.filter(|pid| pid.starts_with("pid ")).map(|pid| format!(" ({pid})")).unwrap_or_default();
    refused(format!(
        "another run of seaworthy{pid} is writing to {}: wait until it is done, and run again",
        root.display()
    ))
}
