//! `seaworthy simulate [DIR]`

use std::fs;
use std::path::PathBuf;

use anyhow::Context;

use super::answers::AnswerArgs;
use crate::failure::{DONE, FINDINGS};
use crate::plan::Plan;
use crate::simulation::{Run, Simulation, chart, simulate};
use crate::text;
use crate::ui;

/// Play a rise of the load, a lost instance and a deploy with the sizes of the plan; changes nothing.
///
/// Reads seaworthy.toml in the directory, if there is one. Shows what goes in with its reasons, the latency and the errors
/// that come out, what gives first, and what to change. Exit code 3 when the sizes do not stand one of the three.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The repository
    #[arg(default_value = ".")]
    directory: PathBuf,

    #[command(flatten)]
    answers: AnswerArgs,

    /// Print everything as JSON, every five seconds of each scenario among it
    #[arg(long)]
    json: bool,

    /// Write the chart to a file
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
}

pub(super) fn run(args: &Args) -> anyhow::Result<u8> {
    let Args { directory, answers, json, svg } = args;
    let (_, plan) = super::plan::decided(directory, answers)?;
    let simulation = simulate(&plan);
    if let Some(path) = svg {
        fs::write(path, chart::svg(&plan.project.name, &simulation))
            .with_context(|| format!("writing the chart to {}", path.display()))?;
    }
    if *json {
        ui::result(&format!("{:#}\n", json_of(&plan, &simulation)?))?;
    } else {
        ui::result(&text_of(&plan, &simulation))?;
    }
    Ok(if simulation.verdict.holds { DONE } else { FINDINGS })
}

/// `schema`, the name, the platform, and the fields of the simulation.
fn json_of(plan: &Plan, simulation: &Simulation) -> anyhow::Result<serde_json::Value> {
    let mut json = serde_json::json!({ "schema": 1, "project": plan.project.name, "platform": plan.platform.name });
    if let (Some(json), serde_json::Value::Object(fields)) = (json.as_object_mut(), serde_json::to_value(simulation)?) {
        json.extend(fields);
    }
    Ok(json)
}

fn text_of(plan: &Plan, simulation: &Simulation) -> String {
    let mut out = format!("{} on {}, simulated\n\nWhat goes in\n", plan.project.name, plan.platform.title);
    for input in &simulation.inputs {
        out.push_str(&format!("  {:<32}{}\n", input.title, input.value));
        out.push_str(&indented(&format!("because {}", input.reason), "    "));
    }
    out.push_str(&steady(simulation));
    for (run, judged) in simulation.scenarios.iter().zip(&simulation.verdict.scenarios) {
        let holds = if judged.holds { "holds" } else { "does not hold" };
        out.push_str(&format!("\n{}: {holds}\n", judged.title));
        out.push_str(&indented(&judged.says, "  "));
        out.push_str(&course(run));
    }
    out.push_str("\nWhat the model leaves out\n");
    for sentence in simulation.left_out {
        out.push_str(&item(sentence));
    }
    out.push_str("\nVerdict\n");
    out.push_str(&indented(&simulation.verdict.says, "  "));
    for change in &simulation.verdict.changes {
        out.push_str(&item(change));
    }
    out
}

fn steady(simulation: &Simulation) -> String {
    let mut out =
        "\nOne instance, ten seconds of each load\n   requests/s    p50       p95       p99       failed\n".to_owned();
    for at in &simulation.steady {
        let [p50, p95, p99] = [at.p50_ms, at.p95_ms, at.p99_ms].map(|ms| format!("{ms:.0} ms"));
        out.push_str(&format!(
            "{:>7.0} ({:>3} %)  {p50:<9} {p95:<9} {p99:<9} {:.1} %\n",
            at.load, at.percent, at.failed_percent
        ));
    }
    out
}

/// A few points of a scenario: each half minute around what happens, and at its end.
fn course(run: &Run) -> String {
    const EVERY: u32 = 60;
    let mut out = "    second  requests/s  capacity    instances  p99       failed\n".to_owned();
    for point in run.points.iter().filter(|point| point.second.is_multiple_of(EVERY)) {
        let p99 = format!("{:.0} ms", point.p99_ms);
        out.push_str(&format!(
            "    {:<6}  {:<10.0}  {:<10.0}  {:<9}  {p99:<8}  {:.1} %\n",
            point.second, point.load, point.capacity, point.instances, point.failed_percent
        ));
    }
    out
}

fn item(sentence: &str) -> String {
    indented(sentence, "    ").replacen("    ", "  - ", 1)
}

fn indented(sentence: &str, indent: &str) -> String {
    format!("{}\n", text::wrapped(sentence.split(' '), " ", indent))
}
