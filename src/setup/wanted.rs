//! What the emitted workflows need of the repository.

use std::fs;
use std::path::Path;

use anyhow::Context;
use serde::Serialize;

use crate::failure::usage;
use crate::plan::Plan;
use crate::review::{Node, parse};

/// The branch that deploys.
pub const BRANCH: &str = "main";

/// The workflow whose jobs a pull request has to pass.
const CHECKS: &str = ".github/workflows/ci.yml";
/// Folder of the workflow whose jobs use the environments.
const WORKFLOWS: &str = ".github/workflows/";
/// The job that stands for all others where several services are checked: those that nobody touched are skipped.
const PASSED: &str = "passed";
/// Where each setting is described, in tables.
const DOCUMENT: &str = "docs/DEPLOYMENT.md";

/// A variable that is there for an exception only.
const OPTIONAL: &str = "DEPLOY_ANYWAY";

/// Everything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Wanted {
    /// In the order of deployment.
    pub environments: Vec<WantedEnvironment>,
    /// What holds for `main`.
    pub rules: Rules,
    /// Names of the service's own secrets, which GitHub never sees.
    pub kept_elsewhere: Vec<String>,
}

/// One environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WantedEnvironment {
    /// Its name.
    pub name: String,
    /// Whether somebody has to agree before a job runs in it.
    pub needs_reviewer: bool,
    /// Whether whoever started the run may not be the one.
    pub prevent_self_review: bool,
    /// Branches whose jobs may use it.
    pub branches: Vec<&'static str>,
    /// Its variables.
    pub variables: Vec<Setting>,
    /// Its secrets.
    pub secrets: Vec<Setting>,
}

/// The name of a variable or secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Setting {
    /// Name.
    pub name: String,
    /// What docs/DEPLOYMENT.md says of it, as Markdown; empty where it says nothing.
    pub what: String,
}

/// What holds for `main`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rules {
    /// People who must approve a pull request, and its last push.
    pub approvals: u32,
    /// Names of the jobs that must have passed.
    pub checks: Vec<String>,
}

/// Reads the workflows in `directory` and says what they and the plan need.
///
/// # Errors
/// Exit 2 when the workflows are not there or cannot be read.
pub fn wanted(plan: &Plan, directory: &Path) -> anyhow::Result<Wanted> {
    let checks = jobs(directory, CHECKS)?;
    let deploy = jobs(directory, &format!("{WORKFLOWS}{}", plan.place.deploy))?;
    // Only for the words beside the names.
    let document = fs::read_to_string(directory.join(plan.place.path(DOCUMENT))).unwrap_or_default();
    let environments = plan.environments.iter().map(|environment| {
        let mut texts = Vec::new();
        for (_, job) in deploy.iter().filter(|(_, job)| environment_of(job) == Some(&environment.name)) {
            collect(job, &mut texts);
        }
        let settings = |prefix: &str| -> Vec<Setting> {
            let mut names: Vec<String> = Vec::new();
            for name in texts.iter().flat_map(|text| names_after(text, prefix)) {
                if !names.contains(&name) && name != OPTIONAL {
                    names.push(name);
                }
            }
            names.into_iter().map(|name| Setting { what: described(&document, &name), name }).collect()
        };
        WantedEnvironment {
            name: environment.name.clone(),
            needs_reviewer: environment.is_production && plan.approval.reviewers,
            prevent_self_review: environment.is_production && plan.approval.reviewers && plan.approval.second_person,
            branches: vec![BRANCH],
            variables: settings("vars."),
            secrets: settings("secrets."),
        }
    });
    Ok(Wanted {
        environments: environments.collect(),
        rules: Rules {
            approvals: u32::from(plan.approval.second_person),
            checks: checks
                .iter()
                .filter(|(id, _)| !plan.place.is_within() || id.as_str() == PASSED)
                .map(|(id, job)| job.text_at(&["name"]).unwrap_or(id).to_owned())
                .collect(),
        },
        kept_elsewhere: plan.env.iter().filter(|key| key.secret).map(|key| key.name.clone()).collect(),
    })
}

/// The jobs of a workflow on the disk, by id.
fn jobs(directory: &Path, path: &str) -> anyhow::Result<Vec<(String, Node)>> {
    let file = directory.join(path);
    let text = fs::read_to_string(&file).map_err(|error| {
        usage(format!(
            "setup github: {} cannot be read ({error}); run it where `seaworthy new` or `init` wrote the workflows",
            file.display()
        ))
    })?;
    let documents = parse(path, &text).map_err(|error| {
        let line = error.line.map(|line| format!(":{line}")).unwrap_or_default();
        usage(format!("setup github: {}{line} is not valid YAML: {}; mend it first", file.display(), error.message))
    })?;
    let workflow = documents.first().with_context(|| format!("{} is empty", file.display()))?;
    let jobs = workflow.entries_at(&["jobs"]).iter();
    Ok(jobs.filter_map(|(id, job)| Some((id.text()?.to_owned(), job.clone()))).collect())
}

/// `environment: NAME`, or its `name`.
fn environment_of(job: &Node) -> Option<&str> {
    job.text_at(&["environment", "name"]).or_else(|| job.text_at(&["environment"]))
}

/// Every text below a node.
fn collect<'a>(node: &'a Node, texts: &mut Vec<&'a str>) {
    texts.extend(node.text());
    for item in node.items() {
        collect(item, texts);
    }
    for (_, value) in node.entries() {
        collect(value, texts);
    }
}

/// The names that stand behind `prefix`, as in `${{ vars.NAME }}`.
fn names_after(text: &str, prefix: &str) -> Vec<String> {
    let is_of_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.match_indices(prefix)
        // Not `steps.vars.x`.
        .filter(|(at, _)| !text[..*at].ends_with(|c: char| is_of_name(c) || c == '.'))
        .map(|(at, _)| text[at + prefix.len()..].chars().take_while(|c| is_of_name(*c)).collect::<String>())
        .filter(|name| !name.is_empty())
        .collect()
}

/// The last column of the row of a table that begins with the name.
fn described(document: &str, name: &str) -> String {
    let start = format!("| `{name}` |");
    let row = document.lines().find_map(|line| line.strip_prefix(&start));
    row.and_then(|row| row.trim().trim_end_matches('|').rsplit(" | ").next()).unwrap_or_default().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::{described, names_after};

    #[test]
    fn names_are_found_in_expressions_and_nowhere_else() {
        assert_eq!(names_after("${{ vars.A }} ${{vars.B_2||secrets.C}}", "vars."), ["A", "B_2"]);
        assert_eq!(names_after("steps.vars.x myvars.y vars.", "vars."), Vec::<String>::new());
    }

    #[test]
    fn words_come_from_the_table_that_has_the_name_first() {
        let document = "| name | kind | what |\n|---|---|---|\n| `A` | secret | the key: `x` |\n| `AB` | other |\n";
        assert_eq!(described(document, "A"), "the key: `x`");
        assert_eq!(described(document, "AB"), "other");
        assert_eq!(described(document, "C"), "");
    }
}
