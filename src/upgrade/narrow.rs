//! One of several services: what is emitted for the others stays as it was emitted last.

use super::{Prepared, read_lock};
use crate::apply::Target;
use crate::apply::lock::Standing;
use crate::render::file_set::{EmittedFile, FileSet};

/// The emission `theirs` with files whose ids `is_other` knows as the lock has them: nothing of them changes then.
///
/// # Errors
/// As [`read_lock`]; when a file of the rest has the path of one of them.
pub fn narrow(target: &Target, theirs: &FileSet, is_other: impl Fn(&str) -> bool) -> anyhow::Result<FileSet> {
    let lock = read_lock(target)?;
    let own = theirs.files().iter().filter(|file| !is_other(&file.id)).cloned();
    let frozen = lock.files.iter().filter(|(id, locked)| is_other(id) && locked.standing != Standing::Dropped);
    let frozen = frozen.map(|(id, locked)| EmittedFile {
        id: id.clone(),
        path: locked.path.clone(),
        contents: locked.base.clone(),
        mode: locked.mode,
        policy: locked.policy,
    });
    FileSet::new(own.chain(frozen).collect())
}

impl Prepared {
    /// Leaves out of what is told, and of what may refuse the run, files that are another service's.
    #[must_use]
    pub fn told_without(mut self, is_other: impl Fn(&str) -> bool) -> Self {
        self.steps.retain(|step| !is_other(&step.change.id));
        self.changes.retain(|change| !is_other(&change.id));
        self
    }
}
