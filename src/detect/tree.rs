//! The files of a repository, listed and read within bounds.
//!
//! Links are not followed, so nothing outside of the repository is read and no circle is walked.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use anyhow::Context;
use rustix::fs::{Mode, OFlags};

use super::fact::{Evidence, Limit, cleaned};
use super::mask::without_secrets;
use crate::failure::usage;
use crate::review::Place;

/// Folders of installed packages, of version control and of what builds and tests make.
const NOT_SOURCE: [&str; 24] = [
    "node_modules",
    ".git",
    "dist",
    "build",
    "out",
    "coverage",
    "target",
    "vendor",
    ".next",
    ".nuxt",
    ".output",
    ".turbo",
    ".nx",
    ".cache",
    ".yarn",
    ".pnpm-store",
    ".seaworthy",
    ".venv",
    ".terraform",
    ".svelte-kit",
    ".vercel",
    ".serverless",
    "bower_components",
    "__pycache__",
];

/// Files and folders that are listed; the widest repositories of one team are below.
const MOST_ENTRIES: usize = 50_000;
/// Deeper than any source tree that people write.
const MOST_DEPTH: usize = 16;
/// Larger than any configuration or source file that people write.
const MOST_BYTES: u64 = 1024 * 1024;
/// All files together, so that memory stays bounded.
const MOST_TOTAL_BYTES: u64 = 48 * 1024 * 1024;
/// Of a lock file that is searched for a package.
const MOST_LOCK_BYTES: u64 = 8 * 1024 * 1024;
/// Of a lock file, which tells its version in its first lines.
const HEAD_BYTES: u64 = 4096;

/// What lies in a repository.
pub(crate) struct Tree {
    root: PathBuf,
    /// Regular files by path.
    files: BTreeSet<String>,
    pub(crate) skipped_folders: usize,
    limits: RefCell<Vec<Limit>>,
    texts: RefCell<BTreeMap<String, Option<Rc<str>>>>,
    bytes: Cell<u64>,
}

/// A folder that is still to be listed.
struct Open {
    prefix: String,
    depth: usize,
}

impl Tree {
    /// Lists what lies below `root`.
    ///
    /// # Errors
    /// Usage when `root` is no folder that can be listed.
    pub(crate) fn look(root: &Path) -> anyhow::Result<Self> {
        let shown = root.display();
        fs::read_dir(root)
            .map_err(|error| usage(format!("cannot look at {shown}: {error}. Name the folder of a repository.")))?;
        let mut tree = Self {
            root: root.to_owned(),
            files: BTreeSet::new(),
            skipped_folders: 0,
            limits: RefCell::default(),
            texts: RefCell::default(),
            bytes: Cell::default(),
        };
        tree.list();
        Ok(tree)
    }

    /// Breadth first: what a bound leaves out is then what lies deepest.
    fn list(&mut self) {
        let mut open = VecDeque::from([Open { prefix: String::new(), depth: 0 }]);
        let mut entries = 0;
        while let Some(folder) = open.pop_front() {
            for (name, kind) in self.entries(&folder.prefix, MOST_ENTRIES - entries) {
                entries += 1;
                let path = format!("{}{name}", folder.prefix);
                if kind.is_file() {
                    self.files.insert(path);
                } else if kind.is_symlink() {
                    self.link(&path);
                } else if kind.is_dir() && NOT_SOURCE.contains(&name.as_str()) {
                    self.skipped_folders += 1;
                } else if kind.is_dir() && folder.depth < MOST_DEPTH {
                    open.push_back(Open { prefix: format!("{path}/"), depth: folder.depth + 1 });
                } else if kind.is_dir() {
                    self.limit(&format!("{path}/"), None, format!("deeper than {MOST_DEPTH} folders; not looked at"));
                }
            }
            if entries >= MOST_ENTRIES {
                let reason = format!("more than {MOST_ENTRIES} files and folders; what lies deeper was not looked at");
                self.limit(".", None, reason);
                return;
            }
        }
    }

    /// The entries of a folder by name, at most `most`.
    fn entries(&self, prefix: &str, most: usize) -> Vec<(String, fs::FileType)> {
        let entries = match fs::read_dir(self.root.join(prefix)) {
            Ok(entries) => entries,
            Err(error) => {
                self.limit(prefix, None, format!("cannot be listed: {error}"));
                return Vec::new();
            }
        };
        let named = entries.take(most).filter_map(|entry| {
            let entry = entry.ok()?;
            let kind = entry.file_type().ok()?;
            match entry.file_name().into_string() {
                Ok(name) => Some((name, kind)),
                Err(name) => {
                    self.limit(
                        &format!("{prefix}{}", name.to_string_lossy()),
                        None,
                        "its name is not UTF-8".to_owned(),
                    );
                    None
                }
            }
        });
        let mut named: Vec<_> = named.collect();
        named.sort_by(|one, other| one.0.cmp(&other.0));
        named
    }

    /// A link that would have told something is named.
    fn link(&self, path: &str) {
        let tells = ["package.json", "tsconfig.json", ".nvmrc", ".node-version", "Dockerfile", "pnpm-workspace.yaml"];
        if tells.contains(&name(path)) {
            self.limit(path, None, "a symbolic link; not followed".to_owned());
        }
    }

    /// Every regular file that was listed, by path.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.iter().map(String::as_str)
    }

    pub(crate) fn count(&self) -> usize {
        self.files.len()
    }

    pub(crate) fn has(&self, path: &str) -> bool {
        self.files.contains(path)
    }

    /// Whether any file lies in a folder, given with its final `/`.
    pub(crate) fn has_folder(&self, folder: &str) -> bool {
        self.below(folder).next().is_some()
    }

    /// The files below a folder, given with its final `/` or empty.
    pub(crate) fn below<'a>(&'a self, folder: &'a str) -> impl Iterator<Item = &'a str> {
        let from = self.files.range(folder.to_owned()..);
        from.map(String::as_str).take_while(move |path| path.starts_with(folder))
    }

    /// The text of a file, without a byte order mark; `None` when there is none or it cannot be read, which is said.
    pub(crate) fn text(&self, path: &str) -> Option<Rc<str>> {
        if !self.has(path) {
            return None;
        }
        if let Some(known) = self.texts.borrow().get(path) {
            return known.clone();
        }
        let read = self.read(path, MOST_BYTES.min(MOST_TOTAL_BYTES.saturating_sub(self.bytes.get())));
        let text = match read {
            Ok(text) => Some(text),
            Err(reason) => {
                self.limit(path, None, reason);
                None
            }
        };
        self.texts.borrow_mut().insert(path.to_owned(), text.clone());
        text
    }

    fn read(&self, path: &str, most: u64) -> Result<Rc<str>, String> {
        let bytes = self.bytes_of(path, most + 1)?;
        if bytes.len() as u64 > most {
            let what = if most < MOST_BYTES { "more than this reads of one repository" } else { "larger than 1 MiB" };
            return Err(format!("{what}; not read"));
        }
        self.bytes.set(self.bytes.get() + bytes.len() as u64);
        let text = std::str::from_utf8(&bytes).map_err(|_| "not UTF-8 text; not read".to_owned())?;
        Ok(text.strip_prefix('\u{feff}').unwrap_or(text).into())
    }

    fn bytes_of(&self, path: &str, most: u64) -> Result<Vec<u8>, String> {
        let fail = |error: &dyn std::fmt::Display| format!("cannot be read: {error}");
        // It was a regular file when it was listed; a link or a pipe in its place now is not waited for.
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = rustix::fs::open(self.root.join(path), flags, Mode::empty()).map_err(|error| fail(&error))?;
        let mut bytes = Vec::new();
        fs::File::from(file).take(most).read_to_end(&mut bytes).map_err(|error| fail(&error))?;
        Ok(bytes)
    }

    /// A lock file, which may be large; nothing is said of one that is too large.
    pub(crate) fn quiet_text(&self, path: &str) -> Option<Rc<str>> {
        if let (true, Some(known)) = (self.has(path), self.texts.borrow().get(path)) {
            return known.clone();
        }
        let bytes = self.has(path).then(|| self.bytes_of(path, MOST_LOCK_BYTES).ok())??;
        let text: Option<Rc<str>> = String::from_utf8(bytes).ok().map(Rc::from);
        self.texts.borrow_mut().insert(path.to_owned(), text.clone());
        text
    }

    /// The first lines of a file that may be large.
    pub(crate) fn head(&self, path: &str) -> Option<String> {
        let bytes = self.has(path).then(|| self.bytes_of(path, HEAD_BYTES).ok())??;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// The line of a place, and what stands there.
    pub(crate) fn evidence(&self, place: &Place) -> Evidence {
        let text = self.text(&place.file).unwrap_or_default();
        let line = place.line.and_then(|line| text.lines().nth(line.checked_sub(1)?)).unwrap_or_default();
        Evidence::new(&place.file, place.line, &without_secrets(line.trim().trim_end_matches(',')))
    }

    /// The file itself as evidence.
    pub(crate) fn file_evidence(path: &str) -> Evidence {
        Evidence::new(path, None, "")
    }

    pub(crate) fn limit(&self, file: &str, line: Option<usize>, reason: String) {
        self.limits.borrow_mut().push(Limit { file: file.to_owned(), line, reason: cleaned(reason) });
    }

    /// What was not read, by path.
    pub(crate) fn limits(&self) -> Vec<Limit> {
        let mut limits = self.limits.borrow().clone();
        limits.sort();
        limits.dedup();
        limits
    }

    /// As [`Self::text`] for a file without which there is nothing to say.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(crate) fn require(&self, path: &str) -> anyhow::Result<Rc<str>> {
        let shown = self.root.join(path);
        self.read(path, MOST_BYTES).map_err(anyhow::Error::msg).with_context(|| format!("{}", shown.display()))
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }
}

/// The last part of a path.
pub(crate) fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The folder of a path with its final `/`; empty for the root.
pub(crate) fn folder_of(path: &str) -> &str {
    path.rfind('/').map_or("", |end| &path[..=end])
}
