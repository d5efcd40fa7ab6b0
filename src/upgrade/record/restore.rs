//! `restore`: brings a deleted file back as it is emitted now.

use super::named::find;
use super::write;
use crate::apply::lock::{Locked, Standing};
use crate::apply::transaction::{Expected, Operation};
use crate::apply::{OnDisk, Target};
use crate::failure::{refused, usage};
use crate::render::file_set::FileSet;
use crate::upgrade::read_lock;

/// Writes files that are gone from the disk as they are emitted now. Returns their paths.
///
/// # Errors
/// Exit 2 for a name that is not emitted; refused when something is at its place. Nothing is written then.
pub fn restore(target: &Target, theirs: &FileSet, paths: &[String]) -> anyhow::Result<Vec<String>> {
    let lock = read_lock(target)?;
    let mut after = lock.clone();
    let (mut operations, mut restored) = (Vec::new(), Vec::new());
    for path in paths {
        let named = find(path, &lock, theirs)?;
        let Some(file) = named.theirs else {
            return Err(usage(format!("{path} is emitted no more; bring it back with `git checkout`")));
        };
        let place = named
            .locked
            .map_or(file.path.as_str(), |locked| if locked.path == *path { &file.path } else { locked.place() });
        match target.read(place)? {
            OnDisk::Absent => {}
            OnDisk::File(_) => {
                return Err(refused(format!(
                    "{place} is there, and `restore` overwrites nothing. Move it away first; or compare it with \
                     `seaworthy diff`. Nothing was written."
                )));
            }
            OnDisk::Other(reason) => return Err(refused(format!("{place}: {reason}. Nothing was written."))),
        }
        let moved_to = (place != file.path).then(|| place.to_owned());
        after.files.insert(named.id, Locked { moved_to, standing: Standing::Current, ..Locked::of(file) });
        operations.push(Operation::Write {
            path: place.to_owned(),
            contents: file.contents.clone(),
            mode: file.mode,
            expected: Expected::Absent,
        });
        restored.push(place.to_owned());
    }
    write(target, &lock, &after, operations)?;
    Ok(restored)
}
