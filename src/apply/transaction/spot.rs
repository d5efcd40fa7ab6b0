//! A name in an open folder: where a call that changes the disk works.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use crate::apply::folder::{Folder, Found, Held};
use crate::apply::lock::sha256;

/// A name in an open folder. Whatever happens to the way there, the folder stays the same.
pub(super) struct Spot {
    folder: Rc<Folder>,
    name: String,
    shown: PathBuf,
}

/// What a name holds, as far as it matters to a transaction.
pub(super) enum Holds {
    Nothing,
    /// A regular file.
    File {
        sha256: String,
        found: Found,
    },
    /// Something else.
    Other(Found),
}

impl Spot {
    /// A name in `folder`, with the path to show in messages.
    pub(super) fn new(folder: Rc<Folder>, name: &str, shown: PathBuf) -> Self {
        Self { folder, name: name.to_owned(), shown }
    }

    /// The open folder, for a system call.
    pub(super) fn folder(&self) -> &File {
        self.folder.file()
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The path to show in messages.
    pub(super) fn shown(&self) -> &Path {
        &self.shown
    }

    /// Another name in the same folder.
    pub(super) fn beside(&self, name: &str) -> Self {
        Self::new(Rc::clone(&self.folder), name, self.shown.with_file_name(name))
    }

    /// What stands there, unread.
    pub(super) fn find(&self) -> io::Result<Option<Found>> {
        self.folder.find(&self.name)
    }

    /// The directory of that name.
    pub(super) fn open(&self) -> io::Result<Folder> {
        self.folder.child(&self.name)
    }

    /// Whether we may write to what stands there, by its permissions and those of the file system.
    pub(super) fn check_writable(&self) -> io::Result<()> {
        use rustix::fs::{Access, AtFlags, accessat};
        Ok(accessat(self.folder(), &*self.name, Access::WRITE_OK, AtFlags::empty())?)
    }

    /// What stands there, read.
    pub(super) fn read(&self) -> io::Result<Holds> {
        Ok(match self.folder.read(&self.name)? {
            Held::Nothing => Holds::Nothing,
            Held::File(bytes, found) => Holds::File { sha256: sha256(&bytes), found },
            Held::Other(found) => Holds::Other(found),
        })
    }
}
