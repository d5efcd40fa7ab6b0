//! Files that the user names, found among those that are recorded and those that are emitted.

use crate::apply::lock::{Lock, Locked};
use crate::failure::usage;
use crate::render::file_set::{EmittedFile, FileSet, Policy};

/// A file that the user named.
pub(super) struct Named<'a> {
    pub(super) id: String,
    pub(super) locked: Option<&'a Locked>,
    pub(super) theirs: Option<&'a EmittedFile>,
}

/// Finds a file by the place where it is, was or would be.
///
/// # Errors
/// Exit 2 with the nearest path that is known.
pub(super) fn find<'a>(path: &str, lock: &'a Lock, theirs: &'a FileSet) -> anyhow::Result<Named<'a>> {
    let emitted = || theirs.files().iter().filter(|file| file.policy != Policy::Managed);
    let by_place = lock.files.iter().find(|(_, file)| file.place() == path);
    let by_path = || lock.files.iter().find(|(_, file)| file.path == path);
    let by_emission = || emitted().find(|file| file.path == path);
    let id = match (by_place, by_emission()) {
        (Some((id, _)), _) => id,
        (None, Some(file)) => &file.id,
        (None, None) => by_path().map(|(id, _)| id).ok_or_else(|| unknown(path, lock, theirs))?,
    };
    Ok(Named { id: id.clone(), locked: lock.files.get(id), theirs: emitted().find(|file| file.id == *id) })
}

fn unknown(path: &str, lock: &Lock, theirs: &FileSet) -> anyhow::Error {
    let recorded = lock.files.values().map(Locked::place);
    let emitted = theirs.files().iter().filter(|file| file.policy != Policy::Managed).map(|file| file.path.as_str());
    let score = |known: &str| strsim::normalized_damerau_levenshtein(path, known);
    // The name alone counts too: people leave out folders.
    let by_name = |known: &str| known.rsplit('/').next() == path.rsplit('/').next();
    let near = recorded
        .chain(emitted)
        .filter(|known| by_name(known) || score(known) > 0.6)
        .max_by(|one, other| score(one).total_cmp(&score(other)));
    let hint = near
        .map_or_else(|| "`seaworthy check --json` lists all files".to_owned(), |near| format!("did you mean {near}?"));
    usage(format!("{path} is no file that seaworthy emits here; {hint}"))
}
