//! `seaworthy resolve [FILE]...`

use std::path::PathBuf;

use serde_json::json;

use super::named_files::below;
use super::upgrade::settled_text;
use super::{recovery, several};
use crate::failure::{DONE, REFUSED};
use crate::ui;
use crate::upgrade::open;
use crate::upgrade::record::resolve;

/// Record the conflicts of an upgrade that you have resolved.
///
/// A file counts as resolved when its conflict markers are gone, or the new file beside it. One that is back at what it
/// was before is merged again by the next upgrade, unless you name it here: then it stays as it is. In a git repository
/// files are added, as `git add` does after a merge. Exit code 5 when conflicts are open still.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The files, as paths from the current directory; all that have a conflict when none is named
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,

    /// The repository
    #[arg(long, value_name = "DIR", default_value = ".")]
    directory: PathBuf,

    /// Print the outcome as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> anyhow::Result<u8> {
    let Args { files, directory, json: as_json } = args;
    let root = several::named(directory)?.root;
    recovery::recover(&root)?;
    let target = open(&root)?;
    let resolved = resolve(&target, &below(&root, files)?)?;
    if *as_json {
        let settled: Vec<_> =
            resolved.settled.iter().map(|it| json!({ "path": it.path, "undone": it.undone })).collect();
        let open: Vec<_> = resolved.open.iter().map(|it| json!({ "path": it.path, "line": it.line })).collect();
        let report = json!({
            "schema": 1,
            "directory": directory.display().to_string(),
            "settled": settled,
            "open": open,
            "warnings": resolved.warnings,
        });
        ui::result(&format!("{report:#}\n"))?;
    } else {
        tell(&resolved)?;
    }
    Ok(if resolved.open.is_empty() { DONE } else { REFUSED })
}

fn tell(resolved: &crate::upgrade::record::Resolved) -> anyhow::Result<()> {
    let settled = resolved.settled.iter().map(|it| settled_text(&it.path, it.undone));
    let open = resolved.open.iter().map(|it| match it.line {
        Some(line) => format!("{}:{line}: conflict markers are in it still.", it.path),
        None => format!("{}: the new file lies beside it still; delete it when you are done.", it.path),
    });
    ui::result(&settled.chain(open).map(|line| line + "\n").collect::<String>())?;
    for warning in &resolved.warnings {
        ui::talk(&format!("warning: {warning}"));
    }
    if resolved.settled.is_empty() && resolved.open.is_empty() {
        ui::talk("No file has a conflict.");
    }
    Ok(())
}
