//! `detach`: leaves a file to the user for good.

use super::named::find;
use super::write;
use crate::apply::Target;
use crate::apply::lock::{Locked, Standing};
use crate::render::file_set::FileSet;
use crate::upgrade::read_lock;

/// One file that is the user's now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detached {
    /// Where it is, or would be.
    pub path: String,
    /// Whether it was so before.
    pub already: bool,
}

/// Leaves files to the user, whether they are there or not. No file changes.
///
/// # Errors
/// Exit 2 for a name that is not known.
pub fn detach(target: &Target, theirs: &FileSet, paths: &[String]) -> anyhow::Result<Vec<Detached>> {
    let lock = read_lock(target)?;
    let mut after = lock.clone();
    let mut detached = Vec::new();
    for path in paths {
        let named = find(path, &lock, theirs)?;
        let recorded = named.locked.cloned().or_else(|| named.theirs.map(Locked::of));
        let Some(locked) = recorded else { continue };
        let already = locked.standing == Standing::Detached;
        detached.push(Detached { path: locked.place().to_owned(), already });
        after.files.insert(named.id, Locked { standing: Standing::Detached, ..locked });
    }
    if after != lock {
        write(target, &lock, &after, Vec::new())?;
    }
    Ok(detached)
}
