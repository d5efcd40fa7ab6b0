//! The list of what a transaction is to do. Once it stands in the transaction folder, the
//! transaction is decided.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;

use anyhow::{Context, ensure};
use serde::{Deserialize, Serialize};

use super::claim::Claim;
use super::disk::Disk;
use super::operation::New;
use crate::apply::lock::sha256;
use crate::apply::path::{check_all, parents};
use crate::apply::target::inspect;
use crate::failure::refused;
use crate::render::file_set::Mode;

/// The journal before it counts.
const DRAFT: &str = "journal.new";
/// The journal of a transaction that is to be finished.
pub(super) const COMMITTED: &str = "journal";
/// The journal of a transaction that is to be undone after all.
pub(super) const UNDOING: &str = "undo";

/// What a transaction is to do.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Journal {
    /// Folders that did not exist, outermost first.
    folders: Vec<String>,
    /// Files to create.
    files: Vec<Entry>,
}

/// One file that is staged.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry {
    /// Where it goes, relative to the target.
    pub(super) path: String,
    /// The number that is its name in the transaction folder.
    pub(super) staged: usize,
    /// Of its contents.
    pub(super) sha256: String,
}

impl Journal {
    /// The journal of some files to create, staged under their index.
    pub(super) fn of(root: &Path, new: &[New<'_>]) -> anyhow::Result<Self> {
        let entry = |(staged, change): (usize, &New<'_>)| Entry {
            path: change.path.to_owned(),
            staged,
            sha256: sha256(change.contents),
        };
        let mut journal = Self { folders: Vec::new(), files: new.iter().enumerate().map(entry).collect() };
        let mut folders = Vec::new();
        for folder in journal.all_folders() {
            if inspect(&root.join(folder)).with_context(|| format!("cannot look at {folder}"))?.is_none() {
                folders.push(folder.to_owned());
            }
        }
        journal.folders = folders;
        Ok(journal)
    }

    /// Writes the journal beside its place and renames it: from then on the transaction is decided.
    pub(super) fn commit(&self, disk: &mut Disk<'_>, claim: &Claim) -> anyhow::Result<()> {
        let draft = claim.path(DRAFT);
        let text = serde_json::to_vec(self).context("cannot put the journal as JSON")?;
        disk.create_file(&draft, Mode::Regular)
            .and_then(|mut file| disk.write(&mut file, &draft, &text))
            .and_then(|()| disk.rename(&draft, &claim.path(COMMITTED)))
            .with_context(|| format!("cannot write {}", draft.display()))
    }

    /// Reads a journal of either name; nothing where there is none.
    ///
    /// # Errors
    /// Refused when it is damaged, which only a power loss does, or names an unsafe path.
    pub(super) fn read(claim: &Claim, name: &str) -> anyhow::Result<Option<Self>> {
        let path = claim.path(name);
        let bytes = match fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            bytes => bytes.with_context(|| format!("cannot read {}", path.display()))?,
        };
        Self::parse(&bytes).map(Some).map_err(|error| {
            refused(format!(
                "{} is damaged ({error:#}), so that the interrupted run can neither be finished nor undone.\n\
                 Delete its folder, {}, look at what is there with `git status`, and run again.",
                path.display(),
                claim.folder().display()
            ))
        })
    }

    fn parse(bytes: &[u8]) -> anyhow::Result<Self> {
        let journal: Self = serde_json::from_slice(bytes)?;
        check_all(journal.files.iter().map(|entry| entry.path.as_str()))?;
        let known = journal.all_folders();
        ensure!(journal.folders.iter().all(|folder| known.contains(folder.as_str())), "it names a folder of no file");
        Ok(journal)
    }

    /// The files to create.
    pub(super) fn files(&self) -> &[Entry] {
        &self.files
    }

    /// The folders that the transaction makes, outermost first.
    pub(super) fn new_folders(&self) -> &[String] {
        &self.folders
    }

    /// Every folder that leads to a file, outermost first.
    pub(super) fn all_folders(&self) -> BTreeSet<&str> {
        self.files.iter().flat_map(|entry| parents(&entry.path)).collect()
    }
}
