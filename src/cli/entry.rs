//! `seaworthy entry [DIR]`

use std::fs;
use std::path::PathBuf;

use serde_json::json;

use super::own_code::OwnCode;
use super::recovery;
use crate::apply::transaction;
use crate::detect::detect;
use crate::detect::ops::callable;
use crate::failure::{DONE, usage};
use crate::spec::file::{ANSWERS_FILE, Layer, Source, read};
use crate::spec::{Answers, Existing};
use crate::ui;

/// Print the few lines that your entry point needs to call src/ops, as a patch for exactly that file.
///
/// Where it is not sure where they go, prints them with the reason. `git apply` takes the patch, and so does --apply. Until
/// your code calls src/ops, the image sees to probes and the shutdown from outside.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The repository
    #[arg(default_value = ".")]
    directory: PathBuf,

    /// Put the lines into the file
    #[arg(long)]
    apply: bool,

    /// Print the outcome as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> anyhow::Result<u8> {
    let Args { directory, apply, json: _ } = args;
    if *apply {
        recovery::recover(directory)?;
    }
    let given = answers(args)?;
    let report = detect(directory)?;
    let mut found = callable(&report, &given, directory)?;
    let shown = directory.join(ANSWERS_FILE).display().to_string();
    let Some(ops) = given.existing().and_then(Existing::own_ops) else {
        let lines: Vec<String> = found.ops.entries().iter().map(|entry| format!("    \"{entry}\",\n")).collect();
        return Err(usage(format!(
            "{shown}: [existing] has no `ops`, so that there is no code of ours to call. To have it, add\n  ops = [\n{}  ]\nand \
             run `seaworthy upgrade`, then this again. env=zod needs zod 4 among your dependencies.",
            lines.concat()
        )));
    };
    found.ops = ops;
    let own = OwnCode::of_entry(found, *apply)?;
    transaction::apply(directory, &own.operations())?;
    if args.json {
        let mut told = own.json();
        told["schema"] = json!(1);
        told["directory"] = json!(directory.display().to_string());
        ui::result(&format!("{told:#}\n"))?;
    } else {
        ui::result(&own.text())?;
    }
    for changed in own.changed() {
        ui::talk(&format!("{changed}."));
    }
    Ok(DONE)
}

/// The answers of the repository.
fn answers(args: &Args) -> anyhow::Result<Answers> {
    let path = args.directory.join(ANSWERS_FILE);
    let shown = path.display().to_string();
    let text = fs::read_to_string(&path).map_err(|error| {
        usage(format!(
            "cannot read {shown}: {error}. `seaworthy init --ops` fits this repository, and prints the lines."
        ))
    })?;
    read(&Source { name: &shown, text: &text, layer: Layer::AnswersFile })
}
