//! `seaworthy setup github [DIR]`

use std::path::PathBuf;

use anyhow::Context;
use clap::Subcommand;
use serde_json::{Value as Json, json};

use super::answers::{self, AnswerArgs};
use super::emission;
use super::several::{self, Named};
use crate::failure::{DONE, usage};
use crate::plan::Plan;
use crate::setup::wanted::{BRANCH, Setting, wanted};
use crate::setup::{Gh, Outcome, State, Wanted, WantedEnvironment, compare};
use crate::spec::Spec;
use crate::spec::file::ANSWERS_FILE;
use crate::ui;

/// Say what has to be set up beside the files, and make it.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    Github(GithubArgs),
}

/// Environments, reviewers, rules of main, and the names of secrets and variables, as the workflows need them.
///
/// Prints them. With --apply it asks GitHub what is there, through `gh` and its sign-in, and makes what is missing; it
/// never takes back what is stricter, and never sees the value of a secret. Running it again changes nothing more.
#[derive(Debug, clap::Args)]
struct GithubArgs {
    /// The repository
    #[arg(default_value = ".")]
    directory: PathBuf,

    /// Make what is missing, through `gh`
    #[arg(long)]
    apply: bool,

    /// Who is asked before a deploy to production: USER or ORGANISATION/TEAM; may be repeated
    #[arg(long, value_name = "USER|TEAM", requires = "apply")]
    reviewer: Vec<String>,

    /// Say what --apply would change, and change nothing
    #[arg(long, requires = "apply")]
    dry_run: bool,

    /// Print the outcome as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> anyhow::Result<u8> {
    match &args.action {
        Action::Github(args) => github(args),
    }
}

fn github(args: &GithubArgs) -> anyhow::Result<u8> {
    let Named { root, service } = several::named(&args.directory)?;
    if let Some(folder) = service {
        let (_, emission) = emission::open(&args.directory, &[])?;
        let plan = emission.plans.iter().find(|plan| plan.place.folder == folder);
        let plan = plan.context("the service is not among those of its repository")?;
        return told_or_made(args, plan, &wanted(plan, &root)?);
    }
    let answers = AnswerArgs { preset: None, set: Vec::new() }.layered(&args.directory)?;
    if answers.by_key().is_empty() {
        return Err(usage(format!(
            "setup github: there is no {ANSWERS_FILE} in {}; run it where `seaworthy new` or `init` wrote one",
            args.directory.display()
        )));
    }
    let spec = Spec::new(answers)?;
    answers::warn(&spec);
    let plan = crate::plan::plan(&spec)?;
    told_or_made(args, &plan, &wanted(&plan, &root)?)
}

fn told_or_made(args: &GithubArgs, plan: &Plan, wanted: &Wanted) -> anyhow::Result<u8> {
    if args.apply {
        return apply(args, wanted).context("setup github");
    }
    ui::result(&if args.json { format!("{:#}\n", listed(wanted)?) } else { text(plan, wanted) })?;
    Ok(DONE)
}

fn apply(args: &GithubArgs, wanted: &Wanted) -> anyhow::Result<u8> {
    let gh = Gh::new(&args.directory);
    let state = State::read(&gh, wanted)?;
    let reviewers: Vec<_> =
        args.reviewer.iter().map(|name| State::reviewer(&gh, name)).collect::<anyhow::Result<_>>()?;
    let outcome = compare(wanted, &state, &reviewers)?;
    let all = outcome.changes.len();
    for (made, change) in outcome.changes.iter().enumerate() {
        if args.dry_run {
            ui::talk(&format!("would {}", change.what));
            continue;
        }
        gh.send(&change.what, change.method, &change.path, &change.body).with_context(|| {
            format!("{made} of {all} changes are made and stay; run it again for the rest, once this is mended")
        })?;
        ui::talk(&format!("done: {}", change.what));
    }
    ui::result(&if args.json {
        format!("{:#}\n", applied(wanted, &state, &outcome, args.dry_run)?)
    } else {
        remaining(&state, &outcome, args.dry_run)
    })?;
    Ok(DONE)
}

/// `schema` and the fields of what is wanted.
fn listed(wanted: &Wanted) -> anyhow::Result<Json> {
    let mut json = json!({ "schema": 1 });
    if let (Some(json), Json::Object(wanted)) = (json.as_object_mut(), serde_json::to_value(wanted)?) {
        json.extend(wanted);
    }
    Ok(json)
}

/// The same with `repository`, `changes` and `by_hand`.
fn applied(wanted: &Wanted, state: &State, outcome: &Outcome, dry_run: bool) -> anyhow::Result<Json> {
    let mut json = listed(wanted)?;
    json["repository"] = json!(state.repository);
    let changes = outcome.changes.iter().map(|it| json!({ "what": it.what, "made": !dry_run }));
    json["changes"] = changes.collect();
    json["by_hand"] = json!(outcome.by_hand);
    Ok(json)
}

fn remaining(state: &State, outcome: &Outcome, dry_run: bool) -> String {
    let count = outcome.changes.len();
    let mut out = match (count, dry_run) {
        (0, _) => format!("{} is set up; nothing to change.\n", state.repository),
        (_, true) => format!("{}: {count} changes to make; nothing was changed.\n", state.repository),
        (_, false) => format!("{}: {count} changes made.\n", state.repository),
    };
    if !outcome.by_hand.is_empty() {
        out.push_str("\nLeft for a person:\n");
        for todo in &outcome.by_hand {
            out.push_str(&format!("  {todo}\n"));
        }
    }
    out
}

fn text(plan: &Plan, wanted: &Wanted) -> String {
    let mut out = format!("Settings of the GitHub repository of {}\n", plan.project.name);
    for environment in &wanted.environments {
        out.push_str(&environment_text(environment));
    }
    let approvals = match wanted.rules.approvals {
        0 => "pull requests only".to_owned(),
        count => format!("pull requests only, with {count} approval of the last push; a push takes earlier ones back"),
    };
    out.push_str(&format!(
        "\nBranch {BRANCH}\n  {approvals}\n  neither rewritten nor deleted\n  checks that must pass\n"
    ));
    for check in &wanted.rules.checks {
        out.push_str(&format!("    {check}\n"));
    }
    if !wanted.kept_elsewhere.is_empty() {
        out.push_str(&format!("\nNever on GitHub: {}\n", wanted.kept_elsewhere.join(", ")));
    }
    out
}

fn environment_text(environment: &WantedEnvironment) -> String {
    let mut out = format!("\nEnvironment {}\n  jobs of {} only\n", environment.name, environment.branches.join(", "));
    if environment.needs_reviewer {
        let who = if environment.prevent_self_review { ", and not whoever started it" } else { "" };
        out.push_str(&format!("  waits until a reviewer agrees{who}\n  administrators do not bypass it\n"));
    }
    out.push_str(&settings_text("variables", &environment.variables));
    out.push_str(&settings_text("secrets", &environment.secrets));
    out
}

fn settings_text(kind: &str, settings: &[Setting]) -> String {
    if settings.is_empty() {
        return String::new();
    }
    let lines = settings.iter().map(|it| format!("    {:<24}  {}", it.name, it.what).trim_end().to_owned() + "\n");
    format!("  {kind}\n{}", lines.collect::<String>())
}
