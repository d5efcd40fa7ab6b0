//! `seaworthy adopt FILE...`

use serde_json::json;

use super::named_files::FileArgs;
use super::{emission, recovery};
use crate::failure::{CONFLICTS, DONE};
use crate::ui;
use crate::upgrade::open;
use crate::upgrade::record::{Adopted, adopt};

/// Take over files that were in the way, or that you detached: upgrades keep them current from now on.
///
/// What is in them stays, and counts as your edit. Prints how they differ from what is emitted.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    named: FileArgs,

    /// Write both versions into the file, with conflict markers around each difference; exit code 4
    #[arg(long)]
    merge: bool,

    /// Print the outcome as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> anyhow::Result<u8> {
    let Args { named, merge, json: as_json } = args;
    let root = named.root()?;
    recovery::recover(&root)?;
    let target = open(&root)?;
    let adopted = adopt(&target, &emission::of(&target)?.files, &named.paths()?, *merge)?;
    if *as_json {
        let files: Vec<_> = adopted
            .iter()
            .map(|it| json!({ "path": it.path, "already": it.already, "conflicts": it.conflicts, "diff": it.diff }))
            .collect();
        let report = json!({ "schema": 1, "directory": named.directory.display().to_string(), "adopted": files });
        ui::result(&format!("{report:#}\n"))?;
    } else {
        ui::result(&adopted.iter().map(told).collect::<String>())?;
    }
    for warning in adopted.iter().flat_map(|file| &file.warnings) {
        ui::talk(&format!("warning: {warning}"));
    }
    Ok(if adopted.iter().any(|file| file.conflicts > 0) { CONFLICTS } else { DONE })
}

fn told(file: &Adopted) -> String {
    let Adopted { path, diff, conflicts, .. } = file;
    match (file.already, conflicts) {
        (true, _) => format!("{path} was followed already.\n"),
        (false, 0) if diff.is_empty() => format!("{path} is followed now; it is as it is emitted.\n"),
        (false, 0) => format!("{path} is followed now. It stays as it is; this counts as your edit:\n{diff}"),
        (false, many) => {
            format!(
                "{path} holds both versions now, at {many} places between conflict markers. Edit it, then `seaworthy resolve`.\n"
            )
        }
    }
}
