//! `seaworthy detach FILE...`

use serde_json::json;

use super::named_files::FileArgs;
use super::{emission, recovery};
use crate::failure::DONE;
use crate::ui;
use crate::upgrade::open;
use crate::upgrade::record::detach;

/// Keep files out of upgrades for good: they are yours, whether they are there or not.
///
/// `seaworthy adopt FILE` takes it back. `seaworthy review` reads them still.
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
    let detached = detach(&target, &emission::of(&target)?.files, &named.paths()?)?;
    if *as_json {
        let files: Vec<_> = detached.iter().map(|it| json!({ "path": it.path, "already": it.already })).collect();
        let report = json!({ "schema": 1, "directory": named.directory.display().to_string(), "detached": files });
        ui::result(&format!("{report:#}\n"))?;
        return Ok(DONE);
    }
    let told = detached.iter().map(|file| {
        let how = if file.already { "was yours already." } else { "is yours now; seaworthy leaves it alone." };
        format!(
            "{} {how}
",
            file.path
        )
    });
    ui::result(&told.collect::<String>())?;
    Ok(DONE)
}
