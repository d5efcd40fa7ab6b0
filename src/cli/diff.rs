//! `seaworthy diff [DIR]`

use std::path::PathBuf;

use serde_json::json;

use super::{changes, emission};
use crate::failure::{DONE, FINDINGS};
use crate::ui;
use crate::upgrade::{Options, unified};

/// Show what `upgrade` would do to each file, as a unified diff; changes nothing.
///
/// Exit code 3 when it would change a file.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The repository
    #[arg(default_value = ".")]
    directory: PathBuf,

    /// Answer one question anew, to see what would follow; may be repeated
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,

    /// Print the changes as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> anyhow::Result<u8> {
    let Args { directory, set, json: as_json } = args;
    let (root, emission) = emission::open(directory, set)?;
    let options = Options { answers_before: emission.answers_before.clone(), ..Options::default() };
    let prepared = emission.compare(&root, &options)?;
    let differs = prepared.changes_files() || prepared.ensure_clear().is_err();
    if *as_json {
        let more = json!({
            "diffs": changes::texts(&prepared, unified::of_step),
            "starters": changes::texts(&prepared, unified::of_starter),
        });
        let outcome = if differs { "different" } else { "unchanged" };
        let shown = directory.display().to_string();
        let report = changes::json(&prepared, &shown, outcome, &emission.platform(), more);
        ui::result(&format!("{report:#}\n"))?;
    } else {
        let diffs = changes::diffs(&prepared);
        let space = if diffs.is_empty() { "" } else { "\n" };
        ui::result(&format!("{}{space}{diffs}{}", changes::list(&prepared), changes::starters(&prepared)))?;
    }
    Ok(if differs { FINDINGS } else { DONE })
}
