//! `seaworthy init [DIR]`

mod layout;
mod way;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::json;

use self::layout::Layout;
use self::way::Way;
use super::answers::AnswerArgs;
use super::asking::{self, Asking, Decided};
use super::own_code::OwnCode;
use super::{directory, listing, recovery};
use crate::apply::lock::{Lock, Locked};
use crate::apply::{Class, Target, WhereTaken};
use crate::detect::ops::callable;
use crate::detect::{Fit, Report, detect, fit, format};
use crate::failure::{DONE, FAILED, usage};
use crate::plan::Plan;
use crate::spec::{Answers, Existing, Spec};
use crate::text::{json_list, shell_path};
use crate::ui;

/// Fit deployment files into a repository that is there, and change nothing of it.
///
/// Looks at the repository first: what a file says is not asked. `--dry-run` tells every fact with the file and line that
/// shows it, contradictions, and what could not be told.
#[derive(Debug, clap::Args)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
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

    /// Write src/ops too: probes and a shutdown that your own code calls, and a schema of its environment. Prints the few
    /// lines that your entry point needs as a patch; package.json gets zod where it is missing
    #[arg(long)]
    ops: bool,

    /// As --ops, and put those lines into your entry point
    #[arg(long)]
    apply_entry: bool,

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
    way: Way,
    own: Option<OwnCode>,
}

impl Decided for Prepared {
    fn plan(&self) -> &Plan {
        &self.plan
    }

    fn files(&self) -> String {
        listing::by_folder(self.way.changes())
    }
}

/// A repository, what is known of it, and what is not emitted for it.
struct Looked {
    target: Target,
    layout: Layout,
    known: Answers,
    left_out: Vec<String>,
    own: Option<OwnCode>,
}

pub(super) fn run(args: &Args) -> anyhow::Result<u8> {
    let report = detect(&args.directory)?;
    if args.dry_run {
        return tell(args, &report);
    }
    recovery::recover(&args.directory)?;
    let Looked { target, layout, known, left_out, own } = look(args, &report)?;
    let asking = Asking {
        directory: &args.directory,
        yes: args.yes,
        only_shows: false,
        has_preset: args.answers.preset.is_some(),
    };
    let decided = asking::complete(&asking, known, |answers| prepare(args, &layout, answers, &target, own.clone()))?;
    let Some(prepared) = decided else {
        ui::talk("\nCancelled; nothing was written.");
        return Ok(FAILED);
    };
    super::answers::warn(&prepared.spec);
    let exit_code = prepared.way.go(&args.directory, prepared.own.iter().flat_map(OwnCode::operations))?;
    say(args, &prepared, &all_left_out(left_out, &prepared))?;
    Ok(exit_code)
}

/// Lays what people say over the facts.
fn look(args: &Args, report: &Report) -> anyhow::Result<Looked> {
    let target = Target::look(&args.directory)?;
    let report = &without_emitted(report, &target);
    let layout = Layout::of(args, report)?;
    let given = args.answers.layered(&layout.folder(&args.directory))?;
    let Fit { answers: mut known, mut left_out } = fit(report, &layout.with_folder(given.clone()))?;
    let own = if args.ops || args.apply_entry { Some(own_code(args, report, &layout, &given, &target)?) } else { None };
    known.overlay(given.clone());
    if let (Some(own), Some(existing)) = (&own, known.existing()) {
        known.set_existing(Existing { ops: own.ops().entries(), ..existing.clone() });
        left_out.retain(|it| !own.sees_to(it));
        left_out.extend(own.left_out());
    }
    let known = layout.named(known, &given, report, &args.directory);
    contradicted(report, &known)?;
    Ok(Looked { target, layout, known, left_out, own })
}

/// The facts without the manifests that were emitted for other services, which are nothing to leave out. A record that cannot be
/// read is told of by what needs it.
fn without_emitted(report: &Report, target: &Target) -> Report {
    let mut report = report.clone();
    let lock = Lock::read(target).ok().flatten();
    let emitted: BTreeSet<&str> =
        lock.iter().flat_map(|lock| lock.files.values()).filter(|it| it.is_ours()).map(Locked::place).collect();
    report.facts.retain(|fact| fact.subject != "other-deployment" || !emitted.contains(fact.value.as_str()));
    report
}

/// The facts, and what would be written as far as the answers go.
fn tell(args: &Args, report: &Report) -> anyhow::Result<u8> {
    let outcome = trial(args, report);
    let text = if args.json {
        let mut told = format::json(report, &args.directory);
        match outcome {
            Ok((prepared, left_out)) => {
                told["changes"] = json!(prepared.way.changes());
                told["left_out"] = json!(left_out);
                if let Some(own) = &prepared.own {
                    told["entry"] = own.json();
                }
            }
            Err(error) => told["refused"] = json!(format!("{error:#}")),
        }
        format!("{told:#}\n")
    } else {
        let end = match outcome {
            Ok((prepared, left_out)) => {
                let own = prepared.own.as_ref().map(OwnCode::text).unwrap_or_default();
                format!("Would write\n{}\n{}{own}", prepared.files(), left_out_text(&left_out))
            }
            Err(error) => format!("Would write nothing\n  {}\n", format!("{error:#}").replace('\n', "\n  ")),
        };
        format!("{}\n{end}", format::text(report))
    };
    ui::result(&text)?;
    Ok(DONE)
}

/// What a run with the defaults would come to.
fn trial(args: &Args, report: &Report) -> anyhow::Result<(Prepared, Vec<String>)> {
    let Looked { target, layout, known, left_out, own } = look(args, report)?;
    let prepared = prepare(args, &layout, directory::with_any_name(known), &target, own)?;
    let left_out = all_left_out(left_out, &prepared);
    Ok((prepared, left_out))
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

fn prepare(
    args: &Args,
    layout: &Layout,
    mut answers: Answers,
    target: &Target,
    own: Option<OwnCode>,
) -> anyhow::Result<Prepared> {
    answers.complete_with_defaults();
    let spec = Spec::new(answers.clone())?;
    let (plan, way) = way::decide(args, layout, &spec, &answers, target)?;
    Ok(Prepared { spec, plan, way, own })
}

/// What `src/ops` asks of files of theirs.
fn own_code(
    args: &Args,
    report: &Report,
    layout: &Layout,
    given: &Answers,
    target: &Target,
) -> anyhow::Result<OwnCode> {
    if matches!(layout, Layout::Folder { .. }) {
        return Err(usage(
            "--ops: in a repository with several services this version writes no src/ops. Without it, probes and the shutdown \
             come from deploy/image/probes.mjs, which the image loads before the service. Nothing was written.",
        ));
    }
    OwnCode::new(callable(report, given, &args.directory)?, target, args.apply_entry)
}

/// What the repository leaves out, and what follows from a Dockerfile of theirs that stays.
fn all_left_out(mut left_out: Vec<String>, prepared: &Prepared) -> Vec<String> {
    let place = &prepared.plan.place;
    let changes = prepared.way.changes();
    let stays = |path: &str| {
        changes.iter().any(|it| it.path == path && matches!(it.class, Class::Kept | Class::Adopted | Class::Detached))
    };
    if stays(&place.path("Dockerfile")) {
        left_out.push(format!(
            "Your Dockerfile stays. Probes and the shutdown come with it only when it copies deploy/image and ends with\n    \
             CMD {}",
            json_list(&[&["node".to_owned()], prepared.plan.image.start.as_slice()].concat())
        ));
    }
    if place.is_within() && stays(".github/workflows/ci.yml") {
        left_out.push(format!(
            "Your .github/workflows/ci.yml stays. Pull requests check {} only where that calls .github/workflows/{}",
            place.folder, place.ci
        ));
    }
    let example = place.path(".env.example");
    let keeps_example = changes.iter().any(|it| it.path == example && it.class != Class::Create);
    if keeps_example && prepared.plan.features.database {
        left_out.push(
            "Your .env.example stays. compose.yaml takes the password of the database that it starts from POSTGRES_PASSWORD in \
             .env: add one, any"
                .to_owned(),
        );
    }
    left_out
}

fn say(args: &Args, prepared: &Prepared, left_out: &[String]) -> anyhow::Result<()> {
    let changes = prepared.way.changes();
    let of = |class: Class| changes.iter().filter(move |change| change.class == class);
    let shown = args.directory.display();
    let theirs = prepared.own.as_ref().map(OwnCode::changed).filter(|it| !it.is_empty());
    ui::talk(&format!(
        "Wrote {} files to {shown}; {}.",
        of(Class::Create).count(),
        theirs.map_or_else(|| "none of yours changed".to_owned(), |it| format!("of yours, {}", it.join(" and ")))
    ));
    let shared = [Class::Conflict, Class::Update, Class::Merge].into_iter().flat_map(of).filter(|it| !it.is_own());
    for change in of(Class::Kept).chain(of(Class::Adopted)).chain(shared) {
        let reason = change.reason.as_deref().unwrap_or_default();
        ui::talk(format!("  {:<9} {}  {reason}", change.class.name(), change.path).trim_end());
    }
    if !left_out.is_empty() {
        ui::talk(left_out_text(left_out).trim_end());
    }
    if args.json {
        let mut report = json!({
            "schema": 1,
            "directory": shown.to_string(),
            "outcome": "written",
            "platform": prepared.plan.platform.name,
            "answers": prepared.spec.answers,
            "changes": changes,
            "left_out": left_out,
        });
        if let Some(own) = &prepared.own {
            report["entry"] = own.json();
        }
        ui::result(&format!("{report:#}\n"))?;
    } else if let Some(own) = &prepared.own {
        ui::result(&own.text())?;
    }
    let folder = prepared.plan.place.folder.as_str();
    let directory = if folder.is_empty() {
        args.directory.clone()
    } else if args.directory == Path::new(".") {
        PathBuf::from(folder)
    } else {
        args.directory.join(folder)
    };
    ui::talk(&next_steps(&directory, prepared));
    Ok(())
}

fn next_steps(directory: &Path, prepared: &Prepared) -> String {
    let go = if directory == Path::new(".") { String::new() } else { format!("  cd {}\n", shell_path(directory)) };
    let adds_package = prepared.own.as_ref().is_some_and(OwnCode::adds_package);
    let install = if adds_package {
        format!("  {}   # zod goes into the lock file\n", prepared.plan.packages.install_by_hand)
    } else {
        String::new()
    };
    format!("Next:\n{go}{install}  cp -n .env.example .env\n  docker compose up --build\nThen read docs/DEPLOYMENT.md.")
}

fn left_out_text(left_out: &[String]) -> String {
    let lines: Vec<String> = left_out.iter().map(|text| format!("  {text}\n")).collect();
    if lines.is_empty() { String::new() } else { format!("Left out\n{}", lines.concat()) }
}
