//! `rebase`: rebuilds a damaged or lost lock from what is whole, the answers and the disk.

use std::collections::BTreeMap;

use super::write;
use crate::apply::Target;
use crate::apply::lock::{Lock, Locked, Salvaged};
use crate::merge::same_text;
use crate::render::file_set::{EmittedFile, FileSet, Policy};
use crate::upgrade::operations::of_bookkeeping;
use crate::upgrade::view::{DiskView, Seen, View};

/// What a rebuilt lock holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rebased {
    /// How many entries were whole, and stay.
    pub kept: usize,
    /// The entries that were rebuilt, ordered by path.
    pub rebuilt: Vec<Rebuilt>,
    /// Paths of entries that are lost: no longer emitted, so that there is nothing to rebuild them from.
    pub lost: Vec<String>,
    /// Whether the disk has it already.
    pub is_unchanged: bool,
}

/// One entry that was rebuilt: what is emitted now is its base.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rebuilt {
    /// Where the file is.
    pub path: String,
    /// Whether it differs from what is emitted now; that counts as an edit of the user from now on.
    pub differs: bool,
}

/// Rebuilds the lock of a tree. Entries that are whole stay; others get the current emission as base. No other
/// file changes; with `dry_run` none at all.
///
/// # Errors
/// Refused for a lock of a newer version; otherwise when the disk refuses.
pub fn rebase(target: &Target, theirs: &FileSet, dry_run: bool) -> anyhow::Result<Rebased> {
    let Salvaged { whole, lost } = Lock::salvage(target)?;
    let mut files = whole.clone();
    let mut rebuilt = Vec::new();
    let mut lost_paths: BTreeMap<&str, &str> = lost.iter().map(|(id, path)| (id.as_str(), path.as_str())).collect();
    for file in theirs.files().iter().filter(|file| file.policy != Policy::Managed) {
        if whole.contains_key(&file.id) {
            continue;
        }
        let was = lost_paths.remove(file.id.as_str());
        if let Some((locked, differs)) = rebuild(target, file, was)? {
            rebuilt.push(Rebuilt { path: locked.place().to_owned(), differs });
            files.insert(file.id.clone(), locked);
        }
    }
    let before = Lock { version: env!("CARGO_PKG_VERSION").to_owned(), files: whole };
    let after = Lock { files, ..before.clone() };
    let is_unchanged = of_bookkeeping(target, Some(&before), &after, &FileSet::default())?.operations.is_empty();
    if !dry_run && !is_unchanged {
        write(target, &before, &after, Vec::new())?;
    }
    let lost = lost_paths.into_values().map(ToOwned::to_owned).collect();
    Ok(Rebased { kept: before.files.len(), rebuilt, lost, is_unchanged })
}

/// The entry of a file that is there, or that was recorded before; one that never was is for the next upgrade
/// to write.
fn rebuild(target: &Target, file: &EmittedFile, was: Option<&str>) -> anyhow::Result<Option<(Locked, bool)>> {
    let view = DiskView(target);
    for place in [was, Some(file.path.as_str())].into_iter().flatten() {
        if let Seen::File(yours) = view.look(place)? {
            let moved_to = (place != file.path).then(|| place.to_owned());
            return Ok(Some((Locked { moved_to, ..Locked::of(file) }, !same_text(&yours.contents, &file.contents))));
        }
    }
    Ok(was.map(|_| (Locked::of(file), true)))
}
