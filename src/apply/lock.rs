//! The record of what was emitted last: `.seaworthy/lock.toml`, and the emitted text itself in
//! `.seaworthy/base/ID`.
//!
//! Both are committed with the user's repository. They are what tells a later version the user's
//! edits from its own: a template that is embedded in an older version cannot be replayed. Only
//! what was emitted is in there, so no secret is.

mod read;
mod salvage;
mod stored;

use std::collections::BTreeMap;

use anyhow::ensure;
use sha2::{Digest, Sha256};

use super::path::{check_all, check_id};
use super::{LOCK_FILE, OWN_FOLDER};
use crate::render::file_set::{EmittedFile, FileSet, Mode, Policy};

pub use salvage::Salvaged;

/// The version of the format; a lock with a higher one is from a newer version of the tool.
const SCHEMA: u32 = 1;

/// Ids of our own files start like this; no file of the catalogue may.
const OWN_IDS: &str = "seaworthy.";

const HEADER: &str = "\
# What seaworthy emitted last, so that a later version can tell your edits from its own text.
# Commit this folder, and leave it to the tool: the files outside of it are yours to edit.
";

/// Base texts are compared byte for byte, and one that git merged by line would be the text of no
/// version.
const GIT_ATTRIBUTES: &str = "\
* text eol=lf linguist-generated
# Base texts are compared byte for byte: no conversion of line endings, no merge by line.
base/** -text -merge
pending/** -text -merge
";

/// What was emitted last: every file except for the managed ones, which are rewritten and never
/// merged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lock {
    /// The version of the tool that emitted it.
    pub version: String,
    /// The files by id.
    pub files: BTreeMap<String, Locked>,
}

/// One file as it was emitted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Locked {
    /// Where it was written, relative to the target.
    pub path: String,
    /// Where it is, when the user moved it.
    pub moved_to: Option<String>,
    /// What later runs may do with it.
    pub policy: Policy,
    /// Its permission bits.
    pub mode: Mode,
    /// Its bytes.
    pub base: Vec<u8>,
    /// How it stands with the user.
    pub standing: Standing,
    /// SHA-256 of a newer starter that the user has been told of. Only of a file that is written once.
    pub told: Option<String>,
}

/// How a recorded file stands with the user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// It is kept current, as its policy says.
    Current,
    /// It is emitted no more, was edited, and is the user's. Its base stays for the day that it comes back.
    Dropped,
    /// The user wants it for good.
    Detached,
    /// A conflict was written, and the new text becomes the base once it is resolved.
    Pending(Pending),
}

/// A text that waits for a conflict to be resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    /// The new text.
    pub contents: Vec<u8>,
    /// SHA-256 of the user's file before the markers were written: back at it, nothing was merged.
    pub yours_sha256: String,
    /// Where the new file lies, when it could not be merged by line.
    pub beside: Option<String>,
}

impl Locked {
    /// A file as it is emitted now.
    #[must_use]
    pub fn of(file: &EmittedFile) -> Self {
        Self {
            path: file.path.clone(),
            moved_to: None,
            policy: file.policy,
            mode: file.mode,
            base: file.contents.clone(),
            standing: Standing::Current,
            told: None,
        }
    }

    /// Where it is expected on disk.
    #[must_use]
    pub fn place(&self) -> &str {
        self.moved_to.as_deref().unwrap_or(&self.path)
    }

    /// What waits for a conflict to be resolved.
    #[must_use]
    pub fn pending(&self) -> Option<&Pending> {
        match &self.standing {
            Standing::Pending(pending) => Some(pending),
            _ => None,
        }
    }

    /// Whether the tool keeps it current.
    #[must_use]
    pub fn is_ours(&self) -> bool {
        matches!(self.standing, Standing::Current | Standing::Pending(_))
    }
}

impl Lock {
    /// The lock of a set of files that is about to be written.
    ///
    /// # Errors
    /// When an id cannot be the name of a file or is one of ours, or a path is unsafe: the
    /// catalogue is wrong.
    pub fn of(files: &FileSet) -> anyhow::Result<Self> {
        check_all(files.files().iter().map(|file| file.path.as_str()))?;
        let recorded = files.files().iter().filter(|file| file.policy != Policy::Managed);
        let files = recorded.map(|file| {
            check_id(&file.id)?;
            ensure!(!file.id.starts_with(OWN_IDS), "the id {:?} is kept for the lock", file.id);
            Ok((file.id.clone(), Locked::of(file)))
        });
        Ok(Self { version: env!("CARGO_PKG_VERSION").to_owned(), files: files.collect::<anyhow::Result<_>>()? })
    }

    /// The lock as files to emit: `lock.toml`, `.gitattributes`, the base texts and those that wait for a
    /// conflict to be resolved, all of them managed.
    ///
    /// # Errors
    /// When it cannot be put as TOML, which no lock is known to cause.
    pub fn into_files(self) -> anyhow::Result<Vec<EmittedFile>> {
        let text = self.to_toml()?;
        let mut files = vec![
            managed("lock", LOCK_FILE.to_owned(), text.into_bytes()),
            managed("gitattributes", format!("{OWN_FOLDER}/.gitattributes"), GIT_ATTRIBUTES.into()),
        ];
        for (id, file) in self.files {
            if let Standing::Pending(pending) = file.standing {
                files.push(managed(&format!("pending.{id}"), pending_path(&id), pending.contents));
            }
            files.push(managed(&format!("base.{id}"), base_path(&id), file.base));
        }
        Ok(files)
    }
}

/// The same set with its lock in it, so that both are written by one transaction.
///
/// # Errors
/// As [`Lock::of`].
pub fn with_lock(files: FileSet) -> anyhow::Result<FileSet> {
    let lock = Lock::of(&files)?.into_files()?;
    files.with(lock)
}

/// Where the base text of a file is kept.
fn base_path(id: &str) -> String {
    format!("{OWN_FOLDER}/base/{id}")
}

/// Where the new text of a file with a conflict is kept.
fn pending_path(id: &str) -> String {
    format!("{OWN_FOLDER}/pending/{id}")
}

fn managed(id: &str, path: String, contents: Vec<u8>) -> EmittedFile {
    EmittedFile { id: format!("{OWN_IDS}{id}"), path, contents, mode: Mode::Regular, policy: Policy::Managed }
}

/// The SHA-256 of some bytes, in lower-case hexadecimal.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests;
