//! A case as it lies on disk.
//!
//! ```text
//! case.toml   what it shows, and what is expected of the run
//! base/       what was emitted last
//! yours/      what the user made of it
//! theirs/     what is emitted now
//! expected/   the tree after the run
//! ```

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use seaworthy::render::file_set::{EmittedFile, FileSet, Mode, Policy};
use serde::Deserialize;

use crate::tree::{Entry, Tree};

/// `case.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    #[serde(skip)]
    pub(crate) folder: PathBuf,
    /// What happens, in a few words.
    title: String,
    /// Why the outcome is right.
    why: String,
    /// The exit code of `upgrade`.
    pub(crate) exit: u8,
    /// The class of every path that the run tells of, bookkeeping left out; not looked at when there are none.
    #[serde(default)]
    pub(crate) classes: BTreeMap<String, String>,
    /// Files that are not merged: `once`.
    #[serde(default)]
    policy: BTreeMap<String, Policy>,
    /// Old path to new path of files that the templates moved.
    #[serde(default)]
    renamed: BTreeMap<String, String>,
}

impl Case {
    /// All cases, by name.
    pub(crate) fn all() -> Result<Vec<Self>> {
        let mut cases = Vec::new();
        for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/upgrade/cases"))? {
            let folder = entry?.path();
            cases.push(Self::read(&folder).with_context(|| format!("reading {}", folder.display()))?);
        }
        cases.sort_by(|one, other| one.folder.cmp(&other.folder));
        Ok(cases)
    }

    fn read(folder: &Path) -> Result<Self> {
        let mut case: Self = toml::from_str(&fs::read_to_string(folder.join("case.toml"))?)?;
        ensure!(!case.title.is_empty() && !case.why.is_empty(), "a case says what it shows, and why");
        folder.clone_into(&mut case.folder);
        Ok(case)
    }

    pub(crate) fn name(&self) -> String {
        self.folder.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    pub(crate) fn tree(&self, side: &str) -> Result<Tree> {
        Tree::read(&self.folder.join(side))
    }

    /// What was emitted last.
    pub(crate) fn base(&self) -> Result<FileSet> {
        self.emission(&self.tree("base")?, &BTreeMap::new())
    }

    /// What is emitted now: a file that was moved has the id that it had.
    pub(crate) fn theirs(&self) -> Result<FileSet> {
        let moved = self.renamed.iter().map(|(old, new)| (new.as_str(), old.as_str())).collect();
        self.emission(&self.tree("theirs")?, &moved)
    }

    fn emission(&self, tree: &Tree, moved: &BTreeMap<&str, &str>) -> Result<FileSet> {
        let files = tree.0.iter().map(|(path, entry)| {
            let named = moved.get(path.as_str()).copied().unwrap_or(path);
            let Entry::File { contents, executable } = entry else { anyhow::bail!("{path} is a link") };
            Ok(EmittedFile {
                id: id(named),
                path: path.clone(),
                contents: contents.clone(),
                mode: if *executable { Mode::Executable } else { Mode::Regular },
                policy: self.policy.get(path).copied().unwrap_or(Policy::Merge),
            })
        });
        FileSet::new(files.collect::<Result<_>>()?)
    }
}

/// A path as an id: letters and digits of the path, upper case marked, so that `a/b` and `A/b` differ.
fn id(path: &str) -> String {
    let mut id = "case".to_owned();
    for c in path.chars() {
        match c {
            'a'..='z' | '0'..='9' => id.push(c),
            'A'..='Z' => id.extend(['_', c.to_ascii_lowercase()]),
            _ => id.push('-'),
        }
    }
    id
}
