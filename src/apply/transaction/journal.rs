//! The list of what a transaction is to do. Once it stands in the transaction folder, the
//! transaction is decided.
//!
//! Its first line is JSON, its second one the SHA-256 of the first.

use std::collections::BTreeSet;

use anyhow::{Context, ensure};
use rustix::fs::RawMode;
use serde::{Deserialize, Serialize};

use super::claim::Claim;
use super::disk::Disk;
use crate::apply::lock::sha256;
use crate::apply::path::{check, check_all, parents};
use crate::failure::refused;
use crate::render::file_set::Mode;

/// The version of the format; a journal with a higher one is from a newer version of the tool.
const FORMAT: u32 = 2;

/// The journal before it counts.
const DRAFT: &str = "journal.new";
/// The journal of a transaction that is to be finished.
pub(super) const COMMITTED: &str = "journal";
/// The journal of a transaction that is to be undone after all.
pub(super) const UNDOING: &str = "undo";
/// The journal of a transaction that is finished, while it still holds what it replaced.
pub(super) const DONE: &str = "done";

/// What a transaction is to do.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Journal {
    format: u32,
    /// The version of the tool that wrote it.
    version: String,
    /// Folders that did not exist, outermost first.
    folders: Vec<String>,
    /// Folders that go when they are empty without what is removed, outermost first.
    emptied: Vec<Emptied>,
    /// Files to remove, then files to write.
    files: Vec<Entry>,
}

/// A folder that goes when it is empty.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Emptied {
    pub(super) path: String,
    /// Its permission bits, for the case that it comes back.
    pub(super) mode: RawMode,
}

/// One file to remove, make or replace.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry {
    /// Where it is, relative to the target.
    pub(super) path: String,
    /// Part of its names in the transaction folder.
    pub(super) number: usize,
    /// The hash of the new contents, which are staged; none when the file is to be removed.
    pub(super) new: Option<String>,
    /// What it replaces or removes.
    pub(super) old: Option<Old>,
}

/// A file that was there before.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Old {
    pub(super) sha256: String,
    pub(super) mode: RawMode,
}

/// What can be told of any journal.
#[derive(Deserialize)]
struct Header {
    format: u32,
    version: String,
}

impl Journal {
    /// The journal of some files, which are staged already.
    pub(super) fn of(claim: &Claim, files: Vec<Entry>) -> anyhow::Result<Self> {
        let mut journal = Self {
            format: FORMAT,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            folders: Vec::new(),
            emptied: Vec::new(),
            files,
        };
        let needed = journal.needed_folders();
        let mut emptied = Vec::new();
        for path in journal.left_folders() {
            let found = claim.find(path).with_context(|| format!("cannot look at {path}"))?;
            emptied.extend(found.map(|found| Emptied { path: path.to_owned(), mode: found.mode() }));
        }
        let mut folders = Vec::new();
        for path in needed {
            let found = claim.find(path).with_context(|| format!("cannot look at {path}"))?;
            if found.is_none() || journal.removes(path) {
                folders.push(path.to_owned());
            }
        }
        journal.emptied = emptied;
        journal.folders = folders;
        Ok(journal)
    }

    /// Writes the journal beside its place and renames it: from then on the transaction is decided.
    pub(super) fn commit(&self, disk: &mut Disk<'_>, claim: &Claim) -> anyhow::Result<()> {
        let draft = claim.spot(DRAFT);
        let doing = || format!("cannot write {}", draft.shown().display());
        let mut text = serde_json::to_string(self).context("cannot put the journal as JSON")?;
        text = format!("{text}\n{}\n", sha256(text.as_bytes()));
        let mut file = disk.create_file(&draft, Mode::Regular).with_context(doing)?;
        disk.write(&mut file, &draft, text.as_bytes()).with_context(doing)?;
        if self.replaces() {
            disk.flush(&file, draft.shown()).with_context(doing)?;
        }
        disk.rename(&draft, &claim.spot(COMMITTED)).with_context(doing)?;
        if self.replaces() { claim.flush(disk).with_context(doing) } else { Ok(()) }
    }

    /// Reads a journal of one of its names; nothing where there is none.
    ///
    /// # Errors
    /// Refused when it is damaged, which only a power loss does, names an unsafe path, or is from a
    /// newer version.
    pub(super) fn read(claim: &Claim, name: &str) -> anyhow::Result<Option<Self>> {
        let Some(bytes) = claim.read(name)? else { return Ok(None) };
        let path = claim.spot(name).shown().display().to_string();
        let (json, version) = unwrap(&bytes).map_err(|error| damaged(claim, &path, &error))?;
        if version.format > FORMAT {
            return Err(refused(format!(
                "{path} was written by seaworthy {}, which is newer than this one ({}): only that version can finish \
                 or undo the run that was cut off.\nUpdate seaworthy, and run again.",
                version.version,
                env!("CARGO_PKG_VERSION")
            )));
        }
        Self::parse(json).map(Some).map_err(|error| damaged(claim, &path, &error))
    }

    fn parse(json: &[u8]) -> anyhow::Result<Self> {
        let journal: Self = serde_json::from_slice(json)?;
        check_all(journal.writes().map(|entry| entry.path.as_str()))?;
        for entry in journal.removals() {
            check(&entry.path)?;
        }
        let (needed, left) = (journal.needed_folders(), journal.left_folders());
        ensure!(journal.folders.iter().all(|folder| needed.contains(folder.as_str())), "it names a folder of no file");
        ensure!(journal.emptied.iter().all(|folder| left.contains(folder.path.as_str())), "it empties another folder");
        Ok(journal)
    }

    pub(super) fn files(&self) -> &[Entry] {
        &self.files
    }

    /// The files to make or replace.
    pub(super) fn writes(&self) -> impl DoubleEndedIterator<Item = &Entry> + Clone {
        self.files.iter().filter(|entry| entry.new.is_some())
    }

    /// The files to remove.
    pub(super) fn removals(&self) -> impl DoubleEndedIterator<Item = &Entry> {
        self.files.iter().filter(|entry| entry.new.is_none())
    }

    /// Whether anything of the user's is replaced or removed.
    pub(super) fn replaces(&self) -> bool {
        self.files.iter().any(|entry| entry.old.is_some())
    }

    fn removes(&self, path: &str) -> bool {
        self.removals().any(|entry| entry.path == path)
    }

    /// The folders that the transaction makes, outermost first.
    pub(super) fn new_folders(&self) -> &[String] {
        &self.folders
    }

    /// The folders that go when they are empty, outermost first.
    pub(super) fn emptied(&self) -> &[Emptied] {
        &self.emptied
    }

    /// Every folder that leads to a new file, outermost first.
    pub(super) fn needed_folders(&self) -> BTreeSet<&str> {
        self.writes().flat_map(|entry| parents(&entry.path)).collect()
    }

    /// Every folder that leads to a removed file and to no new one, outermost first.
    fn left_folders(&self) -> BTreeSet<&str> {
        let needed = self.needed_folders();
        self.removals().flat_map(|entry| parents(&entry.path)).filter(|folder| !needed.contains(folder)).collect()
    }
}

impl Entry {
    /// The name of the new contents in the transaction folder.
    pub(super) fn staged_name(&self) -> String {
        self.number.to_string()
    }

    /// The name there of what was replaced or removed; it tells a person which file it is.
    pub(super) fn old_name(&self) -> String {
        self.name_with("old")
    }

    /// The name there of what is taken back from its place.
    pub(super) fn back_name(&self) -> String {
        self.name_with("back")
    }

    fn name_with(&self, prefix: &str) -> String {
        let name = self.path.rsplit('/').next().unwrap_or_default();
        // Names may have 255 bytes.
        let name = if name.len() > 200 { "" } else { name };
        format!("{prefix}.{}.{name}", self.number)
    }
}

/// The first line, when the second one is its hash, and who wrote it.
fn unwrap(bytes: &[u8]) -> anyhow::Result<(&[u8], Header)> {
    let mut lines = bytes.split(|byte| *byte == b'\n');
    let (json, sum) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
    ensure!(sha256(json).as_bytes() == sum, "its checksum is wrong");
    Ok((json, serde_json::from_slice(json)?))
}

fn damaged(claim: &Claim, path: &str, error: &anyhow::Error) -> anyhow::Error {
    refused(format!(
        "{path} is damaged ({error:#}), so that the interrupted run can neither be finished nor undone.\n\
         Look at what is there with `git status`. What the run had replaced or removed so far lies in {} as old.*: \
         copy back what you miss, delete that folder, and run again.",
        claim.shown().display()
    ))
}
