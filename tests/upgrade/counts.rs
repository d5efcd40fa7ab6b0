//! What was tried, in numbers, for the summary at the end of a whole run.

use std::fs::File;
use std::io::Write as _;

use anyhow::Result;

/// Appends to the file that `SEAWORTHY_COUNTS` names, if any.
pub(crate) fn count(mut counts: serde_json::Value) -> Result<()> {
    let Some(path) = std::env::var_os("SEAWORTHY_COUNTS") else { return Ok(()) };
    counts["step"] = "upgrade".into();
    Ok(writeln!(File::options().append(true).create(true).open(path)?, "{counts}")?)
}
