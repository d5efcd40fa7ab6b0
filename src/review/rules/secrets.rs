//! No secret in a file.

use super::env_files::is_ignored_by_git;
use crate::review::read::compose::Compose;
use crate::review::read::env::is_key;
use crate::review::read::kubernetes::{containers, of_kind};
use crate::review::{Node, Place, Problem, Repository, Risk, Rule, Severity};
use crate::spec::secret::{looks_secret, names_a_secret};

pub(crate) const RULES: &[Rule] = &[Rule {
    id: "no-secret-literal",
    description: "Compose files, manifests and workflows hold no secret, only where it comes from.",
    risk: Risk::Security,
    severity: Severity::High,
    why: "Whoever can read the repository, its history or a build log has it; deleting the line does not take it back.",
    source: None,
    check: no_secret_literal,
}];

fn no_secret_literal(repository: &Repository) -> Vec<Problem> {
    let mut values: Vec<(Place, String, String)> = Vec::new();
    let production: Vec<Place> =
        repository.production_services().into_iter().map(|(_, service)| service.place.clone()).collect();
    for service in repository.compose.iter().flat_map(Compose::services) {
        // What only a developer's machine runs may say "postgres".
        let is_throw_away = |value: &str| !production.contains(service.place) && is_throw_away(value);
        let variables = service.environment().into_iter();
        let variables = variables.filter_map(|variable| Some((variable.place, variable.name, variable.value?)));
        values.extend(variables.filter(|(_, _, value)| !is_throw_away(value)));
    }
    for overlay in &repository.overlays {
        for (workload, container) in containers(overlay) {
            let variables = workload.environment(overlay, container).variables.into_iter();
            values.extend(variables.filter_map(|variable| Some((variable.place, variable.name, variable.value?))));
        }
    }
    for run in repository.ecs.apps().iter().flat_map(|task| repository.ecs.runs(task)) {
        let variables = run.variables.into_iter();
        values.extend(variables.filter_map(|variable| Some((variable.place, variable.name, variable.value?))));
    }
    values.extend(workflow_values(repository));
    let literal = values.into_iter().filter(|(_, name, value)| is_secret(name, value));
    let secrets = repository.overlays.iter().flat_map(|overlay| of_kind(overlay, "Secret"));
    let objects = secrets.filter(|object| holds_value(repository, object));
    literal
        .map(|(place, name, _)| (place, name))
        .chain(objects.map(|object| (object.place.clone(), "this Secret".to_owned())))
        .map(|(place, name)| {
            Problem::new(
                &place,
                format!("{name} has its value in the file"),
                "Take it from the environment (compose), an ExternalSecret (Kubernetes) or a secret (workflow), and change the leaked value.",
            )
        })
        .collect()
}

/// Whether a Secret has a value in a file that is committed. A sealed or encrypted one, and a template's hole, is none.
fn holds_value(repository: &Repository, object: &Node) -> bool {
    let is_encrypted = object.get("sops").is_some();
    let values = ["data", "stringData"].into_iter().flat_map(|field| object.entries_at(&[field]));
    let mut values = values.filter(|(_, value)| !is_ignored_by_git(repository, &value.place.file));
    !is_encrypted && values.any(|(_, value)| value.text().is_some_and(|text| !text.is_empty() && !is_hole(text)))
}

/// `<your-token>`, `${TOKEN}`, `{{ token }}`, `REPLACE_ME`.
fn is_hole(text: &str) -> bool {
    let upper = text.to_uppercase();
    text.starts_with(['<', '$'])
        || text.contains("{{")
        || ["REPLACE", "CHANGE", "YOUR", "TODO"].iter().any(|word| upper.contains(word))
}

/// All `env` of workflows, wherever they stand. The throw-away services of a test job are not deployed.
fn workflow_values(repository: &Repository) -> Vec<(Place, String, String)> {
    let mut values = Vec::new();
    for workflow in &repository.workflows {
        let mut blocks = vec![workflow.node.get("env")];
        for job in workflow.jobs() {
            if job.node.get("services").is_none() {
                blocks.push(job.node.get("env"));
                blocks.extend(job.steps().iter().map(|step| step.get("env")));
            }
        }
        for (name, value) in blocks.into_iter().flatten().flat_map(Node::entries) {
            let (Some(key), Some(text)) = (name.text(), value.text()) else {
                continue;
            };
            values.push((name.place.clone(), key.to_owned(), text.to_owned()));
        }
    }
    values
}

/// A secret by its name, or a URL with a password in it, and not a reference to a value elsewhere.
fn is_secret(name: &str, value: &str) -> bool {
    let is_reference = value.starts_with('$') || url_password(value).is_some_and(|password| password.contains('$'));
    looks_secret(name, value) && (is_secret_name(name) || url_password(value).is_some()) && !is_reference
}

/// Whether a value, or the password in a URL, is one that everyone would try first.
pub(super) fn is_throw_away(value: &str) -> bool {
    const WORDS: [&str; 14] = [
        "postgres",
        "password",
        "pass",
        "root",
        "admin",
        "test",
        "dev",
        "development",
        "local",
        "example",
        "secret",
        "changeme",
        "user",
        "app",
    ];
    let password = url_password(value).unwrap_or(value);
    WORDS.contains(&password) || password.contains("dev") || password.contains("local") || password.contains("test")
}

/// Whether a variable of this name holds a secret, and not where it lies, what it is called or what everyone may see.
pub(super) fn is_secret_name(name: &str) -> bool {
    const ABOUT: [&str; 9] = ["_ID", "_ARN", "_URL", "_URI", "_DIR", "_EXPIRY", "_EXPIRES_IN", "_TOKENS", "_TOKENIZER"];
    is_key(name)
        && names_a_secret(name)
        && !name.starts_with("NEXT_PUBLIC_")
        && !ABOUT.iter().any(|end| name.ends_with(end))
}

fn url_password(value: &str) -> Option<&str> {
    let authority = value.split_once("://")?.1.split(['/', '?']).next()?;
    let (_, password) = authority.rsplit_once('@')?.0.split_once(':')?;
    Some(password)
}
