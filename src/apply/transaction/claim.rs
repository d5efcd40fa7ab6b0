//! Taking a target for one run: the transaction folder, and the lock of the file in it.
//!
//! The folder is made exclusively, and its `owner` file stays locked for as long as the process
//! lives. The system drops the lock with the process, so that a run that was killed is told from
//! one that goes on without trusting process ids.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use anyhow::Context;

use super::disk::Disk;
use crate::apply::target::inspect;
use crate::apply::{OWN_FOLDER, TRANSACTION_FOLDER};
use crate::failure::{REFUSED, exit_code, refused};
use crate::render::file_set::Mode;

/// The longest chain of folders that a run makes to get to its target; more in an `owner` file is
/// not from us.
const MOST_LEVELS: usize = 64;

/// A target that belongs to this run.
pub(super) struct Claim {
    root: PathBuf,
    /// How many folders were made to get to the root, itself included.
    made: usize,
    /// Holds the lock.
    owner: File,
}

impl Drop for Claim {
    /// Closing the file would not do while a child of this process still has it: between `fork` and
    /// `exec`.
    fn drop(&mut self) {
        let _ = self.owner.unlock();
    }
}

impl Claim {
    /// Makes the target where it is missing, and the transaction folder in it.
    ///
    /// # Errors
    /// Refused when another run has the target; otherwise when the disk refuses. Then everything
    /// made is gone again.
    pub(super) fn take(disk: &mut Disk<'_>, root: &Path) -> anyhow::Result<Self> {
        let missing = missing_folders(root)?;
        let result = Self::try_take(disk, root, &missing);
        if result.as_ref().is_err_and(|error| exit_code(error) != REFUSED) {
            // The error that is on its way tells more than one of the cleaning.
            let _ = remove_empty(disk, root, missing.len());
        }
        result
    }

    fn try_take(disk: &mut Disk<'_>, root: &Path, missing: &[&Path]) -> anyhow::Result<Self> {
        let own = root.join(OWN_FOLDER);
        for folder in missing.iter().copied().chain([own.as_path()]) {
            ensure_folder(disk, root, folder)?;
        }
        let folder = root.join(TRANSACTION_FOLDER);
        match disk.create_folder(&folder) {
            Err(error) if matches!(error.kind(), io::ErrorKind::AlreadyExists | io::ErrorKind::NotFound) => {
                return Err(busy(root));
            }
            result => result.with_context(|| cannot_create(&folder))?,
        }
        let claim = Self::sign(disk, root, missing.len());
        if claim.as_ref().is_err_and(|error| exit_code(error) != REFUSED) {
            let _ = disk.remove_file(&owner(root));
            let _ = disk.remove_folder(&folder);
        }
        claim
    }

    /// Writes and locks the owner file of a folder that was just made.
    fn sign(disk: &mut Disk<'_>, root: &Path, made: usize) -> anyhow::Result<Self> {
        let path = owner(root);
        let doing = || format!("cannot write {}", path.display());
        let mut file = match disk.create_file(&path, Mode::Regular) {
            // The recovery of another run was faster.
            Err(error) if matches!(error.kind(), io::ErrorKind::AlreadyExists | io::ErrorKind::NotFound) => {
                return Err(busy(root));
            }
            result => result.with_context(doing)?,
        };
        // Without locks (some network file systems) the folder alone has to do.
        if let Err(TryLockError::WouldBlock) = file.try_lock() {
            return Err(busy(root));
        }
        if !is_at(&file, &path).with_context(doing)? {
            return Err(busy(root));
        }
        let text = format!("pid {}\nfolders-made {made}\n", std::process::id());
        disk.write(&mut file, &path, text.as_bytes()).with_context(doing)?;
        Ok(Self { root: root.to_owned(), made, owner: file })
    }

    /// Takes over what a run that is no longer alive left behind.
    ///
    /// # Errors
    /// Refused when that run is alive; otherwise when the disk refuses.
    pub(super) fn take_over(disk: &mut Disk<'_>, root: &Path) -> anyhow::Result<Self> {
        let path = owner(root);
        let mut file = match open_left_over(disk, &path) {
            // The other run, or the recovery of a third one, has just ended or begun.
            Err(error) if matches!(error.kind(), io::ErrorKind::AlreadyExists | io::ErrorKind::NotFound) => {
                return Err(busy(root));
            }
            file => file.with_context(|| format!("cannot take over {}", path.display()))?,
        };
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(busy(root)),
            Err(TryLockError::Error(error)) => return Err(error).with_context(|| cannot_tell(&path)),
        }
        let doing = || format!("cannot read {}", path.display());
        if !is_at(&file, &path).with_context(doing)? {
            return Err(busy(root));
        }
        let mut text = String::new();
        file.read_to_string(&mut text).with_context(doing)?;
        let made = text.lines().find_map(|line| line.strip_prefix("folders-made ")?.parse().ok());
        Ok(Self { root: root.to_owned(), made: made.unwrap_or(0).min(MOST_LEVELS), owner: file })
    }

    /// The transaction folder.
    pub(super) fn folder(&self) -> PathBuf {
        self.root.join(TRANSACTION_FOLDER)
    }

    /// A file in the transaction folder.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.root.join(TRANSACTION_FOLDER).join(name)
    }

    /// The target.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// Ends the transaction, whichever way it went: removes its folder, and those of our folders
    /// that are empty then.
    pub(super) fn release(self, disk: &mut Disk<'_>) -> anyhow::Result<()> {
        let folder = self.root.join(TRANSACTION_FOLDER);
        let doing = || format!("cannot remove {}", folder.display());
        for entry in fs::read_dir(&folder).with_context(doing)? {
            let entry = entry.with_context(doing)?;
            if entry.file_name() != "owner" {
                disk.remove_file(&entry.path()).with_context(doing)?;
            }
        }
        disk.remove_file(&owner(&self.root)).with_context(doing)?;
        match disk.remove_folder(&folder) {
            // Another run has come between, and takes what it finds for left behind; it removes the
            // folder.
            Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => return Ok(()),
            result => result.with_context(doing)?,
        }
        remove_empty(disk, &self.root, self.made).with_context(doing)
    }
}

fn owner(root: &Path) -> PathBuf {
    root.join(TRANSACTION_FOLDER).join("owner")
}

/// The folders that lead to `root` and do not exist, outermost first, `root` included.
fn missing_folders(root: &Path) -> anyhow::Result<Vec<&Path>> {
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

/// Makes a folder unless it is there, also when another run makes it at the same time.
fn ensure_folder(disk: &mut Disk<'_>, root: &Path, folder: &Path) -> anyhow::Result<()> {
    let is_there = || inspect(folder).is_ok_and(|found| found.is_some_and(|found| found.is_dir()));
    match disk.create_folder(folder) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && is_there() => Ok(()),
        // What leads to it was there a moment ago: another run has failed and undone it.
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(busy(root)),
        result => result.with_context(|| cannot_create(folder)),
    }
}

fn cannot_create(folder: &Path) -> String {
    format!("cannot create the directory {}", folder.display())
}

/// Removes our own folder and the innermost `made` folders of `root`, as far as they are empty.
fn remove_empty(disk: &mut Disk<'_>, root: &Path, made: usize) -> io::Result<()> {
    let own = root.join(OWN_FOLDER);
    for folder in std::iter::once(own.as_path()).chain(root.ancestors().take(made)) {
        match disk.remove_folder(folder) {
            Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => return Ok(()),
            result => result?,
        }
    }
    Ok(())
}

/// Opens the owner file of another run, to be locked. One that died before it had written any gets
/// an empty one.
fn open_left_over(disk: &mut Disk<'_>, path: &Path) -> io::Result<File> {
    match inspect(path)? {
        None => drop(disk.create_file(path, Mode::Regular)?),
        Some(found) if found.is_file() => {}
        Some(_) => return Err(io::Error::other("it is not a regular file")),
    }
    // Some network file systems lock only what is open for writing.
    OpenOptions::new().read(true).write(true).open(path)
}

fn cannot_tell(owner: &Path) -> String {
    format!(
        "cannot tell whether the run that left {} is still going on; if none is, delete that file and run again",
        owner.display()
    )
}

/// Whether an open file is still the one at its path: another run may have removed it before we had
/// the lock.
fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    let open = file.metadata()?;
    Ok(inspect(path)?.is_some_and(|found| found.dev() == open.dev() && found.ino() == open.ino()))
}

fn busy(root: &Path) -> anyhow::Error {
    let pid = fs::read_to_string(owner(root)).ok().and_then(|text| text.lines().next().map(str::to_owned));
    let pid = pid.map(|pid| format!(" ({pid})")).unwrap_or_default();
    refused(format!(
        "another run of seaworthy{pid} is writing to {}: wait until it is done, and run again",
        root.display()
    ))
}
