//! `adopt`: takes over a file that was in the way, or one that was left to the user.

use super::named::{Named, find};
use super::write;
use crate::apply::lock::{Lock, Locked, Pending, Standing, sha256};
use crate::apply::transaction::Operation;
use crate::apply::{OnDisk, Target};
use crate::failure::{refused, usage};
use crate::merge::{find_marker, is_binary, same_text};
use crate::render::file_set::{EmittedFile, FileSet};
use crate::upgrade::git::Git;
use crate::upgrade::in_git::mark_unmerged;
use crate::upgrade::operations::expect;
use crate::upgrade::read_lock;
use crate::upgrade::two_way::two_way;
use crate::upgrade::unified::unified;
use crate::upgrade::view::{DiskView, Seen, View, Yours};

/// One file that is followed now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adopted {
    /// Where it is.
    pub path: String,
    /// Whether it was so before.
    pub already: bool,
    /// From what is emitted to what is there.
    pub diff: String,
    /// How many conflicts were written into it.
    pub conflicts: usize,
    /// What git refused.
    pub warnings: Vec<String>,
}

/// Takes files over. What is there counts as the user's edit of what is emitted now, and does not change; with
/// `merge` every difference gets conflict markers instead, for a person to decide.
///
/// # Errors
/// Exit 2 for a name that is not emitted; refused when there is no regular file. Nothing is written then.
pub fn adopt(target: &Target, theirs: &FileSet, paths: &[String], merge: bool) -> anyhow::Result<Vec<Adopted>> {
    let lock = read_lock(target)?;
    let mut adoption =
        Adoption { after: lock.clone(), operations: Vec::new(), adopted: Vec::new(), marked: Vec::new() };
    for path in paths {
        let Named { id, locked, theirs } = find(path, &lock, theirs)?;
        let file = theirs.ok_or_else(|| usage(format!("{path} is emitted no more, so there is nothing to follow")))?;
        adoption.take(target, id, locked.filter(|locked| !is_elsewhere(target, path, locked, file)), file, merge)?;
    }
    let Adoption { after, operations, mut adopted, marked } = adoption;
    if after != lock || !operations.is_empty() {
        write(target, &lock, &after, operations)?;
    }
    if let (false, Ok(Some(git))) = (marked.is_empty(), Git::find(target.root())) {
        for (index, yours, theirs) in marked {
            let adopted = &mut adopted[index];
            let failed = mark_unmerged(&git, &adopted.path, &adopted.path, None, &yours, &theirs).err();
            adopted.warnings.extend(failed.map(|said| format!("git's index does not show the conflicts: {said}")));
        }
    }
    Ok(adopted)
}

/// Whether a recorded file is to move to `path`, and something is there that the user wants instead: then the one
/// that was recorded is the user's, where it is.
fn is_elsewhere(target: &Target, path: &str, locked: &Locked, file: &EmittedFile) -> bool {
    file.path == path && locked.place() != path && matches!(target.read(path), Ok(OnDisk::File(_)))
}

struct Adoption {
    after: Lock,
    operations: Vec<Operation>,
    adopted: Vec<Adopted>,
    /// Files with markers: which one, what it was, what is emitted.
    marked: Vec<(usize, Yours, Vec<u8>)>,
}

impl Adoption {
    fn take(
        &mut self,
        target: &Target,
        id: String,
        locked: Option<&Locked>,
        file: &EmittedFile,
        merge: bool,
    ) -> anyhow::Result<()> {
        let place = locked.map_or(file.path.as_str(), Locked::place).to_owned();
        let already = locked.is_some_and(Locked::is_ours);
        let yours = yours(target, &place)?;
        let mut record = match locked {
            // What it was when it was left still tells the user's edits since.
            Some(locked) => Locked { standing: Standing::Current, policy: file.policy, ..locked.clone() },
            None => Locked::of(file),
        };
        let mut adopted = Adopted {
            diff: unified(&format!("{place} (as it is emitted)"), &place, &file.contents, &yours.contents),
            path: place.clone(),
            already,
            conflicts: 0,
            warnings: Vec::new(),
        };
        if merge && !already && !same_text(&yours.contents, &file.contents) {
            let (contents, conflicts) = marked(&place, &yours, file)?;
            adopted.conflicts = conflicts;
            let pending =
                Pending { contents: file.contents.clone(), yours_sha256: sha256(&yours.contents), beside: None };
            record = Locked { standing: Standing::Pending(pending), ..Locked::of(file) };
            let expected = expect(&yours.contents);
            self.operations.push(Operation::Write { path: place.clone(), contents, mode: yours.mode, expected });
            self.marked.push((self.adopted.len(), yours, file.contents.clone()));
        }
        if !already {
            // The same place cannot have a second record: of a file that is emitted no more.
            self.after.files.retain(|other, locked| *other == id || locked.place() != place);
            self.after.files.insert(id, record);
        }
        self.adopted.push(adopted);
        Ok(())
    }
}

fn yours(target: &Target, place: &str) -> anyhow::Result<Yours> {
    match DiskView(target).look(place)? {
        Seen::File(yours) => Ok(yours),
        Seen::Absent => Err(refused(format!("{place} is not there. `seaworthy restore {place}` writes it."))),
        Seen::Other(reason) => Err(refused(format!(
            "{place}: {reason}, and seaworthy follows regular files only. Put one there, or `seaworthy detach {place}`."
        ))),
    }
}

fn marked(place: &str, yours: &Yours, file: &EmittedFile) -> anyhow::Result<(Vec<u8>, usize)> {
    if is_binary(&yours.contents) || is_binary(&file.contents) {
        return Err(refused(format!("{place} is no text that could hold both versions: adopt it without --merge")));
    }
    if let Some(line) = find_marker(&yours.contents) {
        return Err(refused(format!("{place}:{line}: conflict markers are in it already. Resolve them first.")));
    }
    Ok(two_way(place, &yours.contents, &file.contents))
}
