//! `seaworthy new DIR`

use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::json;

use super::answers::AnswerArgs;
use super::{directory, listing, recovery, summary};
use crate::apply::{ChangeSet, Class, Target, transaction};
use crate::emit;
use crate::failure::{DONE, FAILED, REFUSED, exit_code, usage};
use crate::install;
use crate::plan::{Plan, plan};
use crate::spec::file::ANSWERS_FILE;
use crate::spec::interview::{Outcome, interview};
use crate::spec::table::question;
use crate::spec::{Answers, Spec};
use crate::stack::PackageManager;
use crate::text;
use crate::ui;

/// Make a new repository: a service that runs, and everything that builds and deploys it.
#[derive(Debug, clap::Args)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(super) struct Args {
    /// The directory to make; its name is the default for the project's name
    directory: PathBuf,

    #[command(flatten)]
    answers: AnswerArgs,

    /// Take the defaults for what is not answered, and do not ask; never overwrites anything
    #[arg(short, long)]
    yes: bool,

    /// Do not run the package manager's install
    #[arg(long)]
    no_install: bool,

    /// Show what would be written, and write nothing
    #[arg(long)]
    dry_run: bool,

    /// Print the outcome as JSON
    #[arg(long)]
    json: bool,
}

/// How a run ended, as `outcome` of `--json` says it.
#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum RunOutcome {
    DryRun,
    Unchanged,
    Written,
}

/// What became of the install, as `install` of `--json` says it.
#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum InstallState {
    Done,
    Skipped,
    Failed,
}

/// Everything decided, nothing written.
struct Prepared {
    spec: Spec,
    plan: Plan,
    changes: ChangeSet,
}

pub(super) fn run(args: &Args) -> anyhow::Result<u8> {
    let mut target = Target::look(&args.directory)?;
    if !args.dry_run {
        recovery::recover(&args.directory)?;
        target = Target::look(&args.directory)?;
    }
    let existing = fs::read_to_string(args.directory.join(ANSWERS_FILE)).ok();
    let given = directory::with_directory_name(args.answers.layered(&args.directory)?, &args.directory);
    let Some(prepared) = decide(args, given, &target, existing.as_deref())? else {
        // The cursor may stand within the last menu.
        ui::talk("\nCancelled; nothing was written.");
        return Ok(FAILED);
    };
    if args.dry_run {
        return report(args, &prepared, RunOutcome::DryRun, None);
    }
    write(args, &prepared)
}

/// Completes the answers in the way that the options and the terminal allow; `None` when the user left.
fn decide(args: &Args, given: Answers, target: &Target, existing: Option<&str>) -> anyhow::Result<Option<Prepared>> {
    let asks = !args.yes && ui::can_ask();
    let missing = given.missing();
    if asks && !(args.dry_run && missing.is_empty()) {
        return ask(args, given, target, existing);
    }
    let unanswerable = |key: &&str| *key == "project.name" || !args.yes;
    let open: Vec<&str> = missing.into_iter().filter(unanswerable).collect();
    if !open.is_empty() {
        return Err(usage(missing_answers(&open, args)));
    }
    prepare(given, target, existing).map(Some)
}

fn ask(args: &Args, given: Answers, target: &Target, existing: Option<&str>) -> anyhow::Result<Option<Prepared>> {
    // What is in the way is known before the first question; answering twenty and then failing is unkind.
    match prepare(directory::with_any_name(given.clone()), target, existing) {
        Err(error) if exit_code(&error) == REFUSED => return Err(error),
        _ => {}
    }
    let mut prepared = None;
    let mut show = |answers: &Answers| {
        let ready = prepare(answers.clone(), target, existing)?;
        let files = listing::by_folder(ready.changes.changes());
        ui::talk(&summary::text(&ready.plan, &args.directory.display().to_string(), &files));
        prepared = Some(ready);
        Ok(())
    };
    match interview(given, &mut show, &ui::talk)? {
        Outcome::Agreed => Ok(prepared),
        Outcome::Cancelled => Ok(None),
    }
}

fn prepare(mut answers: Answers, target: &Target, existing: Option<&str>) -> anyhow::Result<Prepared> {
    answers.complete_with_defaults();
    let spec = Spec::new(answers.clone())?;
    let plan = plan(&spec)?;
    let files = emit::files(&spec, &answers, &plan, existing)?;
    let changes = ChangeSet::for_new(target, &files)?;
    changes.ensure_clear()?;
    Ok(Prepared { spec, plan, changes })
}

fn write(args: &Args, prepared: &Prepared) -> anyhow::Result<u8> {
    let shown = args.directory.display();
    if prepared.changes.is_unchanged() {
        ui::talk(&format!("{shown} already is what these answers give; nothing to do."));
        return report(args, prepared, RunOutcome::Unchanged, None);
    }
    transaction::apply(&args.directory, &prepared.changes.operations()?)?;
    ui::talk(&format!("Wrote {} files to {shown}.", prepared.changes.of_class(Class::Create).count()));
    if args.no_install {
        return report(args, prepared, RunOutcome::Written, Some(InstallState::Skipped));
    }
    if let Err(error) = install_packages(&args.directory, prepared.spec.package_manager) {
        report(args, prepared, RunOutcome::Written, Some(InstallState::Failed))?;
        return Err(error);
    }
    report(args, prepared, RunOutcome::Written, Some(InstallState::Done))
}

fn install_packages(directory: &Path, manager: &PackageManager) -> anyhow::Result<()> {
    let progress = ui::Progress::start(&format!("Installing packages with {}", manager.name));
    let outcome = install::run(directory, manager, &mut |line| progress.show(line));
    progress.finish();
    for warning in outcome? {
        ui::talk(&warning);
    }
    // Most of the image, and so a number that people watch. One that cannot be had is no failure.
    if let Ok(bytes) = fs_extra::dir::get_size(directory.join("node_modules")) {
        ui::talk(&format!("Installed {} MB of packages, development included.", bytes / 1_000_000));
    }
    Ok(())
}

/// `schema`, `directory`, `outcome`, `platform`, `install`, `answers` and `changes` as JSON, or the same in words.
fn report(
    args: &Args,
    prepared: &Prepared,
    outcome: RunOutcome,
    installed: Option<InstallState>,
) -> anyhow::Result<u8> {
    if args.json {
        let report = json!({
            "schema": 1,
            "directory": args.directory.display().to_string(),
            "outcome": outcome,
            "platform": prepared.plan.platform.name,
            "install": installed,
            "answers": prepared.spec.answers,
            "changes": prepared.changes,
        });
        ui::result(&format!("{report:#}\n"))?;
    } else if outcome == RunOutcome::DryRun {
        let files = listing::by_folder(prepared.changes.changes());
        let text = summary::text(&prepared.plan, &args.directory.display().to_string(), &files);
        ui::result(&format!("{}\n\nDry run: nothing was written.\n", text.trim()))?;
    } else if outcome == RunOutcome::Written && installed != Some(InstallState::Failed) {
        ui::talk(&next_steps(args, prepared.spec.package_manager, installed == Some(InstallState::Skipped)));
    }
    Ok(DONE)
}

fn next_steps(args: &Args, manager: &PackageManager, without_packages: bool) -> String {
    let mut steps = vec![format!("cd {}", text::shell_path(&args.directory))];
    if without_packages {
        steps.push(manager.install_by_hand());
    }
    steps.push("cp .env.example .env".to_owned());
    steps.push("docker compose up --build".to_owned());
    format!(
        "Next:\n  {}\nThen read docs/DEPLOYMENT.md: what was decided, why, and what to set up before the first deploy.",
        steps.join("\n  ")
    )
}

fn missing_answers(keys: &[&str], args: &Args) -> String {
    let rows = keys.iter().filter_map(|key| question(key));
    let flags: Vec<(String, String)> = rows
        .map(|row| (format!("--set {}=...", row.key), format!("{} ({})", row.prompt, row.kind.expected())))
        .collect();
    let width = flags.iter().map(|(flag, _)| flag.len()).max().unwrap_or_default();
    let problem = if args.yes {
        "these answers have no default"
    } else {
        "there is no terminal to ask at, and these answers are missing"
    };
    let mut out = format!("{problem}:\n");
    out.extend(flags.iter().map(|(flag, meaning)| format!("  {flag:<width$}  {meaning}\n")));
    if let (true, Some(problem)) = (keys.contains(&"project.name"), directory::name_problem(&args.directory)) {
        out.push_str(&format!("The directory's own name cannot be the project's: {problem}\n"));
    }
    if keys.iter().any(|key| *key != "project.name") {
        let preset = if args.answers.preset.is_none() { ", or start from a --preset" } else { "" };
        out.push_str(&format!("Or take the defaults with -y{preset}.\n"));
    }
    out.trim_end().to_owned()
}
