//! What `init` does to a repository that somebody else wrote: nothing of theirs changes.

use super::change_set::{Change, Class};
use super::lock::{Lock, Standing};
use super::path::{check_all, split};
use super::target::{OnDisk, State, Target};
use super::transaction::{Expected, Operation};
use crate::failure::refused;
use crate::render::file_set::{FileSet, Mode, Policy};

/// What becomes of a path where a file of the user's is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum WhereTaken {
    /// It stays, and is the user's for good.
    Keep,
    /// It stays, and counts as the user's edit of what is emitted: upgrades merge into it.
    Adopt,
    /// It stays, and what would be emitted lies beside it as `NAME.seaworthy`.
    Beside,
}

/// What is decided for every path.
#[derive(Debug)]
pub struct Fitting {
    changes: Vec<Change>,
}

/// Other names of a file: with one of them there, ours would be read in its place or beside it.
const SAME_AS: [(&str, &[&str]); 2] = [
    ("compose.yaml", &["compose.yml", "docker-compose.yml", "docker-compose.yaml"]),
    ("Dockerfile", &["Containerfile"]),
];

impl Fitting {
    /// Decides every path of an emission without a lock. Reads, and writes nothing.
    ///
    /// # Errors
    /// Refused when seaworthy knows the repository already, another run is going on, or something other than a file is in
    /// the way; otherwise when the disk cannot be read.
    pub fn of(target: &Target, files: &FileSet, taken: WhereTaken) -> anyhow::Result<Self> {
        check_state(target)?;
        check_all(files.files().iter().map(|file| file.path.as_str()))?;
        let mut lock = Lock::of(files)?;
        let mut changes = Vec::new();
        for file in files.files() {
            let theirs = there(target, &file.path)?;
            let (class, reason) = match (&theirs, taken) {
                (None, _) => (Class::Create, None),
                (Some((_, bytes)), _) if *bytes == file.contents => (Class::Unchanged, None),
                (Some(_), _) if file.policy == Policy::Managed => {
                    (Class::Blocked, Some("a file of seaworthy's is there".to_owned()))
                }
                (Some((path, _)), WhereTaken::Adopt) if *path == file.path => {
                    (Class::Adopted, Some("yours, as an edit of what is emitted".to_owned()))
                }
                (Some((path, _)), _) => (Class::Kept, Some(kept(path, &file.path))),
            };
            if class == Class::Kept
                && let Some(locked) = lock.files.get_mut(&file.id)
            {
                locked.standing = Standing::Detached;
            }
            if class == Class::Kept && taken == WhereTaken::Beside {
                let path = beside(&file.path);
                if there(target, &path)?.is_none() {
                    changes.push(Change {
                        path,
                        reason: Some("to compare with yours".to_owned()),
                        ..Change::of(file, Class::Create)
                    });
                }
            }
            changes.push(Change { reason, ..Change::of(file, class) });
        }
        for file in lock.into_files()? {
            let class = if there(target, &file.path)?.is_none() { Class::Create } else { Class::Blocked };
            changes.push(Change::of(&file, class));
        }
        changes.sort_by(|one, other| one.path.cmp(&other.path));
        let blocked: Vec<&str> =
            changes.iter().filter(|it| it.class == Class::Blocked).map(|it| it.path.as_str()).collect();
        if !blocked.is_empty() {
            return Err(refused(format!(
                "these are in the way: {}. Nothing was written; move them away first.",
                blocked.join(", ")
            )));
        }
        target.ensure_steady()?;
        Ok(Self { changes })
    }

    /// Every path, ordered by path.
    #[must_use]
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// What a transaction has to do: only new files.
    #[must_use]
    pub fn operations(&self) -> Vec<Operation> {
        let new = self.changes.iter().filter(|change| change.class == Class::Create);
        let operation = |change: &Change| Operation::Write {
            path: change.path.clone(),
            contents: change.contents.clone(),
            mode: if change.path.ends_with(".seaworthy") { Mode::Regular } else { change.mode },
            expected: Expected::Absent,
        };
        new.map(operation).collect()
    }
}

fn check_state(target: &Target) -> anyhow::Result<()> {
    let root = target.root().display();
    match target.state() {
        State::Ours => Err(refused(format!(
            "{root} is fitted already: `seaworthy upgrade` takes changed answers, and `seaworthy diff` shows what it would do."
        ))),
        State::Unfinished => Err(refused(format!(
            "another run of seaworthy is writing to {root}, or one was cut off there. Nothing was written.\n\
             Once no other one is running, `seaworthy init` without --dry-run finishes or undoes what was cut off."
        ))),
        _ => Ok(()),
    }
}

/// The file at a path, or at one that means the same, with its bytes.
///
/// # Errors
/// Refused when something other than a file is there; otherwise when the disk cannot be read.
pub fn there(target: &Target, path: &str) -> anyhow::Result<Option<(String, Vec<u8>)>> {
    let (folder, name) = split(path);
    // What a deploy copies to a host is named by its scripts.
    let is_looked_for = !folder.ends_with("deploy/compose");
    let others = SAME_AS.iter().find(|(it, _)| *it == name && is_looked_for).map_or(&[][..], |(_, others)| *others);
    let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
    for path in [name].iter().chain(others).map(|name| format!("{prefix}{name}")) {
        let path = path.as_str();
        match target.read(path)? {
            OnDisk::Absent => {}
            OnDisk::File(bytes) => return Ok(Some((path.to_owned(), bytes))),
            OnDisk::Other(what) => {
                return Err(refused(format!("{path}: {what}. Nothing was written; move it away first.")));
            }
        }
    }
    Ok(None)
}

/// Where what is emitted lies beside a file of the user's.
#[must_use]
pub fn beside(path: &str) -> String {
    format!("{path}.seaworthy")
}

/// Why a file stays that is in the place of ours.
#[must_use]
pub fn kept(theirs: &str, ours: &str) -> String {
    if theirs == ours { "yours; nothing of it changes".to_owned() } else { format!("your {theirs} is in its place") }
}
