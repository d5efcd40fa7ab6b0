//! Open directories, and what stands in them: looked at through the open directory, so that a
//! symbolic link that is swapped in between two looks leads nowhere.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use rustix::fs::{AtFlags, CWD, Dir, FileType, Mode, OFlags, RawMode, Stat, fstat, openat, statat};
use rustix::io::Errno;

use super::path::split;

/// An open directory.
#[derive(Debug)]
pub(super) struct Folder(File);

/// What stands at a name: of a link the link itself, not what it points to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found(Stat);

/// What a name holds.
pub(super) enum Held {
    /// Nothing.
    Nothing,
    /// A regular file with these bytes.
    File(Vec<u8>, Found),
    /// Something else.
    Other(Found),
}

/// Where the folder of a file is.
pub(super) enum Way {
    /// It is the folder that was asked.
    Here,
    /// Open.
    Open(Folder),
    /// One of the folders that lead there is missing.
    Missing,
    /// This one is something else, a symbolic link above all.
    Blocked(String, &'static str),
}

impl Folder {
    /// Opens a directory that the user named: links on the way are the user's will.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
        open_folder(CWD, path, OFlags::empty())
    }

    /// Opens a directory in this one.
    ///
    /// # Errors
    /// `NotADirectory` when it is something else, also a link to one.
    pub(super) fn child(&self, name: &str) -> io::Result<Self> {
        open_folder(&self.0, name, OFlags::NOFOLLOW)
    }

    /// What stands at a name, or nothing.
    pub(super) fn find(&self, name: &str) -> io::Result<Option<Found>> {
        match statat(&self.0, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => Ok(Some(Found(stat))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// What stands at a name, with the bytes of a regular file.
    pub(super) fn read(&self, name: &str) -> io::Result<Held> {
        match self.find(name)? {
            None => return Ok(Held::Nothing),
            Some(found) if !found.is_file() => return Ok(Held::Other(found)),
            Some(_) => {}
        }
        // Swapped for a link or a pipe since: neither is followed or waited for.
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let mut file = match openat(&self.0, name, flags, Mode::empty()) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Held::Nothing),
            file => File::from(file?),
        };
        let found = Found(fstat(&file)?);
        if !found.is_file() {
            return Ok(Held::Other(found));
        }
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        Ok(Held::File(bytes, found))
    }

    /// Opens the folder that a path below this one names a file in.
    pub(super) fn way_to(&self, path: &str) -> io::Result<Way> {
        let (folders, _) = split(path);
        let mut open: Option<Self> = None;
        let mut done = 0;
        for name in folders.split('/').filter(|name| !name.is_empty()) {
            done += name.len() + usize::from(done > 0);
            let folder = open.as_ref().unwrap_or(self);
            match folder.child(name) {
                Ok(child) => open = Some(child),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    return Ok(Way::Missing);
                }
                Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
                    let kind = folder.find(name)?.map_or("gone", |found| found.kind());
                    return Ok(Way::Blocked(folders[..done].to_owned(), kind));
                }
                Err(error) => return Err(error),
            }
        }
        Ok(open.map_or(Way::Here, Way::Open))
    }

    /// The names in it, in no order.
    pub(super) fn names(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in Dir::read_from(&self.0)? {
            let name =
                entry?.file_name().to_str().map_err(|_| io::Error::other("a name in it is not UTF-8"))?.to_owned();
            if name != "." && name != ".." {
                names.push(name);
            }
        }
        Ok(names)
    }

    /// For the calls that change the disk.
    pub(super) fn file(&self) -> &File {
        &self.0
    }
}

impl Found {
    /// What an open file is.
    pub(super) fn of(file: &File) -> io::Result<Self> {
        Ok(Self(fstat(file)?))
    }

    pub(super) fn is_file(&self) -> bool {
        self.file_type() == FileType::RegularFile
    }

    pub(super) fn is_folder(&self) -> bool {
        self.file_type() == FileType::Directory
    }

    fn file_type(&self) -> FileType {
        FileType::from_raw_mode(self.0.st_mode)
    }

    /// What it is, with its article.
    pub(super) fn kind(&self) -> &'static str {
        match self.file_type() {
            FileType::RegularFile => "a file",
            FileType::Directory => "a directory",
            FileType::Symlink => "a symbolic link",
            _ => "a device, pipe or socket",
        }
    }

    /// The permission bits.
    pub(super) fn mode(&self) -> RawMode {
        Mode::from_raw_mode(self.0.st_mode).bits()
    }

    /// User and group.
    pub(super) fn owner(&self) -> (u32, u32) {
        (self.0.st_uid, self.0.st_gid)
    }

    /// Whether both are names of one and the same thing.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.0.st_dev == other.0.st_dev && self.0.st_ino == other.0.st_ino
    }
}

fn open_folder<P: rustix::path::Arg>(at: impl rustix::fd::AsFd, path: P, more: OFlags) -> io::Result<Folder> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC | more;
    match openat(at, path, flags, Mode::empty()) {
        // What some systems say about a link.
        Err(Errno::LOOP) if more.contains(OFlags::NOFOLLOW) => Err(io::ErrorKind::NotADirectory.into()),
        opened => Ok(Folder(File::from(opened?))),
    }
}
