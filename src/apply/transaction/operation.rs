//! What a transaction can do to one path.

use std::collections::HashSet;

use anyhow::ensure;

use crate::apply::path::{check, check_all};
use crate::render::file_set::Mode;

/// One thing to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operation {
    /// Makes a file, or replaces one.
    Write {
        /// Relative to the target, with `/`.
        path: String,
        /// All of its bytes.
        contents: Vec<u8>,
        /// Of an existing file it sets or clears the executable bits only (for those who may read
        /// it); the others stay, and so does the owner where the system lets us.
        mode: Mode,
        /// What stands there.
        expected: Expected,
    },
    /// Removes a file, and the folders that are empty without it.
    Remove {
        /// Relative to the target, with `/`.
        path: String,
        /// What stands there.
        expected: Expected,
    },
}

/// What was seen at a path when the operation was decided. Anything else there when it is done, and
/// the whole transaction is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expected {
    /// Nothing.
    Absent,
    /// A regular file.
    File {
        /// Of its contents, in lower-case hexadecimal.
        contents_sha256: String,
    },
}

impl Expected {
    /// The hash of the file, if one is expected.
    pub(super) fn sha256(&self) -> Option<&str> {
        match self {
            Self::Absent => None,
            Self::File { contents_sha256 } => Some(contents_sha256),
        }
    }
}

impl Operation {
    /// Where it works, relative to the target.
    #[must_use]
    pub fn path(&self) -> &str {
        match self {
            Self::Write { path, .. } | Self::Remove { path, .. } => path,
        }
    }

    /// What stands there.
    #[must_use]
    pub fn expected(&self) -> &Expected {
        match self {
            Self::Write { expected, .. } | Self::Remove { expected, .. } => expected,
        }
    }

    pub(super) fn is_write(&self) -> bool {
        matches!(self, Self::Write { .. })
    }
}

/// The operations in the order in which they are done: what is removed goes first, since a folder
/// may come where a file was, a file where a folder was, or the same name in other case.
///
/// # Errors
/// When a path is unsafe or has two operations: a mistake of the caller.
pub(super) fn in_order(operations: &[Operation]) -> anyhow::Result<Vec<&Operation>> {
    let (writes, removes): (Vec<&Operation>, Vec<&Operation>) =
        operations.iter().partition(|operation| operation.is_write());
    check_all(writes.iter().map(|operation| operation.path()))?;
    let mut paths = HashSet::new();
    for operation in operations {
        check(operation.path())?;
        ensure!(paths.insert(operation.path()), "{:?} has two operations in one transaction", operation.path());
    }
    Ok(removes.into_iter().chain(writes).collect())
}
