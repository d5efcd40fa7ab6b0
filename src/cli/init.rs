//! `seaworthy init [DIR]`

use std::fs;
use std::path::PathBuf;

use serde_json::json;

use super::answers::AnswerArgs;
use super::{directory, listing, recovery, summary};
use crate::apply::{Class, Fitting, Target, WhereTaken, transaction};
use crate::detect::{Fit, Report, detect, fit, format};
use crate::emit;
use crate::failure::{DONE, FAILED, usage};
use crate::plan::{Plan, plan};
use crate::spec::file::ANSWERS_FILE;
use crate::spec::interview::{Outcome, interview};
use crate::spec::{Answers, Spec};
use crate::ui;

/// Fit deployment files into a repository that is there, and change nothing of it.
///
/// Looks at the repository first: what a file says is not asked. `--dry-run` tells every fact with the file and line that
/// shows it, contradictions, and what could not be told.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The repository
    #[arg(default_value = ".")]
    directory: PathBuf,

    #[command(flatten)]
    answers: AnswerArgs,

    /// Take the defaults for what neither a file nor you answer, and do not ask; never overwrites anything
    #[arg(short, long)]
    yes: bool,

    /// What becomes of emitted files where one of yours is
    #[arg(long, value_name = "HOW", default_value = "keep")]
    taken: WhereTaken,

    /// Tell the facts and what would be written, and write nothing
    #[arg(long)]
    dry_run: bool,

    /// Print the outcome as JSON
    #[arg(long)]
    json: bool,
}

/// Everything decided, nothing written.
struct Prepared {
    spec: Spec,
    plan: Plan,
    fitting: Fitting,
}

pub(super) fn run(args: &Args) -> anyhow::Result<u8> {
    if args.dry_run {
        return tell(args);
    }
    let report = detect(&args.directory)?;
    recovery::recover(&args.directory)?;
    let target = Target::look(&args.directory)?;
    let given = args.answers.layered(&args.directory)?;
    let Fit { answers: mut known, left_out } = fit(&report, &given)?;
    known.overlay(given);
    let known = directory::with_directory_name(known, &args.directory);
    let Some(prepared) = decide(args, known, &target)? else {
        ui::talk("\nCancelled; nothing was written.");
        return Ok(FAILED);
    };
    transaction::apply(&args.directory, &prepared.fitting.operations())?;
    say(args, &prepared, &left_out)
}

/// The facts, and what would be written as far as the answers go.
fn tell(args: &Args) -> anyhow::Result<u8> {
    let report = detect(&args.directory)?;
    let outcome = trial(args, &report);
    let text = if args.json {
        let mut told = format::json(&report, &args.directory);
        match outcome {
            Ok((prepared, left_out)) => {
                told["changes"] = json!(prepared.fitting.changes());
                told["left_out"] = json!(left_out);
            }
            Err(error) => told["refused"] = json!(format!("{error:#}")),
        }
        format!("{told:#}\n")
    } else {
        let end = match outcome {
            Ok((prepared, left_out)) => {
                let files = listing::by_folder(prepared.fitting.changes());
                format!("Would write\n{files}\n{}", left_out_text(&left_out))
            }
            Err(error) => format!("Would write nothing\n  {}\n", format!("{error:#}").replace('\n', "\n  ")),
        };
        format!("{}\n{end}", format::text(&report))
    };
    ui::result(&text)?;
    Ok(DONE)
}

/// What a run with the defaults would come to.
fn trial(args: &Args, report: &Report) -> anyhow::Result<(Prepared, Vec<String>)> {
    let target = Target::look(&args.directory)?;
    let given = args.answers.layered(&args.directory)?;
    let Fit { answers: mut known, left_out } = fit(report, &given)?;
    known.overlay(given);
    let known = directory::with_directory_name(known, &args.directory);
    contradicted(report, &known)?;
    Ok((prepare(args, directory::with_any_name(known), &target)?, left_out))
}

/// Completes the answers in the way that the options and the terminal allow; `None` when the user left.
fn decide(args: &Args, given: Answers, target: &Target) -> anyhow::Result<Option<Prepared>> {
    contradicted(&detect(&args.directory)?, &given)?;
    let missing = given.missing();
    if !args.yes && ui::can_ask() {
        return ask(args, given, target);
    }
    let open: Vec<String> = missing
        .into_iter()
        .filter(|key| *key == "project.name" || !args.yes)
        .map(|key| format!("  --set {key}=..."))
        .collect();
    if !open.is_empty() {
        return Err(usage(format!("no file and nobody answers:\n{}\nOr take the defaults with -y.", open.join("\n"))));
    }
    prepare(args, given, target).map(Some)
}

/// A contradiction is not settled by a default.
fn contradicted(report: &Report, answers: &Answers) -> anyhow::Result<()> {
    let open = report.contradictions.iter().filter(|it| it.folder.is_empty());
    let open = open.filter(|it| it.question.is_some_and(|key| key != "stack.framework" && answers.get(key).is_none()));
    let lines: Vec<String> =
        open.map(|it| format!("  --set {}=...  {}", it.question.unwrap_or_default(), it.message)).collect();
    if lines.is_empty() {
        return Ok(());
    }
    Err(usage(format!("files contradict each other, so that you have to say:\n{}", lines.join("\n"))))
}

fn ask(args: &Args, given: Answers, target: &Target) -> anyhow::Result<Option<Prepared>> {
    // What is in the way is known before the first question.
    prepare(args, directory::with_any_name(given.clone()), target)?;
    let mut prepared = None;
    let mut show = |answers: &Answers| {
        let ready = prepare(args, answers.clone(), target)?;
        let files = listing::by_folder(ready.fitting.changes());
        ui::talk(&summary::text(&ready.plan, &args.directory.display().to_string(), &files));
        prepared = Some(ready);
        Ok(())
    };
    match interview(given, &mut show, &ui::talk)? {
        Outcome::Agreed => Ok(prepared),
        Outcome::Cancelled => Ok(None),
    }
}

fn prepare(args: &Args, mut answers: Answers, target: &Target) -> anyhow::Result<Prepared> {
    answers.complete_with_defaults();
    let spec = Spec::new(answers.clone())?;
    let plan = plan(&spec)?;
    let there = fs::read_to_string(args.directory.join(ANSWERS_FILE)).ok();
    let files = emit::without_lock(&plan, emit::answers_text(&spec, &answers, there.as_deref())?)?;
    let fitting = Fitting::of(target, &files, args.taken)?;
    Ok(Prepared { spec, plan, fitting })
}

fn say(args: &Args, prepared: &Prepared, left_out: &[String]) -> anyhow::Result<u8> {
    let changes = prepared.fitting.changes();
    let of = |class: Class| changes.iter().filter(move |change| change.class == class);
    let shown = args.directory.display();
    ui::talk(&format!("Wrote {} files to {shown}; none of yours changed.", of(Class::Create).count()));
    for change in of(Class::Kept).chain(of(Class::Adopted)) {
        ui::talk(&format!(
            "  {:<9} {}  {}",
            change.class.name(),
            change.path,
            change.reason.as_deref().unwrap_or_default()
        ));
    }
    ui::talk(left_out_text(left_out).trim_end());
    if args.json {
        let report = json!({
            "schema": 1,
            "directory": shown.to_string(),
            "outcome": "written",
            "platform": prepared.plan.platform.name,
            "answers": prepared.spec.answers,
            "changes": changes,
            "left_out": left_out,
        });
        ui::result(&format!("{report:#}\n"))?;
    }
    ui::talk("Next:\n  cp -n .env.example .env\n  docker compose up --build\nThen read docs/DEPLOYMENT.md.");
    Ok(DONE)
}

fn left_out_text(left_out: &[String]) -> String {
    let lines: Vec<String> = left_out.iter().map(|text| format!("  {text}\n")).collect();
    if lines.is_empty() { String::new() } else { format!("Left out\n{}", lines.concat()) }
}
