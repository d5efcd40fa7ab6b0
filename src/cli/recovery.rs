//! What an interrupted run had left: finished or undone before anything else, and told.

use std::path::Path;

use crate::apply::transaction::{self, Recovery};
use crate::ui;

/// Finishes or undoes what an earlier run had left, and says so.
///
/// # Errors
/// As [`transaction::recover`].
pub(super) fn recover(directory: &Path) -> anyhow::Result<()> {
    let (what, kept) = match transaction::recover(directory)? {
        Recovery::Nothing => return Ok(()),
        Recovery::Cleaned => ("what it had left is removed", Vec::new()),
        Recovery::Finished { kept } => ("it is finished now", kept),
        Recovery::Undone { kept } => ("it is undone now", kept),
    };
    ui::talk(&format!("An earlier run in {} was cut off; {what}.", directory.display()));
    for line in kept {
        ui::talk(&format!("  {line}."));
    }
    Ok(())
}
