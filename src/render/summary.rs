//! What a manager reads in two minutes: the answer, what it carries, what it costs, what was rejected, and what would change it.

use serde_json::{Value as Json, json};

use crate::plan::{Decision, Plan};

/// The rows of the table that stands first, each with a word and its text.
pub(super) fn rows(plan: &Plan) -> Vec<Json> {
    let platform = plan.decisions.iter().find(|decision| decision.key == "platform.name");
    let mut rows = vec![("Carries", carries(plan)), ("Runs as", runs_as(plan))];
    if plan.features.database {
        rows.push(("Database connections", plan.database.formula.clone()));
    }
    rows.push((
        "Costs",
        format!("about {} a month, an estimate in list prices as of {}", plan.costs.total_text, plan.costs.as_of),
    ));
    rows.extend(platform.iter().flat_map(|decision| instead(decision, plan)));
    if let Some(flips) = platform.and_then(|decision| decision.flips.as_ref()) {
        rows.push(("Would change with", flips.clone()));
    }
    let approver = if plan.approval.second_person {
        "a second person approves each deploy to production"
    } else {
        "whoever deploys approves it too: nobody else is there"
    };
    rows.push(("Approval", approver.to_owned()));
    rows.into_iter().map(|(what, text)| json!({ "what": what, "text": text })).collect()
}

/// The answer of a key, as it stands among the inputs of the decisions.
fn answer(plan: &Plan, key: &str) -> Option<String> {
    let inputs = plan.decisions.iter().flat_map(|decision| &decision.inputs);
    let value = &inputs.into_iter().find(|input| input.key == key)?.answer.value;
    Some(value.as_text().map_or_else(|| value.to_string(), ToOwned::to_owned))
}

fn carries(plan: &Plan) -> String {
    let known = |key: &str| answer(plan, key).unwrap_or_default();
    let quiet = answer(plan, "scale.trough-rps").map(|rps| format!(", {rps} at the quietest hour")).unwrap_or_default();
    let regions = known("scale.regions");
    let region = if regions == "1" { "region" } else { "regions" };
    let team = known("scale.team-size");
    let people = if team == "1" { "person" } else { "people" };
    format!(
        "{} requests/s at the peak{quiet}, {} % of the time, in {regions} {region}, for a team of {team} {people}",
        known("scale.peak-rps"),
        known("scale.availability"),
    )
}

fn runs_as(plan: &Plan) -> String {
    let scale = plan.scale;
    let cores = match plan.resources.cpu_request_millicores {
        1000 => "1 core".to_owned(),
        _ => format!("{} cores", plan.resources.cpu_request),
    };
    let each = format!("{cores} and {} MiB each", plan.resources.memory_mib);
    let number = if scale.min_replicas == scale.max_replicas {
        scale.max_replicas.to_string()
    } else {
        format!("{} to {}", scale.min_replicas, scale.max_replicas)
    };
    let instances = if number == "1" { "instance" } else { "instances" };
    let workers = plan.worker.as_ref().map(|worker| match worker.replicas {
        1 => ", 1 worker".to_owned(),
        many => format!(", {many} workers"),
    });
    let place = match (&plan.services.machine, scale.regions) {
        (Some(machine), _) => format!(" on a machine of {} cores and {} GiB", machine.cores, machine.memory_gib),
        (None, 1) => String::new(),
        (None, regions) => format!(", in each of {regions} regions"),
    };
    format!("{number} {instances} of {each}{}{place}", workers.unwrap_or_default())
}

/// What was rejected, with what it would cost where that is known.
fn instead<'a>(decision: &'a Decision, plan: &'a Plan) -> impl Iterator<Item = (&'static str, String)> + 'a {
    decision.rejected.iter().map(|rejected| {
        let managed = rejected.option == "Managed containers";
        let same = |it: &&crate::plan::costs::Alternative| {
            it.platform == rejected.option
                || (managed && ["Cloud Run", "ECS on Fargate"].contains(&it.platform.as_str()))
        };
        let cost = plan.costs.alternatives.iter().find(same).filter(|it| it.total.is_some());
        let cost = cost.map(|it| {
            if it.platform == rejected.option {
                format!(" (about {})", it.text)
            } else {
                format!(" ({}, about {})", it.platform, it.text)
            }
        });
        let cost = cost.unwrap_or_default();
        ("Instead of", format!("{}{cost}: {}", rejected.option, rejected.why))
    })
}
