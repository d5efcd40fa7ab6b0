//! `seaworthy init [DIR]`

use std::path::PathBuf;

use crate::detect::{detect, format};
use crate::failure::DONE;
use crate::ui;

/// Say what a repository is made of: each fact with the file and line that shows it.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The repository
    #[arg(default_value = ".")]
    directory: PathBuf,

    /// Print the facts, and write nothing
    #[arg(long, required = true)]
    dry_run: bool,

    /// Print them as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> anyhow::Result<u8> {
    let Args { directory, dry_run: _, json } = args;
    let report = detect(directory)?;
    let text = if *json { format!("{:#}\n", format::json(&report, directory)) } else { format::text(&report) };
    ui::result(&text)?;
    Ok(DONE)
}
