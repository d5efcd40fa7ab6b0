//! `seaworthy new DIR`

mod workspace;

use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::json;

use super::answers::{self, AnswerArgs};
use super::asking::{self, Asking, Decided};
use super::{directory, listing, recovery, summary};
use crate::apply::{ChangeSet, Class, Target, transaction};
use crate::emit;
use crate::failure::{DONE, FAILED};
use crate::install;
use crate::plan::{Plan, plan};
use crate::spec::file::ANSWERS_FILE;
use crate::spec::{Answers, Spec, presets};
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
    if let Some(preset) = &args.answers.preset
        && let Some(services) = presets::load_several(preset)?
    {
        return workspace::run(args, services);
    }
    let mut target = Target::look(&args.directory)?;
    if !args.dry_run {
        recovery::recover(&args.directory)?;
        target = Target::look(&args.directory)?;
    }
    let existing = fs::read_to_string(args.directory.join(ANSWERS_FILE)).ok();
    let given = directory::with_directory_name(args.answers.layered(&args.directory)?, &args.directory);
    let asking = Asking {
        directory: &args.directory,
        yes: args.yes,
        only_shows: args.dry_run,
        has_preset: args.answers.preset.is_some(),
    };
    let prepare = |answers| prepare(answers, &target, existing.as_deref());
    let Some(prepared) = asking::complete(&asking, given, prepare)? else {
        // The cursor may stand within the last menu.
        ui::talk("\nCancelled; nothing was written.");
        return Ok(FAILED);
    };
    answers::warn(&prepared.spec);
    let tell = |outcome, installed| report(args, &prepared, outcome, installed);
    if args.dry_run {
        return tell(RunOutcome::DryRun, None);
    }
    write(args, &prepared.changes, prepared.spec.package_manager, &tell)
}

impl Decided for Prepared {
    fn plan(&self) -> &Plan {
        &self.plan
    }

    fn files(&self) -> String {
        listing::by_folder(self.changes.changes())
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

/// Writes the files and installs the packages. `tell` says how it ended.
fn write(
    args: &Args,
    changes: &ChangeSet,
    manager: &PackageManager,
    tell: &dyn Fn(RunOutcome, Option<InstallState>) -> anyhow::Result<u8>,
) -> anyhow::Result<u8> {
    let shown = args.directory.display();
    if changes.is_unchanged() {
        ui::talk(&format!("{shown} already is what these answers give; nothing to do."));
        return tell(RunOutcome::Unchanged, None);
    }
    transaction::apply(&args.directory, &changes.operations()?)?;
    ui::talk(&format!("Wrote {} files to {shown}.", changes.of_class(Class::Create).count()));
    if args.no_install {
        return tell(RunOutcome::Written, Some(InstallState::Skipped));
    }
    if let Err(error) = install_packages(&args.directory, manager) {
        tell(RunOutcome::Written, Some(InstallState::Failed))?;
        return Err(error);
    }
    tell(RunOutcome::Written, Some(InstallState::Done))
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
        let text = summary::text(&prepared.plan, &args.directory.display().to_string(), &prepared.files());
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
