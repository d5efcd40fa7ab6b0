//! `seaworthy review [DIR]`

use std::path::PathBuf;

use crate::failure::{DONE, FINDINGS};
use crate::review::{check, format};
use crate::ui;

/// Say what is wrong with the deployment files as they are; changes nothing.
///
/// Reads Dockerfiles, compose files, GitHub workflows, Kubernetes manifests and the environment schema, whoever wrote
/// them. For each finding: file and line, what is wrong, the risk, why, and the change to make. Exit code 3 when something
/// was found.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The repository
    #[arg(default_value = ".")]
    directory: PathBuf,

    /// Print the report as JSON
    #[arg(long, conflicts_with = "sarif")]
    json: bool,

    /// Print the report as SARIF 2.1.0, for code scanning and editors
    #[arg(long)]
    sarif: bool,
}

pub(super) fn run(args: &Args) -> anyhow::Result<u8> {
    let Args { directory, json, sarif } = args;
    let report = check(directory)?;
    let text = if *json {
        format!("{:#}\n", format::json(&report, directory))
    } else if *sarif {
        format!("{:#}\n", format::sarif(&report))
    } else {
        format::text(&report)
    };
    ui::result(&text)?;
    Ok(if report.findings.is_empty() { DONE } else { FINDINGS })
}
