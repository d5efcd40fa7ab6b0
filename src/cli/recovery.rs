//! What an interrupted run had left: finished or undone before anything else, and told.

use std::path::Path;

use crate::apply::transaction::{self, Recovery};
use crate::ui;

/// Finishes or undoes what an earlier run had left, and says so.
///
/// # Errors
/// As [`transaction::recover`].
pub(super) fn recover(directory: &Path) -> anyhow::Result<()> {
    let shown = directory.display();
    match transaction::recover(directory)? {
        Recovery::Nothing => {}
        Recovery::Cleaned => ui::talk(&format!("An earlier run in {shown} was cut off; what it had left is removed.")),
        Recovery::Finished { kept } => {
            ui::talk(&format!("An earlier run in {shown} was cut off; it is finished now."));
            for path in kept {
                ui::talk(&format!("  {path} had appeared meanwhile and is kept as it is."));
            }
        }
    }
    Ok(())
}
