//! What is missing on GitHub, as calls to make. What is there and stricter than asked for stays.

use serde_json::{Value as Json, json};

use super::state::{EnvironmentState, RULESET, Reviewer, State};
use super::wanted::{BRANCH, Rules, Wanted, WantedEnvironment};
use crate::failure::usage;

/// The most reviewers that an environment takes (GitHub's documentation of environments).
const MOST_REVIEWERS: usize = 6;

/// One call.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// What it does, as the rest of "cannot ...".
    pub what: String,
    /// HTTP method.
    pub method: &'static str,
    /// Path of the API.
    pub path: String,
    /// What is sent.
    pub body: Json,
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Outcome {
    /// Calls, in an order in which no step opens what a later one closes.
    pub changes: Vec<Change>,
    /// What only a person can do.
    pub by_hand: Vec<String>,
}

/// Compares what is wanted with what is there.
///
/// # Errors
/// Exit 2 when somebody has to be asked and nobody was named.
pub fn compare(wanted: &Wanted, state: &State, reviewers: &[Reviewer]) -> anyhow::Result<Outcome> {
    let mut outcome = Outcome::default();
    let by_pull_request = !wanted.environments.iter().any(|it| it.needs_reviewer);
    for (environment, found) in wanted.environments.iter().zip(&state.environments) {
        let path = format!("repos/{}/environments/{}", state.repository, environment.name);
        let given = if environment.needs_reviewer { reviewers } else { &[] };
        let is_open = is_open(found, by_pull_request);
        outcome.changes.extend(environment_change(environment, found, given, is_open, &path)?);
        outcome.changes.extend(branch_changes(environment, found, is_open, &path));
        outcome.by_hand.extend(by_hand(environment, found, &state.names));
    }
    outcome.changes.extend(rules_change(&wanted.rules, state));
    Ok(outcome)
}

/// The rule of one kind in an environment's answer.
fn rule<'a>(found: &'a Json, kind: &str) -> Option<&'a Json> {
    found["protection_rules"].as_array()?.iter().find(|rule| rule["type"] == kind)
}

/// Whether branches get in that must not: any at all, or, where the change was to be approved and nobody is asked again,
/// protected ones of which nobody knows who approved what they hold.
fn is_open(state: &EnvironmentState, by_pull_request: bool) -> bool {
    let policy = state.found.as_ref().map(|found| &found["deployment_branch_policy"]);
    policy.is_none_or(|policy| policy.is_null() || by_pull_request && lets_protected_in(policy))
}

fn lets_protected_in(policy: &Json) -> bool {
    policy["protected_branches"] == Json::Bool(true)
}

/// Makes or completes an environment. One call replaces all of its rules, so those that are there are sent along.
fn environment_change(
    wanted: &WantedEnvironment,
    state: &EnvironmentState,
    given: &[Reviewer],
    is_open: bool,
    path: &str,
) -> anyhow::Result<Option<Change>> {
    let name = &wanted.name;
    let found = state.found.clone().unwrap_or(Json::Null);
    let asked = rule(&found, "required_reviewers").cloned().unwrap_or(Json::Null);
    let mut people: Vec<Json> = asked["reviewers"].as_array().into_iter().flatten().map(short).collect();
    let before = people.len();
    people.extend(given.iter().map(|it| json!({ "type": it.kind, "id": it.id })));
    dedup(&mut people);
    if wanted.needs_reviewer && people.is_empty() {
        return Err(usage(format!(
            "environment {name} needs somebody to ask: give --reviewer USER or --reviewer ORGANISATION/TEAM"
        )));
    }
    if people.len() > MOST_REVIEWERS {
        return Err(usage(format!(
            "environment {name}: {} reviewers, and GitHub takes {MOST_REVIEWERS}; name a team",
            people.len()
        )));
    }
    let prevented = asked["prevent_self_review"] == Json::Bool(true);
    let mut does = Vec::new();
    if state.found.is_none() {
        does.push("make it".to_owned());
    }
    if people.len() > before {
        let names: Vec<&str> = given.iter().map(|it| it.name.as_str()).collect();
        does.push(format!("have {} asked", names.join(" or ")));
    }
    if wanted.prevent_self_review && !prevented {
        does.push("prevent self-review".to_owned());
    }
    if is_open {
        does.push("let no branch in but those that are named".to_owned());
    }
    if does.is_empty() {
        return Ok(None);
    }
    let policy = if is_open {
        json!({ "protected_branches": false, "custom_branch_policies": true })
    } else {
        found["deployment_branch_policy"].clone()
    };
    let mut body = json!({ "deployment_branch_policy": policy });
    if !people.is_empty() {
        body["reviewers"] = Json::Array(people);
        body["prevent_self_review"] = json!(prevented || wanted.prevent_self_review);
    }
    if let Some(wait) = rule(&found, "wait_timer") {
        body["wait_timer"] = wait["wait_timer"].clone();
    }
    let what = format!("set up environment {name} ({})", does.join(", "));
    Ok(Some(Change { what, method: "PUT", path: path.to_owned(), body }))
}

/// A reviewer as the API takes it.
fn short(reviewer: &Json) -> Json {
    json!({ "type": reviewer["type"], "id": reviewer["reviewer"]["id"] })
}

fn dedup(values: &mut Vec<Json>) {
    let mut seen: Vec<Json> = Vec::new();
    values.retain(|value| {
        let is_new = !seen.contains(value);
        seen.push(value.clone());
        is_new
    });
}

/// Names the branches that may use the environment, where branches are named.
fn branch_changes(wanted: &WantedEnvironment, state: &EnvironmentState, is_open: bool, path: &str) -> Vec<Change> {
    let policy = state.found.as_ref().map(|found| &found["deployment_branch_policy"]);
    if !is_open && policy.is_some_and(lets_protected_in) {
        return Vec::new();
    }
    let missing = wanted.branches.iter().filter(|branch| !state.branches.iter().any(|it| it == *branch));
    let change = |branch: &&'static str| Change {
        what: format!("let branch {branch} into environment {}", wanted.name),
        method: "POST",
        path: format!("{path}/deployment-branch-policies"),
        body: json!({ "name": branch }),
    };
    missing.map(change).collect()
}

/// What no call does: values, and what somebody chose on purpose.
fn by_hand(wanted: &WantedEnvironment, state: &EnvironmentState, everywhere: &[String]) -> Vec<String> {
    let name = &wanted.name;
    let is_missing = |setting: &str| !state.names.iter().chain(everywhere).any(|it| it == setting);
    let mut todo = Vec::new();
    let kinds = [("variable", &wanted.variables), ("secret", &wanted.secrets)];
    for (kind, settings) in kinds {
        for setting in settings.iter().filter(|it| is_missing(&it.name)) {
            todo.push(format!("gh {kind} set {} --env {name}", setting.name));
        }
    }
    let others: Vec<&str> =
        state.branches.iter().map(String::as_str).filter(|it| !wanted.branches.contains(it)).collect();
    if !others.is_empty() {
        todo.push(format!(
            "environment {name}: {} may use it too; take them out, preflight.sh stops the deploy for them",
            others.join(", ")
        ));
    }
    if state.found.as_ref().is_none_or(|found| found["can_admins_bypass"] != Json::Bool(false)) && wanted.needs_reviewer
    {
        todo.push(format!("Settings > Environments > {name}: untick Allow administrators to bypass"));
    }
    todo
}

/// What a pull request needs. Missing or weaker is what counts: a stricter rule stays, from wherever it comes.
fn rules_change(wanted: &Rules, state: &State) -> Option<Change> {
    let own = state.ruleset.clone().unwrap_or(Json::Null);
    let is_active = own.is_null() || own["enforcement"] == "active";
    let there = |kind: &'static str| state.rules.iter().filter(move |rule| rule["type"] == kind);
    let mut missing = Vec::new();
    for (kind, what) in [("deletion", "cannot be deleted"), ("non_fast_forward", "cannot be rewritten")] {
        if there(kind).next().is_none() {
            missing.push(what.to_owned());
        }
    }
    if !there("pull_request").any(|rule| is_reviewed(&rule["parameters"], wanted.approvals)) {
        missing.push(format!("takes pull requests only, with {} approval", wanted.approvals));
    }
    let checked: Vec<&str> = there("required_status_checks").flat_map(|rule| contexts(&rule["parameters"])).collect();
    let unchecked: Vec<&str> = wanted.checks.iter().map(String::as_str).filter(|it| !checked.contains(it)).collect();
    if !unchecked.is_empty() {
        missing.push(format!("asks for {}", unchecked.join("; ")));
    }
    if missing.is_empty() {
        return None;
    }
    let root = format!("repos/{}/rulesets", state.repository);
    let rules = merged_rules(wanted, own["rules"].as_array().map_or(&[], Vec::as_slice));
    let what = format!("have {BRANCH} kept: it {}", missing.join(", "));
    let ours = json!({
        "name": RULESET,
        "target": "branch",
        "enforcement": "active",
        "conditions": { "ref_name": { "include": [format!("refs/heads/{BRANCH}")], "exclude": [] } },
        "rules": rules,
    });
    match own["id"].as_u64() {
        None => Some(Change { what, method: "POST", path: root, body: ours }),
        // Which branches it is about, and who may bypass it, stays as somebody set it.
        Some(id) => {
            let mut body = json!({ "rules": ours["rules"] });
            if !is_active {
                body["enforcement"] = json!("active");
            }
            Some(Change { what, method: "PUT", path: format!("{root}/{id}"), body })
        }
    }
}

fn is_reviewed(parameters: &Json, approvals: u32) -> bool {
    let on = |key: &str| parameters[key] == Json::Bool(true);
    parameters["required_approving_review_count"].as_u64() >= Some(approvals.into())
        && (approvals == 0 || (on("dismiss_stale_reviews_on_push") && on("require_last_push_approval")))
}

fn contexts(parameters: &Json) -> Vec<&str> {
    let checks = parameters["required_status_checks"].as_array().into_iter().flatten();
    checks.filter_map(|check| check["context"].as_str()).collect()
}

/// The rules of our ruleset, with what is there already where it asks for more.
fn merged_rules(wanted: &Rules, there: &[Json]) -> Vec<Json> {
    let old =
        |kind: &str| there.iter().find(|rule| rule["type"] == kind).map_or(Json::Null, |it| it["parameters"].clone());
    let ours = ["deletion", "non_fast_forward", "pull_request", "required_status_checks"];
    let mut rules: Vec<Json> =
        there.iter().filter(|it| !ours.iter().any(|kind| it["type"] == *kind)).cloned().collect();
    rules.push(json!({ "type": "deletion" }));
    rules.push(json!({ "type": "non_fast_forward" }));
    let mut review = old("pull_request");
    if !review.is_object() {
        review = json!({ "require_code_owner_review": false, "required_review_thread_resolution": false });
    }
    let count = review["required_approving_review_count"].as_u64().unwrap_or(0).max(wanted.approvals.into());
    review["required_approving_review_count"] = json!(count);
    for key in ["dismiss_stale_reviews_on_push", "require_last_push_approval"] {
        review[key] = json!(wanted.approvals > 0 || review[key] == Json::Bool(true));
    }
    rules.push(json!({ "type": "pull_request", "parameters": review }));
    let mut checks = old("required_status_checks");
    if !checks.is_object() {
        checks = json!({ "strict_required_status_checks_policy": false });
    }
    let mut all: Vec<Json> = checks["required_status_checks"].as_array().cloned().unwrap_or_default();
    let has = |all: &[Json], name: &str| all.iter().any(|check| check["context"] == name);
    for name in &wanted.checks {
        if !has(&all, name) {
            all.push(json!({ "context": name }));
        }
    }
    checks["required_status_checks"] = Json::Array(all);
    rules.push(json!({ "type": "required_status_checks", "parameters": checks }));
    rules
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{EnvironmentState, is_open};

    #[test]
    fn protected_branches_get_in_only_where_somebody_is_asked_again() {
        let of = |policy| EnvironmentState {
            found: Some(json!({ "deployment_branch_policy": policy })),
            ..EnvironmentState::default()
        };
        let protected = of(json!({ "protected_branches": true, "custom_branch_policies": false }));
        assert!(!is_open(&protected, false) && is_open(&protected, true));
        let named = of(json!({ "protected_branches": false, "custom_branch_policies": true }));
        assert!(!is_open(&named, true));
        assert!(is_open(&of(json!(null)), false) && is_open(&EnvironmentState::default(), false));
    }
}
