//! What a transaction can do to one path.

use anyhow::bail;

use crate::apply::path::check_all;
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
        /// Of an existing file it sets or clears the executable bits only; the others stay.
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

/// A file to create.
#[derive(Debug, Clone, Copy)]
pub(super) struct New<'a> {
    pub(super) path: &'a str,
    pub(super) contents: &'a [u8],
    pub(super) mode: Mode,
}

/// The files to create, after a check of their paths.
pub(super) fn check_operations(operations: &[Operation]) -> anyhow::Result<Vec<New<'_>>> {
    let mut new = Vec::with_capacity(operations.len());
    for operation in operations {
        match operation {
            Operation::Write { path, contents, mode, expected: Expected::Absent } => {
                new.push(New { path, contents, mode: *mode });
            }
            Operation::Write { path, .. } => bail!("cannot replace {path} yet"),
            Operation::Remove { path, .. } => bail!("cannot remove {path} yet"),
        }
    }
    check_all(new.iter().map(|new| new.path))?;
    Ok(new)
}
