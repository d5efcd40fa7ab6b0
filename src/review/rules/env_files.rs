//! Files of variables: what the answers ask for, what compose needs, and what must not be committed.

use std::collections::BTreeSet;

use crate::review::read::env::{parse_file, schema_path};
use crate::review::read::glob::is_ignored;
use crate::review::{Node, Place, Problem, Repository, Risk, Rule, Severity};

use super::secrets::{is_secret_name, is_throw_away};

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "env-answers",
        description: "Every variable that seaworthy.toml declares is in the schema, and required where the answers say.",
        risk: Risk::Availability,
        severity: Severity::Medium,
        why: "The service starts without a variable that production needs, and fails at the first request that uses it.",
        source: None,
        check: answers,
    },
    Rule {
        id: "compose-variables",
        description: ".env.example shows every variable without which compose does not start.",
        risk: Risk::Availability,
        severity: Severity::Low,
        why: "docker compose puts an empty text in the place of an unset variable, or refuses to start, on a fresh clone.",
        source: Some("https://docs.docker.com/compose/how-tos/environment-variables/variable-interpolation/"),
        check: compose_variables,
    },
    Rule {
        id: "env-file-ignored",
        description: "A file with secrets is left out of the repository by .gitignore.",
        risk: Risk::Security,
        severity: Severity::High,
        why: "One `git add .` and the secrets are in the history of every clone.",
        source: None,
        check: env_file_ignored,
    },
];

fn answers(repository: &Repository) -> Vec<Problem> {
    let (Some(text), Some(path)) = (repository.files.get("seaworthy.toml"), schema_path(&repository.files)) else {
        return Vec::new();
    };
    if repository.schema.is_empty() {
        return Vec::new();
    }
    let Ok(answers) = text.parse::<toml::Table>() else { return Vec::new() };
    let entries = answers.get("env").and_then(toml::Value::as_array).map_or(&[][..], Vec::as_slice);
    let code = repository.files.get(path).map_or("", String::as_str);
    entries
        .iter()
        .filter_map(|entry| entry.as_table())
        .filter_map(|entry| disagreement(repository, text, code, entry))
        .collect()
}

fn disagreement(repository: &Repository, answers: &str, code: &str, entry: &toml::Table) -> Option<Problem> {
    let name = entry.get("name")?.as_str()?;
    let line = answers.lines().position(|line| line.starts_with("name") && line.contains(&format!("\"{name}\"")));
    let place = line.map_or_else(|| Place::file("seaworthy.toml"), |line| Place::line("seaworthy.toml", line + 1));
    let Some(key) = repository.key(name) else {
        return Some(Problem::new(
            &place,
            format!("{name} is declared here and not in the schema"),
            "Run seaworthy upgrade, or add it to src/ops/env.ts.",
        ));
    };
    let wanted: BTreeSet<&str> = entry.get("required-in")?.as_array()?.iter().filter_map(toml::Value::as_str).collect();
    // `NAME: ["production"]` in the table beside the schema.
    let listed = code.lines().find_map(|line| line.trim().strip_prefix(name)?.strip_prefix(": ["));
    let listed: BTreeSet<&str> = listed.into_iter().flat_map(|list| list.split('"').skip(1).step_by(2)).collect();
    (!wanted.is_empty() && !key.required && key.default.is_none() && listed != wanted).then(|| {
        let wanted: Vec<&str> = wanted.into_iter().collect();
        Problem::new(
            &key.place,
            format!("{name} shall be required in {}, which the schema does not ask for", wanted.join(", ")),
            "List the same environments in src/ops/env.ts as under required-in of seaworthy.toml.",
        )
    })
}

fn compose_variables(repository: &Repository) -> Vec<Problem> {
    let Some(example) = &repository.env_example else { return Vec::new() };
    let mut problems = Vec::new();
    let mut seen = BTreeSet::new();
    // Files for other folders read another .env.
    for compose in repository.compose.iter().filter(|compose| !compose.path.contains('/')) {
        for service in compose.services() {
            for scalar in service.node.scalars() {
                for name in required(scalar) {
                    if example.get(name).is_none() && seen.insert((compose.path.clone(), name.to_owned())) {
                        problems.push(Problem::new(
                            &scalar.place,
                            format!("compose needs {name}, and .env.example does not show it"),
                            format!("Add {name} to .env.example, or give it a default: ${{{name}:-value}}."),
                        ));
                    }
                }
            }
        }
    }
    problems
}

/// Variables of `${NAME}` and `${NAME:?message}`: those without a default, in upper case, that no shell sets by itself.
fn required(scalar: &Node) -> Vec<&str> {
    const OF_SHELL: [&str; 7] = ["PWD", "HOME", "USER", "UID", "GID", "HOSTNAME", "PATH"];
    let text = scalar.text().unwrap_or_default();
    let starts = text.match_indices("${").filter(|(start, _)| !text[..*start].ends_with('$'));
    let names = starts.filter_map(|(start, _)| {
        let rest = &text[start + 2..];
        let end = rest.find(|c: char| !c.is_ascii_uppercase() && !c.is_ascii_digit() && c != '_')?;
        let is_required = rest[end..].starts_with('}') || rest[end..].starts_with(":?") || rest[end..].starts_with('?');
        (end > 0 && is_required).then(|| &rest[..end])
    });
    names.filter(|name| !OF_SHELL.contains(name)).collect()
}

fn env_file_ignored(repository: &Repository) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (path, text) in repository.files.iter().filter(|(path, _)| is_env_file(path)) {
        if is_ignored_by_git(repository, path) {
            continue;
        }
        let secret = parse_file(path, text).entries.into_iter().find(|entry| {
            let is_reference = entry.value.is_empty() || entry.value.starts_with('$') || entry.value.starts_with('<');
            is_secret_name(&entry.name) && !is_reference && !is_throw_away(&entry.value)
        });
        problems.extend(secret.map(|entry| {
            Problem::new(
                &entry.place,
                format!("{} stands in a file that .gitignore does not leave out", entry.name),
                format!("Add {path} to .gitignore; if it was ever committed, change the secrets in it."),
            )
        }));
    }
    problems
}

/// `.env`, `.env.production`; not what shows how one looks.
fn is_env_file(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let shows = ["example", "sample", "template", "dist", "defaults", "test", "schema", "ci"];
    name.starts_with(".env") && !name.split('.').any(|part| shows.contains(&part))
}

/// Whether a `.gitignore` of the path's folder or of one above leaves it out.
pub(super) fn is_ignored_by_git(repository: &Repository, path: &str) -> bool {
    let mut folders: Vec<usize> = path.match_indices('/').map(|(at, _)| at + 1).collect();
    folders.insert(0, 0);
    folders.into_iter().any(|start| {
        let patterns = repository.files.get(&format!("{}.gitignore", &path[..start]));
        patterns.is_some_and(|patterns| is_ignored(patterns, &path[start..], false))
    })
}

#[cfg(test)]
mod tests {
    use super::{Node, Place, required};

    #[test]
    fn only_variables_without_a_default_are_required() {
        for (text, expected) in [
            ("${A}", vec!["A"]),
            ("${A:?set it}:${B:-b}", vec!["A"]),
            ("$${A} ${HOME} ${lower}", vec![]),
            ("${", vec![]),
        ] {
            assert_eq!(required(&Node::scalar(Place::file("x"), text)), expected, "{text}");
        }
    }
}
