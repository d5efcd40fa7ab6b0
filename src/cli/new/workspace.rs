//! `seaworthy new DIR` with a preset of several services: the root of a workspace, and each service in a folder of its own.

use std::fs;
use std::path::Path;

use anyhow::Context;
use serde_json::{Map, Value as Json, json};

use super::{Args, InstallState, RunOutcome, write};
use crate::apply::{ChangeSet, Target, with_lock};
use crate::cli::answers::warn;
use crate::cli::{directory, listing, recovery, summary};
use crate::emit;
use crate::failure::{DONE, usage};
use crate::plan::{self, Plan};
use crate::spec::file::ANSWERS_FILE;
use crate::spec::table::question;
use crate::spec::{Answers, Origin, Spec, Value, repository};
use crate::stack::PackageManager;
use crate::text;
use crate::ui;

/// Everything decided, nothing written.
struct Prepared {
    specs: Vec<Spec>,
    plans: Vec<Plan>,
    changes: ChangeSet,
}

/// Makes the workspace. Its preset answers everything but the name, so nothing is asked.
pub(super) fn run(args: &Args, services: Vec<(String, Answers)>) -> anyhow::Result<u8> {
    if !args.dry_run {
        Target::look(&args.directory)?;
        recovery::recover(&args.directory)?;
    }
    let target = Target::look(&args.directory)?;
    let prepared = prepare(args, services, &target)?;
    prepared.specs.iter().for_each(warn);
    let manager = prepared.specs.first().context("the preset has no service")?.package_manager;
    let tell = |outcome, installed| report(args, &prepared, manager, outcome, installed);
    if args.dry_run { tell(RunOutcome::DryRun, None) } else { write(args, &prepared.changes, manager, &tell) }
}

fn prepare(args: &Args, services: Vec<(String, Answers)>, target: &Target) -> anyhow::Result<Prepared> {
    let mut flags = Answers::default();
    for assignment in &args.answers.set {
        flags.set_from_flag(assignment)?;
    }
    if flags.get("stack.app-dir").is_some() {
        return Err(usage("--set stack.app-dir: the preset says in which folder each service lies; leave it out"));
    }
    let name = name(args, &flags)?;
    let folders: Vec<String> = services.iter().map(|(folder, _)| folder.clone()).collect();
    let (mut specs, mut texts) = (Vec::new(), Vec::new());
    for (folder, answers) in folders.iter().zip(answers_of_all(&name, services, &flags)?) {
        let spec = Spec::new(answers.clone()).with_context(|| format!("the answers of {folder}"))?;
        let there = fs::read_to_string(args.directory.join(folder).join(ANSWERS_FILE)).ok();
        texts.push(emit::answers_text(&spec, &answers, there.as_deref(), true)?);
        specs.push(spec);
    }
    let (shared, plans) = plan::repository::plans(&specs)?;
    let list = list(&args.directory, &folders)?;
    let changes = ChangeSet::for_new(target, &with_lock(emit::several(&shared, &plans, list, texts)?)?)?;
    changes.ensure_clear()?;
    Ok(Prepared { specs, plans, changes })
}

/// Name of the workspace: what was said, or the name of the directory.
fn name(args: &Args, flags: &Answers) -> anyhow::Result<String> {
    if let Some(name) = flags.text("project.name") {
        return Ok(name.to_owned());
    }
    directory::project_name(&args.directory).ok_or_else(|| {
        let problem = directory::name_problem(&args.directory).unwrap_or_default();
        usage(format!(
            "give the name of the workspace with --set project.name=...; the directory's own name cannot be it: {problem}"
        ))
    })
}

/// The answers of each service. What was said for all of them is left out where it can change nothing, unless it can nowhere.
fn answers_of_all(name: &str, services: Vec<(String, Answers)>, flags: &Answers) -> anyhow::Result<Vec<Answers>> {
    let given = services.into_iter().map(|(folder, of_preset)| answers(name, &folder, of_preset, flags));
    let mut given = given.collect::<anyhow::Result<Vec<_>>>()?;
    for (key, _) in flags.by_key() {
        if given.iter().any(|answers| answers.get(key).is_some()) {
            given.iter_mut().filter(|answers| answers.get(key).is_none()).for_each(|answers| answers.unset(key));
        }
    }
    Ok(given)
}

/// The answers of a service: those of the preset, over them what was said for all, and its own name.
fn answers(name: &str, folder: &str, of_preset: Answers, flags: &Answers) -> anyhow::Result<Answers> {
    let own = folder.rsplit('/').next().unwrap_or_default().to_ascii_lowercase().replace('_', "-");
    let full = format!("{name}-{own}");
    if let Some(problem) = question("project.name").and_then(|row| row.parse(&full).err()) {
        return Err(usage(format!("{folder}: project.name: {problem}; give the workspace a shorter name")));
    }
    let mut answers = of_preset;
    answers.overlay(flags.clone());
    answers.set("project.name", Value::Text(full), Origin::Directory);
    answers.set("stack.app-dir", Value::Text(folder.to_owned()), Origin::Directory);
    answers.complete_with_defaults();
    Ok(answers)
}

/// The text of the root's answers file; one that lists these services stays as it is.
fn list(directory: &Path, folders: &[String]) -> anyhow::Result<String> {
    let path = directory.join(ANSWERS_FILE);
    if let Ok(text) = fs::read_to_string(&path)
        && repository::services(&path.display().to_string(), &text)?.as_deref() == Some(folders)
    {
        return Ok(text);
    }
    Ok(repository::text_of(folders))
}

/// `schema`, `directory`, `outcome`, `platform`, `install`, `answers` by folder and `changes` as JSON, or the same in words.
fn report(
    args: &Args,
    prepared: &Prepared,
    manager: &PackageManager,
    outcome: RunOutcome,
    installed: Option<InstallState>,
) -> anyhow::Result<u8> {
    if args.json {
        let answers = prepared.specs.iter().map(|spec| (spec.app_dir.clone(), json!(spec.answers)));
        let platforms = prepared.plans.iter().map(|plan| (plan.place.folder.clone(), json!(plan.platform.name)));
        let report = json!({
            "schema": 1,
            "directory": args.directory.display().to_string(),
            "outcome": outcome,
            "platform": platforms.collect::<Map<String, Json>>(),
            "install": installed,
            "answers": answers.collect::<Map<String, Json>>(),
            "changes": prepared.changes,
        });
        ui::result(&format!("{report:#}\n"))?;
    } else if outcome == RunOutcome::DryRun {
        let files = listing::by_folder(prepared.changes.changes());
        let head = format!("{}\n{files}", ui::heading(&format!("Files in {}", args.directory.display())));
        let decided: String = prepared.plans.iter().map(summary::decided).collect();
        ui::result(&format!("{head}{decided}\nDry run: nothing was written.\n"))?;
    } else if outcome == RunOutcome::Written && installed != Some(InstallState::Failed) {
        ui::talk(&next_steps(args, prepared, manager, installed == Some(InstallState::Skipped)));
    }
    Ok(DONE)
}

fn next_steps(args: &Args, prepared: &Prepared, manager: &PackageManager, without_packages: bool) -> String {
    let mut steps = vec![format!("cd {}", text::shell_path(&args.directory))];
    if without_packages {
        steps.push(manager.install_by_hand());
    }
    let folders = || prepared.plans.iter().map(|plan| plan.place.folder.as_str());
    steps.extend(folders().map(|folder| format!("cp {folder}/.env.example {folder}/.env")));
    steps.push(format!("{} dev", manager.run));
    let documents: Vec<String> = folders().map(|folder| format!("{folder}/docs/DEPLOYMENT.md")).collect();
    format!(
        "Next:\n  {}\nThen read {}: what was decided, why, and what to set up before the first deploy.",
        steps.join("\n  "),
        documents.join(" and ")
    )
}
