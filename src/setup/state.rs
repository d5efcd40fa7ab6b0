//! What is set on GitHub now.

use anyhow::{Context, anyhow};
use serde_json::Value as Json;

use super::gh::Gh;
use super::wanted::{BRANCH, Wanted};
use crate::failure::usage;

/// What is set.
#[derive(Debug, Clone)]
pub struct State {
    /// `OWNER/NAME`.
    pub repository: String,
    /// In the order of those that are wanted.
    pub environments: Vec<EnvironmentState>,
    /// The rules that hold for `main`, from wherever.
    pub rules: Vec<Json>,
    /// The repository's own ruleset of our name, whole; none where there is none.
    pub ruleset: Option<Json>,
    /// Names of variables and secrets that every job sees.
    pub names: Vec<String>,
}

/// What is set of an environment.
#[derive(Debug, Clone, Default)]
pub struct EnvironmentState {
    /// As the API gives it; none where there is no such environment.
    pub found: Option<Json>,
    /// Names and patterns of its branches, and those of tags behind the word `tag`.
    pub branches: Vec<String>,
    /// Names of its variables and secrets.
    pub names: Vec<String>,
}

/// Somebody who may be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reviewer {
    /// `User` or `Team`.
    pub kind: String,
    /// GitHub's number of it.
    pub id: u64,
    /// As it was named.
    pub name: String,
}

/// Name of the ruleset that is made.
pub const RULESET: &str = "What is deployed";

impl State {
    /// Asks GitHub.
    ///
    /// # Errors
    /// As [`Gh::get`], and when the one who is signed in may not change the settings.
    pub fn read(gh: &Gh, wanted: &Wanted) -> anyhow::Result<Self> {
        let repository = gh
            .get("repos/{owner}/{repo}")?
            .ok_or_else(|| anyhow!("there is no such repository on GitHub, or you may not see it; look at `git remote -v` and `gh auth status`"))?;
        let name = repository["full_name"].as_str().context("GitHub's answer names no repository; run it again")?;
        if repository["permissions"]["admin"] != Json::Bool(true) {
            return Err(anyhow!(
                "you do not administer {name}: only an administrator can change its environments and rules; ask one to run this"
            ));
        }
        let root = format!("repos/{name}");
        let environments = wanted.environments.iter().map(|it| environment(gh, &root, &it.name));
        let own = gh.list(&format!("{root}/rulesets?includes_parents=false"), None)?;
        let id = own.iter().find(|it| it["name"] == RULESET).and_then(|it| it["id"].as_u64());
        Ok(Self {
            environments: environments.collect::<anyhow::Result<_>>()?,
            rules: gh.list(&format!("{root}/rules/branches/{BRANCH}"), None)?,
            ruleset: id.map_or(Ok(None), |id| gh.get(&format!("{root}/rulesets/{id}")))?,
            names: names(gh, &format!("{root}/actions"))?,
            repository: name.to_owned(),
        })
    }

    /// Looks up who was named: `USER`, or `ORGANISATION/TEAM`.
    ///
    /// # Errors
    /// Exit 2 when there is nobody of that name.
    pub fn reviewer(gh: &Gh, name: &str) -> anyhow::Result<Reviewer> {
        let is_of_name = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
        let parts: Vec<&str> = name.split('/').collect();
        let (kind, path) = match parts.as_slice() {
            _ if parts.iter().any(|part| part.is_empty() || !part.chars().all(is_of_name)) => ("", String::new()),
            [user] => ("User", format!("users/{user}")),
            [organisation, team] => ("Team", format!("orgs/{organisation}/teams/{team}")),
            _ => ("", String::new()),
        };
        if kind.is_empty() {
            return Err(usage(format!("--reviewer {name:?}: expected USER or ORGANISATION/TEAM")));
        }
        let found =
            gh.get(&path)?.ok_or_else(|| usage(format!("--reviewer {name}: GitHub knows nobody of that name")))?;
        let id =
            found["id"].as_u64().with_context(|| format!("GitHub's answer to {path} has no number; run it again"))?;
        Ok(Reviewer { kind: kind.to_owned(), id, name: name.to_owned() })
    }
}

fn environment(gh: &Gh, root: &str, name: &str) -> anyhow::Result<EnvironmentState> {
    let path = format!("{root}/environments/{name}");
    let Some(found) = gh.get(&path)? else { return Ok(EnvironmentState::default()) };
    let branches = gh.list(&format!("{path}/deployment-branch-policies"), Some("branch_policies"))?;
    Ok(EnvironmentState {
        branches: branches.iter().filter_map(|it| Some(named(it["name"].as_str()?, &it["type"]))).collect(),
        names: names(gh, &path)?,
        found: Some(found),
    })
}

/// A rule of which branches or tags get in. It is one of branches where the API does not say.
fn named(name: &str, kind: &Json) -> String {
    if kind == "tag" { format!("tag {name}") } else { name.to_owned() }
}

/// Names of the variables and secrets below a path; values are never asked for.
fn names(gh: &Gh, path: &str) -> anyhow::Result<Vec<String>> {
    let mut names = Vec::new();
    for kind in ["variables", "secrets"] {
        let found = gh.list(&format!("{path}/{kind}"), Some(kind))?;
        names.extend(found.iter().filter_map(|it| Some(it["name"].as_str()?.to_owned())));
    }
    Ok(names)
}
