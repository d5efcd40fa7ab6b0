//! The only place that changes a disk: one system call a function, each announced to a hook first.
//!
//! The hook is how tests cut a run off, or make a call fail, at every point where that can happen.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::fchown;
use std::path::Path;

use rustix::fs::{AtFlags, Mode, OFlags, RawMode, fchmod, linkat, mkdirat, openat, renameat, unlinkat};

use super::spot::Spot;
use crate::apply::folder::Found;
use crate::render::file_set;

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
    SetOwner,
    SetMode,
    Flush,
    Rename,
    RenameNew,
    Exchange,
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

    /// Makes the target itself or a folder above it, by its path: links there are the user's will.
    pub(super) fn create_root(&mut self, path: &Path) -> io::Result<()> {
        self.announce(Call::CreateFolder, path)?;
        fs::create_dir(path)
    }

    pub(super) fn remove_root(&mut self, path: &Path) -> io::Result<()> {
        self.announce(Call::RemoveFolder, path)?;
        unless_missing(fs::remove_dir(path))
    }

    /// The user's umask applies to the mode.
    pub(super) fn create_folder(&mut self, at: &Spot) -> io::Result<()> {
        self.announce(Call::CreateFolder, at.shown())?;
        Ok(mkdirat(at.folder(), at.name(), Mode::from_bits_truncate(0o777))?)
    }

    /// Creates a file that does not exist. The user's umask applies to the mode.
    pub(super) fn create_file(&mut self, at: &Spot, mode: file_set::Mode) -> io::Result<File> {
        self.announce(Call::CreateFile, at.shown())?;
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
        let mode = match mode {
            file_set::Mode::Regular => 0o644,
            file_set::Mode::Executable => 0o755,
        };
        Ok(File::from(openat(at.folder(), at.name(), flags, Mode::from_bits_truncate(mode))?))
    }

    pub(super) fn write(&mut self, file: &mut File, at: &Spot, contents: &[u8]) -> io::Result<()> {
        self.announce(Call::WriteFile, at.shown())?;
        file.write_all(contents)
    }

    pub(super) fn set_owner(&mut self, file: &File, at: &Spot, (user, group): (u32, u32)) -> io::Result<()> {
        self.announce(Call::SetOwner, at.shown())?;
        fchown(file, Some(user), Some(group))
    }

    pub(super) fn set_mode(&mut self, file: &File, at: &Spot, mode: RawMode) -> io::Result<()> {
        self.announce(Call::SetMode, at.shown())?;
        Ok(fchmod(file, Mode::from_bits_truncate(mode))?)
    }

    /// Waits until a file or a folder is safe from a loss of power, where the file system can do so.
    pub(super) fn flush(&mut self, file: &File, shown: &Path) -> io::Result<()> {
        self.announce(Call::Flush, shown)?;
        match file.sync_all() {
            Err(error) if is_not_offered(&error) => Ok(()),
            result => result,
        }
    }

    /// Renames over whatever is there: only to names of our own.
    pub(super) fn rename(&mut self, from: &Spot, to: &Spot) -> io::Result<()> {
        self.announce(Call::Rename, to.shown())?;
        Ok(renameat(from.folder(), from.name(), to.folder(), to.name())?)
    }

    /// Renames from a name of our own, and fails with [`io::ErrorKind::AlreadyExists`] when something
    /// is there.
    ///
    /// File systems that cannot do this get a link and a removal. Those without links either (FAT,
    /// some network ones) get a look and a rename, and between these two a file of another program
    /// could be lost.
    pub(super) fn rename_new(&mut self, from: &Spot, to: &Spot) -> io::Result<()> {
        let offered = self.announce(Call::RenameNew, to.shown()).and_then(|()| special::rename_new(from, to));
        match offered {
            Err(error) if is_not_offered(&error) => {}
            result => return result,
        }
        match self.link(from, to) {
            Err(error) if has_no_links(&error) => {
                if to.find()?.is_some() {
                    return Err(io::ErrorKind::AlreadyExists.into());
                }
                self.rename(from, to)
            }
            result => result.and_then(|()| self.remove_file(from)),
        }
    }

    /// Swaps two things in one step.
    ///
    /// # Errors
    /// Where the system or the file system cannot do this, one for which [`is_not_offered`] holds.
    pub(super) fn exchange(&mut self, one: &Spot, other: &Spot) -> io::Result<()> {
        self.announce(Call::Exchange, other.shown())?;
        special::exchange(one, other)
    }

    /// Gives a file a second name, and fails with [`io::ErrorKind::AlreadyExists`] when something is
    /// there.
    pub(super) fn link(&mut self, from: &Spot, to: &Spot) -> io::Result<()> {
        self.announce(Call::Link, to.shown())?;
        Ok(linkat(from.folder(), from.name(), to.folder(), to.name(), AtFlags::empty())?)
    }

    pub(super) fn remove_file(&mut self, at: &Spot) -> io::Result<()> {
        self.announce(Call::RemoveFile, at.shown())?;
        unless_missing(unlinkat(at.folder(), at.name(), AtFlags::empty()).map_err(io::Error::from))
    }

    pub(super) fn remove_folder(&mut self, at: &Spot) -> io::Result<()> {
        self.announce(Call::RemoveFolder, at.shown())?;
        unless_missing(unlinkat(at.folder(), at.name(), AtFlags::REMOVEDIR).map_err(io::Error::from))
    }
}

/// Whether an open file is still the one at its name.
pub(super) fn is_at(file: &File, at: &Spot) -> io::Result<bool> {
    let open = Found::of(file)?;
    Ok(at.find()?.is_some_and(|found| found.is_same(&open)))
}

/// Whether an error can mean that the system or the file system does not know such a call.
pub(super) fn is_not_offered(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::Unsupported | io::ErrorKind::InvalidInput)
}

/// Whether an error of `link` can mean that the file system does not know links at all.
pub(super) fn has_no_links(error: &io::Error) -> bool {
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

/// What only Linux and Apple's systems can do.
#[cfg(any(target_os = "linux", target_vendor = "apple"))]
mod special {
    use std::io;

    use rustix::fs::{RenameFlags, renameat_with};

    use super::Spot;

    pub(super) fn rename_new(from: &Spot, to: &Spot) -> io::Result<()> {
        Ok(renameat_with(from.folder(), from.name(), to.folder(), to.name(), RenameFlags::NOREPLACE)?)
    }

    pub(super) fn exchange(one: &Spot, other: &Spot) -> io::Result<()> {
        Ok(renameat_with(one.folder(), one.name(), other.folder(), other.name(), RenameFlags::EXCHANGE)?)
    }
}

#[cfg(not(any(target_os = "linux", target_vendor = "apple")))]
mod special {
    use std::io;

    use super::Spot;

    pub(super) fn rename_new(_: &Spot, _: &Spot) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(super) fn exchange(_: &Spot, _: &Spot) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }
}
