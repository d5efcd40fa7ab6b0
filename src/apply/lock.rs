//! The record of what was emitted last: `.seaworthy/lock.toml`, and the emitted text itself in
//! `.seaworthy/base/ID`.
//!
//! Both are committed with the user's repository. They are what tells a later version the user's
//! edits from its own: a template that is embedded in an older version cannot be replayed. Only
//! what was emitted is in there, so no secret is.

mod read;

use std::collections::BTreeMap;

use anyhow::{Context, ensure};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::path::{check_all, check_id};
use super::{LOCK_FILE, OWN_FOLDER};
use crate::render::file_set::{EmittedFile, FileSet, Mode, Policy};

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
# Base texts are compared byte for byte: no conversion of line endings, no merge by line.
base/** -text -merge linguist-generated
lock.toml text eol=lf linguist-generated
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
    /// What later runs may do with it.
    pub policy: Policy,
    /// Its permission bits.
    pub mode: Mode,
    /// Its bytes.
    pub base: Vec<u8>,
}

/// `lock.toml` as it is stored. One table a file, so that git merges two branches that touch
/// different files.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    schema: u32,
    version: String,
    #[serde(default)]
    files: BTreeMap<String, StoredFile>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredFile {
    path: String,
    policy: Policy,
    mode: Mode,
    sha256: String,
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
            let locked =
                Locked { path: file.path.clone(), policy: file.policy, mode: file.mode, base: file.contents.clone() };
            Ok((file.id.clone(), locked))
        });
        Ok(Self { version: env!("CARGO_PKG_VERSION").to_owned(), files: files.collect::<anyhow::Result<_>>()? })
    }

    /// The lock as files to emit: the base texts, `lock.toml` and `.gitattributes`, all of them
    /// managed.
    ///
    /// # Errors
    /// When it cannot be put as TOML, which no lock is known to cause.
    pub fn into_files(self) -> anyhow::Result<Vec<EmittedFile>> {
        let text = self.to_toml()?;
        let mut files = vec![
            managed("lock", LOCK_FILE.to_owned(), text.into_bytes()),
            managed("gitattributes", format!("{OWN_FOLDER}/.gitattributes"), GIT_ATTRIBUTES.into()),
        ];
        files
            .extend(self.files.into_iter().map(|(id, file)| managed(&format!("base.{id}"), base_path(&id), file.base)));
        Ok(files)
    }

    fn to_toml(&self) -> anyhow::Result<String> {
        let files = self.files.iter().map(|(id, file)| {
            let sha256 = sha256(&file.base);
            (id.clone(), StoredFile { path: file.path.clone(), policy: file.policy, mode: file.mode, sha256 })
        });
        let stored = Stored { schema: SCHEMA, version: self.version.clone(), files: files.collect() };
        Ok(format!("{HEADER}{}", toml::to_string(&stored).context("cannot write the lock")?))
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

fn managed(id: &str, path: String, contents: Vec<u8>) -> EmittedFile {
    EmittedFile { id: format!("{OWN_IDS}{id}"), path, contents, mode: Mode::Regular, policy: Policy::Managed }
}

/// The SHA-256 of some bytes, in lower-case hexadecimal.
pub(super) fn sha256(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests;
