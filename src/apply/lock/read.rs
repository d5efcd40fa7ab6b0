//! Reading a lock back: damaged, badly merged or too new is an error with a way out, never a guess.

use std::collections::HashSet;

use anyhow::anyhow;
use serde::Deserialize;

use super::stored::{Stored, StoredFile, StoredState};
use super::{Lock, Locked, SCHEMA, base_path, pending_path, sha256};
use crate::apply::LOCK_FILE;
use crate::apply::path::{check, check_id};
use crate::apply::target::{OnDisk, Target};
use crate::failure::refused;

/// What to do about a damaged lock.
const WAY_OUT: &str = "Bring the folder .seaworthy back as it was committed, for example with \
                       `git checkout HEAD -- .seaworthy`. Or let `seaworthy rebase` rebuild it from your files as they are: \
                       it changes none of them.";

/// How git starts the lines of an unresolved conflict.
pub(super) const CONFLICT_MARKERS: [&str; 4] = ["<<<<<<< ", "||||||| ", "=======", ">>>>>>> "];

impl Lock {
    /// The lock of a target, with all base texts, each compared with its hash; nothing where there
    /// is none.
    ///
    /// # Errors
    /// When it is damaged or does not belong to its base texts (exit 1), has unresolved conflicts in it or
    /// was written by a newer version (exit 5); the message names the file and, in `lock.toml`, the line.
    pub fn read(target: &Target) -> anyhow::Result<Option<Self>> {
        let text = match target.read(LOCK_FILE)? {
            OnDisk::Absent => return Ok(None),
            OnDisk::File(bytes) => String::from_utf8(bytes).map_err(|_| damaged("it is not text in UTF-8"))?,
            OnDisk::Other(reason) => return Err(damaged(&reason)),
        };
        let stored = parse(&text)?;
        let mut paths = HashSet::new();
        let files = stored.files.into_iter().map(|(id, file)| {
            let wrong = |problem: &str| damaged_at(line_of_file(&text, &id), problem);
            check_names(&id, &file).map_err(|error| wrong(&format!("{error:#}")))?;
            let may_share = matches!(file.state, Some(StoredState::Dropped | StoredState::Detached));
            if !may_share && !paths.insert(file.path.clone()) {
                return Err(wrong(&format!("{} is in it twice", file.path)));
            }
            let locked = read_texts(target, &id, file).map_err(|problem| match problem {
                Damage::Entry(problem) => wrong(problem),
                Damage::Text(path, problem) => anyhow!("{path} is damaged: {problem}.\n{WAY_OUT}"),
                Damage::Disk(error) => error,
            })?;
            Ok((id, locked))
        });
        Ok(Some(Self { version: stored.version, files: files.collect::<anyhow::Result<_>>()? }))
    }
}

/// Whether `version` is a later one than this tool's, by its first three numbers.
pub(super) fn is_newer(version: &str) -> bool {
    fn numbers(version: &str) -> Vec<u64> {
        let plain = version.split(['-', '+']).next().unwrap_or_default();
        plain.split('.').map(|part| part.parse().unwrap_or(0)).collect()
    }
    numbers(version) > numbers(env!("CARGO_PKG_VERSION"))
}

/// Checks that an entry names nothing but safe files.
pub(super) fn check_names(id: &str, file: &StoredFile) -> anyhow::Result<()> {
    check_id(id)?;
    file.paths().try_for_each(check)
}

/// What is wrong with one entry.
pub(super) enum Damage {
    /// The entry itself.
    Entry(&'static str),
    /// One of its texts: the path, and what is wrong with it.
    Text(String, String),
    /// It cannot be looked at.
    Disk(anyhow::Error),
}

/// An entry with the texts that belong to it.
pub(super) fn read_texts(target: &Target, id: &str, file: StoredFile) -> Result<Locked, Damage> {
    let base = read_text(target, base_path(id), &file.sha256)?;
    let pending = match &file.pending_sha256 {
        Some(hash) => Some(read_text(target, pending_path(id), hash)?),
        None => None,
    };
    file.with(base, pending).map_err(Damage::Entry)
}

fn read_text(target: &Target, path: String, hash: &str) -> Result<Vec<u8>, Damage> {
    let problem = match target.read(&path).map_err(Damage::Disk)? {
        OnDisk::File(text) if sha256(&text) == hash => return Ok(text),
        OnDisk::File(_) => format!("it is not the text that {LOCK_FILE} has the hash of"),
        OnDisk::Absent => "it is missing".to_owned(),
        OnDisk::Other(reason) => reason,
    };
    Err(Damage::Text(path, problem))
}

fn parse(text: &str) -> anyhow::Result<Stored> {
    let conflict = text.lines().position(|line| CONFLICT_MARKERS.iter().any(|marker| line.starts_with(marker)));
    if let Some(line) = conflict {
        return Err(refused(at_line(Some(line + 1), "it has unresolved merge conflicts")));
    }
    check_age(text)?;
    toml::from_str(text).map_err(|error| syntax(text, &error))
}

/// Checks the version of the format and of the tool on their own, since all the rest may look different in
/// a newer one.
///
/// # Errors
/// Refused when either is newer; damaged when there is none.
pub(super) fn check_age(text: &str) -> anyhow::Result<()> {
    #[derive(Deserialize)]
    struct Age {
        schema: u32,
        version: Option<String>,
    }
    let newer = |what: String| {
        let update = "update seaworthy and run it again";
        Err(refused(format!("{LOCK_FILE} was written by a newer version of seaworthy ({what}): {update}")))
    };
    let age: Age = toml::from_str(text).map_err(|error| syntax(text, &error))?;
    match (age.schema, age.version) {
        (schema, _) if schema > SCHEMA => newer(format!("its schema is {schema}, this version knows {SCHEMA}")),
        (SCHEMA, Some(version)) if is_newer(&version) => {
            newer(format!("{version}; this one is {}", env!("CARGO_PKG_VERSION")))
        }
        (SCHEMA, _) => Ok(()),
        (unknown, _) => Err(damaged(&format!("its schema is {unknown}, which never existed"))),
    }
}

fn syntax(text: &str, error: &toml::de::Error) -> anyhow::Error {
    let line = error.span().map(|span| line_at(text, span.start));
    damaged_at(line, error.message())
}

fn line_at(text: &str, offset: usize) -> usize {
    1 + text.bytes().take(offset).filter(|byte| *byte == b'\n').count()
}

/// The line where the table of a file starts, however its id is quoted.
fn line_of_file(text: &str, id: &str) -> Option<usize> {
    let headers = [format!("[files.{id}]"), format!("[files.\"{id}\"]"), format!("[files.'{id}']")];
    text.lines().position(|line| headers.iter().any(|header| line.trim_end() == header)).map(|line| line + 1)
}

fn damaged(problem: &str) -> anyhow::Error {
    damaged_at(None, problem)
}

fn damaged_at(line: Option<usize>, problem: &str) -> anyhow::Error {
    anyhow!(at_line(line, problem))
}

fn at_line(line: Option<usize>, problem: &str) -> String {
    let line = line.map(|line| format!(", line {line}")).unwrap_or_default();
    format!("{LOCK_FILE}{line} is damaged: {problem}.\n{WAY_OUT}")
}
