//! What stands on the disk, as far as an upgrade asks for it.

use std::collections::BTreeMap;
use std::fs::{self, Metadata};
use std::io;
use std::path::Path;

use anyhow::Context;

use crate::apply::{OWN_FOLDER, OnDisk, Target};
use crate::merge::same_text;
use crate::render::file_set::Mode;

/// What stands at one path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// Nothing.
    Absent,
    /// A regular file.
    File(Yours),
    /// Something that is neither read nor replaced; the text says what.
    Other(String),
}

/// A file as the user has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Yours {
    /// Its bytes.
    pub contents: Vec<u8>,
    /// Whether its owner may execute it.
    pub mode: Mode,
}

/// A read-only look at a tree. Tests give one that is in memory.
pub trait View {
    /// What stands at a path, never through a symbolic link below the tree.
    ///
    /// # Errors
    /// When the disk does not let us look.
    fn look(&self, path: &str) -> anyhow::Result<Seen>;

    /// Whether two paths that differ in case only lead to one file, as they do on some systems.
    fn is_same(&self, one: &str, other: &str) -> bool;

    /// Where files with one of these texts are, line endings apart: for each the paths, in order. Walks the tree, without what
    /// tools put there: version control, installed packages.
    ///
    /// # Errors
    /// When the disk does not let us look.
    fn search<'a>(&self, wanted: &[&'a [u8]]) -> anyhow::Result<BTreeMap<&'a [u8], Vec<String>>>;
}

/// The tree below a target.
pub(super) struct DiskView<'a>(pub(super) &'a Target);

impl View for DiskView<'_> {
    fn look(&self, path: &str) -> anyhow::Result<Seen> {
        Ok(match self.0.read(path)? {
            OnDisk::Absent => Seen::Absent,
            OnDisk::Other(reason) => Seen::Other(reason),
            OnDisk::File(contents) => {
                let full = self.0.root().join(path);
                let found = fs::metadata(&full).with_context(|| format!("cannot look at {}", full.display()))?;
                Seen::File(Yours { contents, mode: mode(&found) })
            }
        })
    }

    fn is_same(&self, one: &str, other: &str) -> bool {
        let identity = |path: &str| fs::symlink_metadata(self.0.root().join(path)).ok().as_ref().map(identity);
        one.eq_ignore_ascii_case(other) && identity(one).is_some_and(|found| Some(found) == identity(other))
    }

    fn search<'a>(&self, wanted: &[&'a [u8]]) -> anyhow::Result<BTreeMap<&'a [u8], Vec<String>>> {
        let mut search = Search { wanted, found: BTreeMap::new() };
        search.folder(self.0.root(), "")?;
        Ok(search.found)
    }
}

#[cfg(unix)]
fn mode(found: &Metadata) -> Mode {
    use std::os::unix::fs::PermissionsExt;
    if found.permissions().mode() & 0o100 == 0 { Mode::Regular } else { Mode::Executable }
}

#[cfg(unix)]
fn identity(found: &Metadata) -> (u64, u64) {
    use std::os::unix::fs::MetadataExt;
    (found.dev(), found.ino())
}

/// Folders that no user moves an emitted file into, and that may be huge.
const SKIPPED: [&str; 7] = [".git", ".hg", ".jj", "node_modules", "dist", "coverage", OWN_FOLDER];

/// Whether a file of this size can hold a text, with a byte order mark and other line endings.
fn may_hold(size: u64, text: &[u8]) -> bool {
    const MARK_AND_END: usize = 5;
    let lines = text.split(|byte| *byte == b'\n').count();
    let most = text.len() + lines + MARK_AND_END;
    usize::try_from(size).is_ok_and(|size| size <= most && size + lines + MARK_AND_END >= text.len())
}

struct Search<'w, 'a> {
    wanted: &'w [&'a [u8]],
    found: BTreeMap<&'a [u8], Vec<String>>,
}

impl Search<'_, '_> {
    fn folder(&mut self, folder: &Path, prefix: &str) -> anyhow::Result<()> {
        let doing = || format!("cannot look for moved files in {}", folder.display());
        let mut entries = match fs::read_dir(folder) {
            // A folder that we may not look into holds nothing that can be followed.
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => return Ok(()),
            entries => entries.with_context(doing)?.collect::<io::Result<Vec<_>>>().with_context(doing)?,
        };
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let Ok(name) = entry.file_name().into_string() else { continue };
            let kind = entry.file_type().with_context(doing)?;
            let path = format!("{prefix}{name}");
            if kind.is_dir() && !SKIPPED.contains(&name.as_str()) {
                self.folder(&entry.path(), &format!("{path}/"))?;
            } else if kind.is_file() {
                self.file(&entry.path(), path, entry.metadata().with_context(doing)?.len());
            }
        }
        Ok(())
    }

    fn file(&mut self, full: &Path, path: String, size: u64) {
        let mut candidates = self.wanted.iter().filter(|wanted| may_hold(size, wanted)).peekable();
        if candidates.peek().is_none() {
            return;
        }
        // What cannot be read cannot be told to be the one.
        let Ok(contents) = fs::read(full) else { return };
        if let Some(wanted) = candidates.find(|wanted| same_text(wanted, &contents)) {
            self.found.entry(wanted).or_default().push(path);
        }
    }
}
