//! A read-only look at the directory that a run would write to.

use std::ffi::OsStr;
use std::fmt::{self, Write as _};
use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};

use anyhow::Context;

use super::folder::{Folder, Held, Way};
use super::path::split;
use super::{LOCK_FILE, OWN_FOLDER, TRANSACTION_FOLDER};
use crate::failure::refused;
use crate::spec::file::ANSWERS_FILE;

/// Names that never are in the way: version control, what file managers leave behind, and the
/// answers file.
const HARMLESS: [&str; 5] = [".git", ".hg", ".jj", ".DS_Store", ANSWERS_FILE];

/// How many names a message lists before it only counts.
const LISTED: usize = 10;

/// A directory that the user named, as it was when it was looked at.
#[derive(Debug)]
pub struct Target {
    root: PathBuf,
    state: State,
    /// The text of the lock, which every run that changes anything changes.
    lock: Option<Vec<u8>>,
}

/// What a target directory holds.
#[derive(Debug, PartialEq, Eq)]
pub enum State {
    /// It does not exist.
    Absent,
    /// It is empty or holds only what never is in the way.
    Free,
    /// Something that we did not make is in it.
    Foreign(Listing),
    /// We made it: there is a lock.
    Ours,
    /// A transaction is going on, or was cut off and not recovered yet.
    Unfinished,
}

/// What stands at one path of a target.
#[derive(Debug, PartialEq, Eq)]
pub enum OnDisk {
    /// Nothing.
    Absent,
    /// A regular file with these bytes.
    File(Vec<u8>),
    /// Something that we neither read nor replace; the text says what, for a message that names the
    /// path.
    Other(String),
}

impl Target {
    /// Looks at `root`, which may be a symbolic link to a directory: the user named it.
    ///
    /// # Errors
    /// Refused when `root` is something other than a directory; an error when it cannot be read.
    pub fn look(root: &Path) -> anyhow::Result<Self> {
        // Before the look for a run that is going on: one that ends in between has changed it.
        let lock = lock_text(root);
        Ok(Self { root: root.to_owned(), state: look(root)?, lock })
    }

    /// The directory as the user named it.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// What the directory holds.
    #[must_use]
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Checks that no other run has written since [`Target::look`]: what was read in between belongs
    /// together then.
    ///
    /// # Errors
    /// Refused when one has, or is at it.
    pub fn ensure_steady(&self) -> anyhow::Result<()> {
        let shown = self.root.display();
        let running =
            inspect(&self.root.join(TRANSACTION_FOLDER)).with_context(|| format!("cannot look at {shown}"))?;
        if running.is_none() && lock_text(&self.root) == self.lock {
            return Ok(());
        }
        Err(refused(format!(
            "another run of seaworthy wrote to {shown} while this one was reading there. This one has written \
             nothing: run it again."
        )))
    }

    /// Reads what stands at `path`, never through a symbolic link below the target.
    ///
    /// # Errors
    /// When the disk does not let us look.
    pub fn read(&self, path: &str) -> anyhow::Result<OnDisk> {
        if self.state == State::Absent {
            return Ok(OnDisk::Absent);
        }
        read_below(&self.root, path).with_context(|| format!("cannot read {}", self.root.join(path).display()))
    }
}

/// Reads what stands at `path` below `root`, never through a symbolic link.
fn read_below(root: &Path, path: &str) -> io::Result<OnDisk> {
    let target = Folder::open(root)?;
    let folder = match target.way_to(path)? {
        Way::Here => target,
        Way::Open(folder) => folder,
        Way::Missing => return Ok(OnDisk::Absent),
        Way::Blocked(blocked, kind) => return Ok(OnDisk::Other(format!("{blocked} is {kind}"))),
    };
    Ok(match folder.read(split(path).1)? {
        Held::Nothing => OnDisk::Absent,
        Held::File(bytes, _) => OnDisk::File(bytes),
        Held::Other(found) => OnDisk::Other(format!("it is {}", found.kind())),
    })
}

/// The bytes of the lock; nothing where it cannot be read, which is told when it is needed.
fn lock_text(root: &Path) -> Option<Vec<u8>> {
    match read_below(root, LOCK_FILE) {
        Ok(OnDisk::File(bytes)) => Some(bytes),
        _ => None,
    }
}

/// Metadata of the thing itself (of a link, not of what it points to), or nothing.
fn inspect(path: &Path) -> io::Result<Option<Metadata>> {
    match fs::symlink_metadata(path) {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// What a thing is, with its article.
fn kind(found: &Metadata) -> &'static str {
    if found.is_symlink() {
        "a symbolic link"
    } else if found.is_dir() {
        "a directory"
    } else if found.is_file() {
        "a file"
    } else {
        "a device, pipe or socket"
    }
}

fn look(root: &Path) -> anyhow::Result<State> {
    let shown = root.display();
    let doing = || format!("cannot look at {shown}");
    let Some(itself) = inspect(root).with_context(doing)? else {
        return Ok(State::Absent);
    };
    if itself.is_symlink() && !fs::exists(root).with_context(doing)? {
        return Err(refused(format!("{shown} is a symbolic link to nothing: name a directory")));
    }
    let behind = fs::metadata(root).with_context(doing)?;
    if !behind.is_dir() {
        return Err(refused(format!("{shown} is {}: name a directory", kind(&behind))));
    }
    if inspect(&root.join(TRANSACTION_FOLDER)).with_context(doing)?.is_some() {
        return Ok(State::Unfinished);
    }
    if inspect(&root.join(LOCK_FILE)).with_context(doing)?.is_some() {
        return Ok(State::Ours);
    }
    let found = in_the_way(root).with_context(doing)?;
    Ok(if found.is_empty() { State::Free } else { State::Foreign(Listing::new(found)) })
}

/// The names in `root` that are in the way, folders with a slash at the end.
fn in_the_way(root: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(root)? {
        let entry = entry?;
        let name = printable(&entry.file_name());
        let is_folder = entry.file_type()?.is_dir();
        // A run that was cut off right after its first call leaves our own folder, with nothing in
        // it.
        let is_trace = is_folder && name == OWN_FOLDER && fs::read_dir(entry.path())?.next().is_none();
        if !is_trace && !HARMLESS.contains(&name.as_str()) {
            names.push(if is_folder { name + "/" } else { name });
        }
    }
    names.sort_unstable();
    Ok(names)
}

/// A file name as it can be shown in a terminal.
fn printable(name: &OsStr) -> String {
    name.to_string_lossy().chars().fold(String::new(), |mut text, c| {
        if c.is_control() {
            text.extend(c.escape_default());
        } else {
            text.push(c);
        }
        text
    })
}

/// Things to show in a message: all of them when they are few, else the first ones and a count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing(Vec<String>);

impl Listing {
    /// Keeps the order.
    #[must_use]
    pub fn new(things: Vec<String>) -> Self {
        Self(things)
    }

    /// All of them, for `--json`.
    #[must_use]
    pub fn all(&self) -> &[String] {
        &self.0
    }
}

impl fmt::Display for Listing {
    /// One thing a line, indented by two.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        for thing in self.0.iter().take(LISTED) {
            writeln!(text, "  {thing}")?;
        }
        if self.0.len() > LISTED {
            writeln!(text, "  and {} more", self.0.len() - LISTED)?;
        }
        f.write_str(text.trim_end())
    }
}

#[cfg(test)]
#[path = "target_tests.rs"]
mod tests;
