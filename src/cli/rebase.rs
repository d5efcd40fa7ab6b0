//! `seaworthy rebase [DIR]`

use std::path::PathBuf;

use serde_json::json;

use super::{emission, recovery, several};
use crate::apply::Target;
use crate::failure::DONE;
use crate::ui;
use crate::upgrade::record::{Rebased, rebase};

/// Rebuild a damaged or lost .seaworthy/ from your answers and your files as they are.
///
/// What is whole of it stays. For every other file, what is emitted now is taken for what was emitted last: how yours
/// differs counts as your edit. No other file changes.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The repository
    #[arg(default_value = ".")]
    directory: PathBuf,

    /// Show what would be rebuilt, and write nothing
    #[arg(long)]
    dry_run: bool,

    /// Print the outcome as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> anyhow::Result<u8> {
    let Args { directory, dry_run, json: as_json } = args;
    if !dry_run {
        recovery::recover(&several::named(directory)?.root)?;
    }
    let target = Target::look(&several::named(directory)?.root)?;
    let rebased = rebase(&target, &emission::of(&target)?.files, *dry_run)?;
    if *as_json {
        let rebuilt: Vec<_> =
            rebased.rebuilt.iter().map(|it| json!({ "path": it.path, "differs": it.differs })).collect();
        let report = json!({
            "schema": 1,
            "directory": directory.display().to_string(),
            "outcome": outcome(&rebased, *dry_run),
            "kept": rebased.kept,
            "rebuilt": rebuilt,
            "lost": rebased.lost,
        });
        ui::result(&format!("{report:#}\n"))?;
    } else {
        ui::result(&listed(&rebased))?;
        ui::talk(&verdict(&rebased, *dry_run));
    }
    Ok(DONE)
}

fn outcome(rebased: &Rebased, dry_run: bool) -> &'static str {
    match (rebased.is_unchanged, dry_run) {
        (true, _) => "unchanged",
        (false, true) => "dry-run",
        (false, false) => "written",
    }
}

fn listed(rebased: &Rebased) -> String {
    let rebuilt = rebased.rebuilt.iter().map(|file| {
        let how = if file.differs {
            "differs from what is emitted now; that counts as your edit"
        } else {
            "as it is emitted now"
        };
        format!("rebuilt  {}  {how}\n", file.path)
    });
    let lost = rebased.lost.iter().map(|path| format!("lost     {path}  it is emitted no more; it is yours\n"));
    rebuilt.chain(lost).collect()
}

fn verdict(rebased: &Rebased, dry_run: bool) -> String {
    let (kept, rebuilt) = (rebased.kept, rebased.rebuilt.len());
    if rebased.is_unchanged {
        return format!("The record of all {kept} files is whole; nothing to do.");
    }
    let counts = format!("Entries that are whole and stay: {kept}; rebuilt: {rebuilt}");
    if dry_run {
        return format!("{counts}. Dry run: nothing was written.");
    }
    format!("{counts}. Next: `seaworthy diff`, and commit .seaworthy/")
}
