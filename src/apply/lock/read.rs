//! Reading a lock back: damaged, badly merged or too new is an error with a way out, never a guess.

use std::collections::HashSet;

use serde::Deserialize;

use super::{Lock, Locked, SCHEMA, Stored, StoredFile, base_path, sha256};
use crate::apply::LOCK_FILE;
use crate::apply::path::{check, check_id};
use crate::apply::target::{OnDisk, Target};
use crate::failure::refused;

/// What to do about a damaged lock.
const WAY_OUT: &str = "Bring the folder .seaworthy back as it was committed, for example with \
                       `git checkout HEAD -- .seaworthy`; after a merge, take all of it from one of the two branches.";

/// How git starts the lines of an unresolved conflict.
const CONFLICT_MARKERS: [&str; 4] = ["<<<<<<< ", "||||||| ", "=======", ">>>>>>> "];

impl Lock {
    /// The lock of a target, with all base texts, each compared with its hash; nothing where there
    /// is none.
    ///
    /// # Errors
    /// Refused when it is damaged, has unresolved conflicts in it, does not belong to its base
    /// texts, or was written by a newer version; the message names the file and, in `lock.toml`,
    /// the line.
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
            check_id(&id).and_then(|()| check(&file.path)).map_err(|error| wrong(&format!("{error:#}")))?;
            if !paths.insert(file.path.clone()) {
                return Err(wrong(&format!("{} is in it twice", file.path)));
            }
            let locked = read_base(target, &id, file)?;
            Ok((id, locked))
        });
        Ok(Some(Self { version: stored.version, files: files.collect::<anyhow::Result<_>>()? }))
    }
}

fn read_base(target: &Target, id: &str, file: StoredFile) -> anyhow::Result<Locked> {
    let path = base_path(id);
    let problem = match target.read(&path)? {
        OnDisk::File(base) if sha256(&base) == file.sha256 => {
            return Ok(Locked { path: file.path, policy: file.policy, mode: file.mode, base });
        }
        OnDisk::File(_) => format!("it is not the text that {LOCK_FILE} has the hash of"),
        OnDisk::Absent => "it is missing".to_owned(),
        OnDisk::Other(reason) => reason,
    };
    Err(refused(format!("{path} is damaged: {problem}.\n{WAY_OUT}")))
}

fn parse(text: &str) -> anyhow::Result<Stored> {
    let conflict = text.lines().position(|line| CONFLICT_MARKERS.iter().any(|marker| line.starts_with(marker)));
    if let Some(line) = conflict {
        return Err(damaged_at(Some(line + 1), "it has unresolved merge conflicts"));
    }
    check_schema(text)?;
    toml::from_str(text).map_err(|error| syntax(text, &error))
}

/// Checks the version of the format on its own, since all the rest may look different in another
/// one.
fn check_schema(text: &str) -> anyhow::Result<()> {
    #[derive(Deserialize)]
    struct Schema {
        schema: u32,
    }
    match toml::from_str::<Schema>(text).map_err(|error| syntax(text, &error))?.schema {
        SCHEMA => Ok(()),
        newer if newer > SCHEMA => Err(refused(format!(
            "{LOCK_FILE} was written by a newer version of seaworthy (its schema is {newer}, this version knows {SCHEMA}): \
             update seaworthy and run it again"
        ))),
        unknown => Err(damaged(&format!("its schema is {unknown}, which never existed"))),
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
    let line = line.map(|line| format!(", line {line}")).unwrap_or_default();
    refused(format!("{LOCK_FILE}{line} is damaged: {problem}.\n{WAY_OUT}"))
}
