//! Changes of the lock apart from an upgrade: what is resolved, brought back, taken over or left to the user.

mod adopt;
mod detach;
mod named;
mod rebase;
mod resolve;
mod restore;

pub use adopt::{Adopted, adopt};
pub use detach::{Detached, detach};
pub use rebase::{Rebased, Rebuilt, rebase};
pub use resolve::{Resolved, resolve};
pub use restore::restore;

use super::operations::{Bookkeeping, of_bookkeeping};
use crate::apply::transaction::{self, Operation};
use crate::apply::{Lock, Target};
use crate::render::file_set::FileSet;

/// Writes a changed lock, together with what else is to be done.
fn write(target: &Target, before: &Lock, after: &Lock, mut operations: Vec<Operation>) -> anyhow::Result<()> {
    let Bookkeeping { operations: own, .. } = of_bookkeeping(target, Some(before), after, &FileSet::default())?;
    operations.extend(own);
    // A lock that another run has written since would be overwritten with what this one knew before.
    target.ensure_steady()?;
    transaction::apply(target.root(), &operations)
}
