//! One more service in a repository that has some: their files stay, and so does every file of the user's.

use super::{Options, Prepared, prepare_from, read_lock};
use crate::apply::fitting::{WhereTaken, beside, there};
use crate::apply::lock::{Locked, Standing};
use crate::apply::transaction::{Expected, Operation};
use crate::apply::{Class, Target};
use crate::render::file_set::{FileSet, Mode, Policy};

/// Decides what `theirs`, an emission in which the files that `is_new` knows by their ids were never emitted here, does to the
/// tree. Where one of the user's is in the place of a new one, it stays. Writes nothing.
///
/// # Errors
/// As [`super::prepare`].
pub fn join(
    target: &Target,
    theirs: &FileSet,
    is_new: impl Fn(&str) -> bool,
    taken: WhereTaken,
    options: &Options,
) -> anyhow::Result<Prepared> {
    let mut lock = read_lock(target)?;
    let (mut kept, mut beside_them) = (Vec::new(), Vec::new());
    let new = theirs.files().iter().filter(|file| file.policy != Policy::Managed && is_new(&file.id));
    for file in new {
        let Some((path, bytes)) = there(target, &file.path)? else { continue };
        if bytes == file.contents {
            continue;
        }
        let mut locked = Locked::of(file);
        if taken != WhereTaken::Adopt || path != file.path {
            locked.standing = Standing::Detached;
            kept.push((file.id.clone(), path));
        }
        if taken == WhereTaken::Beside && there(target, &beside(&file.path))?.is_none() {
            beside_them.push((beside(&file.path), file.contents.clone()));
        }
        lock.files.insert(file.id.clone(), locked);
    }
    let mut prepared = prepare_from(target, &lock, theirs, options)?;
    for change in &mut prepared.changes {
        if let Some((_, path)) = kept.iter().find(|(id, _)| *id == change.id) {
            change.class = Class::Kept;
            change.reason = Some(crate::apply::fitting::kept(path, &change.path));
        }
    }
    prepared.operations.extend(beside_them.into_iter().map(|(path, contents)| Operation::Write {
        path,
        contents,
        mode: Mode::Regular,
        expected: Expected::Absent,
    }));
    Ok(prepared)
}
