//! The files of a directory, to write, to read back and to compare.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use anyhow::{Context, Result};

/// What stands at a path.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Entry {
    File { contents: Vec<u8>, executable: bool },
    Link(String),
}

/// Everything in a directory but our own bookkeeping and git's, by path. Empty folders do not count.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Tree(pub(crate) BTreeMap<String, Entry>);

impl Tree {
    /// An absent directory is an empty tree: git keeps no empty one.
    pub(crate) fn read(root: &Path) -> Result<Self> {
        let mut tree = Self::default();
        if root.is_dir() {
            tree.gather(root, "").with_context(|| format!("reading {}", root.display()))?;
        }
        Ok(tree)
    }

    fn gather(&mut self, folder: &Path, prefix: &str) -> Result<()> {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
            let kind = entry.file_type()?;
            if matches!(path.as_str(), ".seaworthy" | ".git") {
                continue;
            }
            if kind.is_symlink() {
                let to = fs::read_link(entry.path())?.to_string_lossy().into_owned();
                self.0.insert(path, Entry::Link(to));
            } else if kind.is_dir() {
                self.gather(&entry.path(), &format!("{path}/"))?;
            } else {
                let executable = entry.metadata()?.permissions().mode() & 0o100 != 0;
                self.0.insert(path, Entry::File { contents: fs::read(entry.path())?, executable });
            }
        }
        Ok(())
    }

    /// Makes `root` hold this and nothing else beside our bookkeeping.
    pub(crate) fn replace(&self, root: &Path) -> Result<()> {
        for entry in fs::read_dir(root)? {
            let entry = entry?;
            if matches!(entry.file_name().to_str(), Some(".seaworthy" | ".git")) {
                continue;
            }
            if entry.file_type()?.is_dir() { fs::remove_dir_all(entry.path())? } else { fs::remove_file(entry.path())? }
        }
        self.write(root)
    }

    pub(crate) fn write(&self, root: &Path) -> Result<()> {
        for (path, entry) in &self.0 {
            let full = root.join(path);
            fs::create_dir_all(full.parent().unwrap_or(root))?;
            match entry {
                Entry::Link(to) => symlink(to, full)?,
                Entry::File { contents, executable } => {
                    fs::write(&full, contents)?;
                    fs::set_permissions(&full, fs::Permissions::from_mode(if *executable { 0o755 } else { 0o644 }))?;
                }
            }
        }
        Ok(())
    }

    /// Where two trees differ, with the texts; empty when they are equal.
    pub(crate) fn difference(&self, found: &Self) -> String {
        let mut text = String::new();
        let paths = self.0.keys().chain(found.0.keys()).collect::<std::collections::BTreeSet<_>>();
        for path in paths {
            let (expected, found) = (self.0.get(path), found.0.get(path));
            if expected != found {
                let _ =
                    write!(text, "\n--- {path}: expected\n{}\n+++ {path}: found\n{}", shown(expected), shown(found));
            }
        }
        text
    }
}

fn shown(entry: Option<&Entry>) -> String {
    match entry {
        None => "(no file)\n".to_owned(),
        Some(Entry::Link(to)) => format!("(a link to {to})\n"),
        Some(Entry::File { contents, executable }) => {
            let text = String::from_utf8_lossy(contents).replace('\r', "\\r").replace('\u{feff}', "\\u{feff}");
            format!("{}{text}\n", if *executable { "(executable)\n" } else { "" })
        }
    }
}
