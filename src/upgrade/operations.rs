//! From decisions to the operations of one transaction.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::anyhow;

use super::step::{Action, Step};
use super::view::Yours;
use crate::apply::change_set::{Change, Class};
use crate::apply::lock::{Lock, sha256};
use crate::apply::transaction::{Expected, Operation};
use crate::apply::{OnDisk, Target};
use crate::render::file_set::{EmittedFile, FileSet, Mode, Policy};

/// What the steps do to the user's files.
pub(super) fn of_steps(steps: &[Step]) -> Vec<Operation> {
    let now: BTreeMap<&str, &Yours> =
        steps.iter().filter_map(|step| step.now.as_ref()).map(|(path, yours)| (path.as_str(), yours)).collect();
    let expected = |path: &str| now.get(path).map_or(Expected::Absent, |yours| expect(&yours.contents));
    let written = || steps.iter().filter(|step| step.action == Action::Write);
    let taken: BTreeSet<&str> = written().map(|step| step.change.path.as_str()).collect();
    let mut operations: Vec<Operation> = written()
        .map(|step| Operation::Write {
            path: step.change.path.clone(),
            contents: step.change.contents.clone(),
            mode: step.change.mode,
            expected: expected(&step.change.path),
        })
        .collect();
    for step in steps {
        let Some((place, yours)) = &step.now else { continue };
        let leaves = step.action == Action::Remove || (step.action == Action::Write && *place != step.change.path);
        if leaves && !taken.contains(place.as_str()) {
            operations.push(Operation::Remove { path: place.clone(), expected: expect(&yours.contents) });
        }
    }
    operations
}

/// The files that are laid beside others; one that is there already has the same text.
pub(super) fn of_files_beside(steps: &[Step], target: &Target) -> anyhow::Result<Vec<Operation>> {
    let mut operations = Vec::new();
    for (path, contents) in steps.iter().filter_map(Step::beside) {
        if target.read(&path)? == OnDisk::Absent {
            operations.push(Operation::Write { path, contents, mode: Mode::Regular, expected: Expected::Absent });
        }
    }
    Ok(operations)
}

/// Our own bookkeeping: the lock with its texts, and what else is rewritten at will.
pub(super) struct Bookkeeping {
    pub(super) operations: Vec<Operation>,
    pub(super) changes: Vec<Change>,
}

/// What has to be done so that the disk holds `after` in the place of `before`.
///
/// # Errors
/// When something of ours is a link or a folder: it could lead out of the target.
pub(super) fn of_bookkeeping(
    target: &Target,
    before: Option<&Lock>,
    after: &Lock,
    theirs: &FileSet,
) -> anyhow::Result<Bookkeeping> {
    let mut files = after.clone().into_files()?;
    files.extend(theirs.files().iter().filter(|file| file.policy == Policy::Managed).cloned());
    files.sort_by(|one, other| one.path.cmp(&other.path));
    let mut bookkeeping = Bookkeeping { operations: Vec::new(), changes: Vec::new() };
    for file in &files {
        bookkeeping.write(target, file)?;
    }
    let kept: BTreeSet<&str> = files.iter().map(|file| file.path.as_str()).collect();
    for file in before.cloned().map_or_else(|| Ok(Vec::new()), Lock::into_files)? {
        if !kept.contains(file.path.as_str()) {
            bookkeeping.remove(target, &file)?;
        }
    }
    Ok(bookkeeping)
}

impl Bookkeeping {
    fn write(&mut self, target: &Target, file: &EmittedFile) -> anyhow::Result<()> {
        let (class, expected) = match look(target, &file.path)? {
            None => (Class::Create, Expected::Absent),
            Some(found) if found == file.contents => {
                self.changes.push(Change::of(file, Class::Unchanged));
                return Ok(());
            }
            Some(found) => (Class::Update, expect(&found)),
        };
        self.changes.push(Change::of(file, class));
        let EmittedFile { path, contents, mode, .. } = file.clone();
        self.operations.push(Operation::Write { path, contents, mode, expected });
        Ok(())
    }

    fn remove(&mut self, target: &Target, file: &EmittedFile) -> anyhow::Result<()> {
        if let Some(found) = look(target, &file.path)? {
            self.changes.push(Change::of(file, Class::Delete));
            self.operations.push(Operation::Remove { path: file.path.clone(), expected: expect(&found) });
        }
        Ok(())
    }
}

fn look(target: &Target, path: &str) -> anyhow::Result<Option<Vec<u8>>> {
    match target.read(path)? {
        OnDisk::Absent => Ok(None),
        OnDisk::File(contents) => Ok(Some(contents)),
        OnDisk::Other(reason) => Err(anyhow!("{path} is our own file, and {reason}: put a regular file there")),
    }
}

pub(super) fn expect(contents: &[u8]) -> Expected {
    Expected::File { contents_sha256: sha256(contents) }
}
