//! The only place that changes a disk: one system call a function, each announced to a hook first.
//!
//! The hook is how tests cut a run off, or make a call fail, at every point where that can happen.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

use crate::apply::target::inspect;
use crate::render::file_set::Mode;

/// A call that is about to be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Step<'a> {
    /// What is done.
    pub(super) call: Call,
    /// To which path.
    pub(super) path: &'a Path,
}

/// The ways in which we change a disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Call {
    CreateFolder,
    CreateFile,
    WriteFile,
    Rename,
    Link,
    RemoveFile,
    RemoveFolder,
}

/// Hears of every step before it is made; an error is taken as the error of the call.
pub(super) type Hook<'h> = dyn FnMut(Step<'_>) -> io::Result<()> + 'h;

/// The disk, seen through a hook.
pub(super) struct Disk<'h>(&'h mut Hook<'h>);

impl<'h> Disk<'h> {
    pub(super) fn new(hook: &'h mut Hook<'h>) -> Self {
        Self(hook)
    }

    fn announce(&mut self, call: Call, path: &Path) -> io::Result<()> {
        (self.0)(Step { call, path })
    }

    pub(super) fn create_folder(&mut self, path: &Path) -> io::Result<()> {
        self.announce(Call::CreateFolder, path)?;
        fs::create_dir(path)
    }

    /// Creates a file that does not exist. The user's umask applies to the mode.
    pub(super) fn create_file(&mut self, path: &Path, mode: Mode) -> io::Result<File> {
        self.announce(Call::CreateFile, path)?;
        OpenOptions::new().write(true).create_new(true).mode(mode.bits()).open(path)
    }

    pub(super) fn write(&mut self, file: &mut File, path: &Path, contents: &[u8]) -> io::Result<()> {
        self.announce(Call::WriteFile, path)?;
        file.write_all(contents)
    }

    /// Renames over whatever is there: only for files of our own.
    pub(super) fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        self.announce(Call::Rename, to)?;
        fs::rename(from, to)
    }

    /// Gives a staged file its place, and fails with [`io::ErrorKind::AlreadyExists`] when
    /// something is there.
    ///
    /// A second name for the file does this without any gap. File systems without links (FAT, some
    /// network ones) get a look and a rename instead, and between these two a file of another
    /// program could be lost.
    pub(super) fn place(&mut self, staged: &Path, to: &Path) -> io::Result<()> {
        self.announce(Call::Link, to)?;
        match fs::hard_link(staged, to) {
            Err(error) if has_no_links(&error) => {
                if inspect(to)?.is_some() {
                    return Err(io::ErrorKind::AlreadyExists.into());
                }
                self.rename(staged, to)
            }
            result => result,
        }
    }

    pub(super) fn remove_file(&mut self, path: &Path) -> io::Result<()> {
        self.announce(Call::RemoveFile, path)?;
        unless_missing(fs::remove_file(path))
    }

    pub(super) fn remove_folder(&mut self, path: &Path) -> io::Result<()> {
        self.announce(Call::RemoveFolder, path)?;
        unless_missing(fs::remove_dir(path))
    }
}

/// Whether an error of `link` can mean that the file system does not know links at all.
fn has_no_links(error: &io::Error) -> bool {
    use io::ErrorKind::{PermissionDenied, TooManyLinks, Unsupported};
    matches!(error.kind(), PermissionDenied | TooManyLinks | Unsupported)
}

/// Removing what is gone already is no error: a recovery may have been cut off, too.
fn unless_missing(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        result => result,
    }
}

/// Whether two paths are names of one and the same file.
pub(super) fn is_same_file(one: &Path, other: &Path) -> io::Result<bool> {
    Ok(match (inspect(one)?, inspect(other)?) {
        (Some(one), Some(other)) => one.dev() == other.dev() && one.ino() == other.ino(),
        _ => false,
    })
}
