//! `seaworthy plan [DIR]`

use std::path::{Path, PathBuf};

use anyhow::Context;

use super::answers::AnswerArgs;
use super::{directory, emission, several};
use crate::failure::{DONE, usage};
use crate::plan::{Costs, Decision, Plan};
use crate::spec::Spec;
use crate::ui;

/// Show the decisions that follow from the answers, with reasons and rejected options; writes nothing.
///
/// Reads seaworthy.toml in the directory, if there is one.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The repository
    #[arg(default_value = ".")]
    directory: PathBuf,

    #[command(flatten)]
    answers: AnswerArgs,

    /// Print the whole plan as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> anyhow::Result<u8> {
    let (spec, plan) = decided(&args.directory, &args.answers)?;
    if args.json {
        ui::result(&format!("{:#}\n", json(&spec, &plan)?))?;
    } else {
        ui::result(&text(&plan))?;
    }
    Ok(DONE)
}

/// What follows from the answers of a directory: of a repository, or of one of its services.
///
/// # Errors
/// Exit 2 for answers that are not right.
pub(super) fn decided(directory: &Path, answers: &AnswerArgs) -> anyhow::Result<(Spec, Plan)> {
    match several::named(directory)?.service {
        Some(folder) => of_service(directory, answers, &folder),
        None => of_repository(directory, answers),
    }
}

fn of_repository(directory: &Path, answers: &AnswerArgs) -> anyhow::Result<(Spec, Plan)> {
    let given = directory::with_directory_name(answers.layered(directory)?, directory);
    // Nothing but names depends on it, so any will do to look at numbers.
    let answers = directory::with_any_name(given);
    let spec = Spec::new(answers)?;
    super::answers::warn(&spec);
    let plan = crate::plan::plan(&spec)?;
    Ok((spec, plan))
}

/// The plan of one of several services, whose answers are all in its file.
fn of_service(directory: &Path, answers: &AnswerArgs, folder: &str) -> anyhow::Result<(Spec, Plan)> {
    if let Some(preset) = &answers.preset {
        return Err(usage(format!(
            "--preset {preset}: {folder} has answers of its own; change some of them with --set"
        )));
    }
    let (_, emission) = emission::open(directory, &answers.set)?;
    let mut both = emission.specs.into_iter().zip(emission.plans);
    both.find(|(spec, _)| spec.app_dir == folder).context("the service is not among those of its repository")
}

/// `schema`, `answers` by key with value and origin, and the fields of the plan.
fn json(spec: &Spec, plan: &Plan) -> anyhow::Result<serde_json::Value> {
    let mut json = serde_json::json!({ "schema": 1, "answers": spec.answers });
    if let (Some(json), serde_json::Value::Object(plan)) = (json.as_object_mut(), serde_json::to_value(plan)?) {
        json.extend(plan);
    }
    Ok(json)
}

fn text(plan: &Plan) -> String {
    let mut out = format!("{} runs on {}\n", plan.project.name, plan.platform.title);
    for decision in &plan.decisions {
        out.push_str(&decision_text(decision));
    }
    out.push_str(&costs_text(&plan.costs));
    if plan.features.database {
        out.push_str(&format!("\nDatabase connections: {}\n", plan.database.formula));
    }
    if !plan.risks.is_empty() {
        out.push_str("\nOpen risks\n");
        for risk in &plan.risks {
            out.push_str(&format!("  - {risk}\n"));
        }
    }
    out.push_str("\nQuestions that only a person can answer\n");
    for question in &plan.questions {
        out.push_str(&format!("  - {question}\n"));
    }
    out
}

/// What a month costs, part by part, beside the neighbouring platforms.
fn costs_text(costs: &Costs) -> String {
    let mut out = format!("\nA month, about: {}\n", costs.total_text);
    out.push_str(&format!(
        "  an estimate in list prices as of {} (dated {} to {}), to decide by; no offer\n",
        costs.as_of, costs.prices_from, costs.prices_to
    ));
    for component in &costs.components {
        out.push_str(&format!("  {}: {}; {}\n", component.name, component.text, component.basis));
    }
    for other in &costs.alternatives {
        out.push_str(&format!("  the next {} platform, {}: {}\n", other.direction, other.platform, other.text));
    }
    for assumption in &costs.assumptions {
        out.push_str(&format!("  {assumption}\n"));
    }
    out
}

fn decision_text(decision: &Decision) -> String {
    format!("\n{}: {}\n{}", decision.title, decision.display_value(), reasons_text(decision))
}

/// Why a decision is what it is, from what, instead of what, and what would change it.
pub(super) fn reasons_text(decision: &Decision) -> String {
    let mut out = format!("  because {}\n", decision.reason);
    if !decision.inputs.is_empty() {
        let inputs: Vec<String> = decision
            .inputs
            .iter()
            .map(|input| format!("{} = {} ({})", input.key, input.answer.value, input.answer.origin))
            .collect();
        out.push_str(&format!("  from {}\n", inputs.join(", ")));
    }
    for rejected in &decision.rejected {
        out.push_str(&format!("  not {}: {}\n", rejected.option, rejected.why));
    }
    if let Some(flips) = &decision.flips {
        out.push_str(&format!("  changes with {flips}\n"));
    }
    out
}
