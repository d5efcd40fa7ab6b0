//! `seaworthy upgrade [DIR]`

use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::{Value as Json, json};

use super::emission::{self, Emission};
use super::{changes, recovery, several};
use crate::apply::Class;
use crate::failure::{CONFLICTS, DONE};
use crate::text::shell_path;
use crate::ui;
use crate::upgrade::step::Step;
use crate::upgrade::{Options, Prepared, Run, unified};

/// Bring the deployment files up to date with this version and with your answers; your edits stay.
///
/// Merges three ways: what was emitted last, what you made of it, what is emitted now. What both changed gets conflict
/// markers, and exit code 4. Everything is written, or nothing.
#[derive(Debug, clap::Args)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(super) struct Args {
    /// The repository
    #[arg(default_value = ".")]
    directory: PathBuf,

    /// Answer one question anew, for example `--set scale.peak-rps=20000`; may be repeated, and is written to
    /// seaworthy.toml
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,

    /// Show what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,

    /// Change files too that have changes which are not committed
    #[arg(long)]
    allow_dirty: bool,

    /// Print the outcome as JSON
    #[arg(long)]
    json: bool,
}

/// How a run ended, as `outcome` of `--json` says it.
#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Outcome {
    DryRun,
    Unchanged,
    Written,
    Conflicts,
}

pub(super) fn run(args: &Args) -> anyhow::Result<u8> {
    let Args { directory, set, dry_run, allow_dirty, json: _ } = args;
    if !dry_run {
        recovery::recover(&several::named(directory)?.root)?;
    }
    let (root, emission) = emission::open(directory, set)?;
    let options = Options { allow_dirty: *allow_dirty, answers_before: emission.answers_before.clone() };
    let prepared = emission.compare(&root, &options)?;
    if *dry_run {
        report(args, &prepared, &emission, Outcome::DryRun, &[])?;
        prepared.ensure_clear()?;
        for warning in prepared.ensure_committed()? {
            ui::talk(&format!("warning: {warning}"));
        }
        return Ok(DONE);
    }
    let Run { exit_code, warnings } = prepared.write()?;
    let outcome = match exit_code {
        CONFLICTS => Outcome::Conflicts,
        _ if prepared.is_unchanged() => Outcome::Unchanged,
        _ => Outcome::Written,
    };
    report(args, &prepared, &emission, outcome, &warnings)?;
    Ok(exit_code)
}

fn report(
    args: &Args,
    prepared: &Prepared,
    emission: &Emission,
    outcome: Outcome,
    warnings: &[String],
) -> anyhow::Result<()> {
    let shown = args.directory.display().to_string();
    if args.json {
        let settled: Vec<Json> =
            prepared.settled().iter().map(|it| json!({ "path": it.path, "undone": it.undone })).collect();
        let more = json!({
            "settled": settled,
            "starters": changes::texts(prepared, unified::of_starter),
            "warnings": warnings,
        });
        return ui::result(&format!("{:#}\n", changes::json(prepared, &shown, outcome, &emission.platform(), more)));
    }
    ui::result(&format!("{}{}", changes::list(prepared), changes::starters(prepared)))?;
    for settled in prepared.settled() {
        let again = format!("{} was as it was before its conflict, and is merged again.", settled.path);
        ui::talk(&if settled.undone { again } else { settled_text(&settled.path, false) });
    }
    for warning in warnings {
        ui::talk(&format!("warning: {warning}"));
    }
    ui::talk(&match outcome {
        Outcome::DryRun => "Dry run: nothing was written.".to_owned(),
        Outcome::Unchanged => "Everything is current; nothing was written.".to_owned(),
        Outcome::Written | Outcome::Conflicts => next_steps(prepared, emission, &args.directory),
    });
    Ok(())
}

/// What became of a conflict of an earlier run, in words.
pub(super) fn settled_text(path: &str, undone: bool) -> String {
    if undone {
        format!(
            "{path} is as it was before its conflict; the next upgrade merges it again. \
             To keep it as it is after that, `seaworthy resolve {path}`."
        )
    } else {
        format!("{path} is resolved.")
    }
}

fn next_steps(prepared: &Prepared, emission: &Emission, directory: &Path) -> String {
    let changed = prepared.steps().iter().filter(|step| step.changes_disk()).count();
    let files = match changed {
        0 => "No file changed; .seaworthy/ is current".to_owned(),
        1 => "1 file changed".to_owned(),
        many => format!("{many} files changed"),
    };
    let (inside, there) = if directory == Path::new(".") {
        (String::new(), String::new())
    } else {
        (format!(" in {}", shell_path(directory)), format!(" --directory {}", shell_path(directory)))
    };
    let mut steps = Vec::new();
    let conflicts: Vec<&Step> = prepared.steps().iter().filter(|step| step.change.class == Class::Conflict).collect();
    if !conflicts.is_empty() {
        steps.push(format!("edit {}, then `seaworthy resolve{there}`", paths(&conflicts)));
    }
    let yours = |wanted: fn(&Step) -> bool| -> Vec<&Step> {
        prepared.steps().iter().filter(|step| step.change.class == Class::Kept && wanted(step)).collect()
    };
    let (changed_starters, unused) = (yours(|step| step.starter.is_some()), yours(Step::is_dropped_starter));
    if !changed_starters.is_empty() {
        steps.push(format!("change by hand what you need of the above in {}", paths(&changed_starters)));
    }
    if !unused.is_empty() {
        steps.push(format!("delete what nothing needs any more: {}", paths(&unused)));
    }
    if prepared.steps().iter().any(changes_packages) {
        steps.push(format!("{}{inside}, for the changed dependencies", emission.install_by_hand()));
    }
    if changed > 0 {
        steps.push("look over the changes, and commit them together with .seaworthy/".to_owned());
    }
    if steps.is_empty() {
        return format!("{files}.");
    }
    format!("{files}. Next:\n  {}", steps.join("\n  "))
}

fn paths(steps: &[&Step]) -> String {
    let paths: Vec<String> = steps
        .iter()
        .map(|step| match step.beside() {
            Some((beside, _)) => format!("{} (the new one is {beside}; delete it when you are done)", step.change.path),
            None => step.change.path.clone(),
        })
        .collect();
    paths.join(", ")
}

/// Whether the packages of a package.json are others than before.
fn changes_packages(step: &Step) -> bool {
    let Some((_, before)) = step.now.as_ref().filter(|_| step.changes_disk()) else { return false };
    let is_manifest = step.change.path == "package.json" || step.change.path.ends_with("/package.json");
    // One that is no JSON any more, for its markers, has changes that nobody can be sure of.
    is_manifest && packages(&before.contents) != packages(&step.change.contents)
}

fn packages(manifest: &[u8]) -> Option<[Json; 3]> {
    let json: Json = serde_json::from_slice(manifest).ok()?;
    Some(["dependencies", "devDependencies", "packageManager"].map(|key| json[key].clone()))
}
