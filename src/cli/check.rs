//! `seaworthy check [DIR]`

use std::path::{Path, PathBuf};

use serde_json::json;

use super::{changes, emission};
use crate::apply::Class;
use crate::failure::{DONE, FINDINGS};
use crate::text::shell_path;
use crate::ui;
use crate::upgrade::step::Step;
use crate::upgrade::{Options, Prepared};

/// Say whether the deployment files are current; for CI. Changes nothing.
///
/// Exit code 3 only for what a person should act on: text that an upgrade would change, a file that is gone, conflict
/// markers, a file in the way. Your edits and newer versions pass, and are listed.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The repository
    #[arg(default_value = ".")]
    directory: PathBuf,

    /// Print the outcome as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> anyhow::Result<u8> {
    let Args { directory, json: as_json } = args;
    let (root, emission) = emission::open(directory, &[])?;
    let prepared = emission.compare(&root, &Options::default())?;
    let drift: Vec<&str> =
        prepared.steps().iter().filter(|step| step.is_drift()).map(|step| step.change.path.as_str()).collect();
    if *as_json {
        let outcome = if drift.is_empty() { "clean" } else { "drift" };
        let shown = directory.display().to_string();
        let report = changes::json(&prepared, &shown, outcome, &emission.platform(), json!({ "drift": drift }));
        ui::result(&format!("{report:#}\n"))?;
    } else {
        ui::result(&changes::list(&prepared))?;
        ui::talk(&verdict(&prepared, directory));
    }
    Ok(if drift.is_empty() { DONE } else { FINDINGS })
}

/// What a person should do, or that there is nothing to do.
fn verdict(prepared: &Prepared, directory: &Path) -> String {
    let has = |wanted: &dyn Fn(&Step) -> bool| prepared.steps().iter().any(|step| step.is_drift() && wanted(step));
    let (here, there) = if directory == Path::new(".") {
        (String::new(), String::new())
    } else {
        (format!(" {}", shell_path(directory)), format!(" --directory {}", shell_path(directory)))
    };
    let mut ways = Vec::new();
    if has(&Step::is_unresolved) {
        ways.push(format!("conflict markers: edit the files, then `seaworthy resolve{there}`"));
    }
    if has(&|step| step.change.class == Class::Blocked) {
        ways.push(format!("a file in the way: `seaworthy upgrade{here}` says which ways there are"));
    }
    if has(&|step| step.change.class == Class::UserDeleted) {
        ways.push(format!(
            "a file that is gone: `seaworthy restore{there} FILE`, or `seaworthy detach{there} FILE` to do without"
        ));
    }
    if has(&|step| step.changes_disk()) {
        ways.push(format!(
            "text that is not current: `seaworthy diff{here}` shows it, `seaworthy upgrade{here}` brings it up to date"
        ));
    }
    if ways.is_empty() {
        return "Everything is current.".to_owned();
    }
    format!("To act on:\n  {}", ways.join("\n  "))
}
