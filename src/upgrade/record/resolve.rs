//! `resolve`: conflicts that a person has resolved become the new base.

use super::write;
use crate::apply::lock::Locked;
use crate::apply::{Lock, Target};
use crate::upgrade::git::Git;
use crate::upgrade::in_git::add_settled;
use crate::upgrade::pending::{Open, Review, Settled, review};
use crate::upgrade::read_lock;
use crate::upgrade::view::DiskView;

/// What became of the conflicts of a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolved {
    /// Recorded as resolved.
    pub settled: Vec<Settled>,
    /// Still open.
    pub open: Vec<Open>,
    /// What git refused.
    pub warnings: Vec<String>,
}

/// Records the conflicts that are resolved: of all files, or of those that are named.
///
/// # Errors
/// Exit 2 for a name that has no conflict; otherwise as [`crate::apply::transaction::apply`].
pub fn resolve(target: &Target, paths: &[String]) -> anyhow::Result<Resolved> {
    let lock = read_lock(target)?;
    if let Some(path) = paths.iter().find(|path| !has_conflict(&lock, path)) {
        return Err(no_conflict(path, &lock));
    }
    let is_wanted = |path: &str| paths.is_empty() || paths.iter().any(|wanted| wanted == path);
    // Who names a file says that it is as it shall be, even where that is what it was before.
    let says_so = |path: &str| paths.iter().any(|wanted| wanted == path);
    let Review { lock: after, open, settled } = review(&lock, &DiskView(target), &is_wanted, &says_so)?;
    if !settled.is_empty() {
        write(target, &lock, &after, Vec::new())?;
    }
    let warnings = match Git::find(target.root()) {
        Ok(Some(git)) => add_settled(&git, &settled),
        _ => Vec::new(),
    };
    Ok(Resolved { settled, open: open.into_iter().filter(|open| is_wanted(&open.path)).collect(), warnings })
}

fn has_conflict(lock: &Lock, path: &str) -> bool {
    lock.files.values().any(|file| file.place() == path && file.pending().is_some())
}

fn no_conflict(path: &str, lock: &Lock) -> anyhow::Error {
    let open: Vec<&str> = lock.files.values().filter(|file| file.pending().is_some()).map(Locked::place).collect();
    let hint = match open.as_slice() {
        [] => "no file has one".to_owned(),
        open => format!("these have one: {}", open.join(", ")),
    };
    crate::failure::usage(format!("{path} has no conflict of an upgrade; {hint}"))
}
