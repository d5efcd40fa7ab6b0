//! How the service finds its database, and what brings that up to date.

use serde::Serialize;

use crate::spec::Spec;
use crate::text;

/// How the service finds its database; empty without one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Connection {
    /// The variables that hold its address.
    pub variables: Vec<Variable>,
    /// Arguments of `node` in the image that bring it up to date, as the items of a YAML list; empty without a step for it.
    pub migrate: String,
    /// The same as a list in JSON; empty without a step for it.
    pub migrate_json: String,
    /// A JavaScript object of what the variables hold, by name, for a check that the database answers.
    pub javascript: String,
}

/// A variable that holds the address of the database, or a part of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Variable {
    /// Name in the environment.
    pub name: String,
    /// What it holds: one of [`crate::spec::existing::DATABASE_PARTS`].
    pub part: String,
    /// Its value in a compose file, for the database that this file starts.
    pub compose: String,
}

/// Takes the variables and the migration from the answers.
pub(super) fn decide(spec: &Spec) -> Connection {
    if !spec.database {
        return Connection::default();
    }
    let named = variables(spec);
    let of_code = spec.data_access.map(|it| it.migrations.image_args.iter().map(|word| (*word).to_owned()).collect());
    let migrate: Vec<String> = match &spec.existing {
        Some(existing) => existing.migrate.clone(),
        None => of_code.unwrap_or_default(),
    };
    let members = named.iter().map(|(part, name)| format!("{part}: {}", text::typescript_string(name)));
    Connection {
        javascript: format!("{{ {} }}", members.collect::<Vec<_>>().join(", ")),
        migrate: text::yaml_items(&migrate),
        migrate_json: if migrate.is_empty() { String::new() } else { text::json_list(&migrate) },
        variables: named
            .iter()
            .map(|(part, name)| Variable {
                name: (*name).to_owned(),
                part: (*part).to_owned(),
                compose: in_compose(part, &spec.name),
            })
            .collect(),
    }
}

/// Each part with the variable that holds it.
pub(super) fn variables(spec: &Spec) -> Vec<(&str, &str)> {
    spec.existing.as_ref().map_or_else(|| vec![("url", "DATABASE_URL")], |existing| existing.database_variables())
}

/// Names in the project are plain words in YAML; see the question `project.name`.
fn in_compose(part: &str, project: &str) -> String {
    const PASSWORD: &str = "${POSTGRES_PASSWORD:?set it in .env}";
    match part {
        "url" => format!("postgres://{project}:{PASSWORD}@database:5432/{project}"),
        "host" => "database".to_owned(),
        "port" => "\"5432\"".to_owned(),
        "password" => PASSWORD.to_owned(),
        _ => project.to_owned(),
    }
}
