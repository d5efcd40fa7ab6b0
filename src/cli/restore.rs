//! `seaworthy restore FILE...`

use serde_json::json;

use super::named_files::FileArgs;
use super::{emission, recovery};
use crate::failure::DONE;
use crate::ui;
use crate::upgrade::open;
use crate::upgrade::record::restore;

/// Bring back files that you deleted, as they are emitted now.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    named: FileArgs,

    /// Print the outcome as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> anyhow::Result<u8> {
    let Args { named, json: as_json } = args;
    let root = named.root()?;
    recovery::recover(&root)?;
    let target = open(&root)?;
    let restored = restore(&target, &emission::of(&target)?.files, &named.paths()?)?;
    if *as_json {
        let report = json!({ "schema": 1, "directory": named.directory.display().to_string(), "restored": restored });
        ui::result(&format!("{report:#}\n"))?;
    } else {
        let told: Vec<String> = restored.iter().map(|path| format!("{path} is back.\n")).collect();
        ui::result(&told.concat())?;
    }
    Ok(DONE)
}
