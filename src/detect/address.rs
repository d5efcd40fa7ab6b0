//! Which variables hold the address of the database: one with a connection string, or one for each part.

use super::fact::Report;
use crate::spec::existing::can_hold_database;

/// Variables that people give a connection string, the most usual first.
const URLS: [&str; 15] = [
    "DATABASE_URL",
    "POSTGRES_URL",
    "POSTGRESQL_URL",
    "POSTGRES_PRISMA_URL",
    "PG_URL",
    "DB_URL",
    "TYPEORM_URL",
    "DATABASE_URI",
    "POSTGRES_URI",
    "DB_URI",
    "DATABASE_CONNECTION_STRING",
    "POSTGRES_CONNECTION_STRING",
    "PG_CONNECTION_STRING",
    "DB_CONNECTION_STRING",
    "CONNECTION_STRING",
];

/// What stands before the name of a part.
const FAMILIES: [&str; 6] = ["PG", "DB_", "POSTGRES_", "DATABASE_", "PG_", "TYPEORM_"];

/// The parts, each with the ends of names that hold it.
const PARTS: [(&str, &[&str]); 5] = [
    ("host", &["HOST", "HOSTNAME", "SERVER"]),
    ("port", &["PORT"]),
    ("user", &["USER", "USERNAME"]),
    ("password", &["PASSWORD", "PASS"]),
    ("name", &["DATABASE", "NAME", "DB", "DBNAME"]),
];

/// The variables as `PART=NAME`; empty where the code names none.
pub(super) fn variables(report: &Report, folder: &str) -> Vec<String> {
    let read =
        |name: &str| can_hold_database(name) && report.in_app("env-variable", folder).any(|fact| fact.value == name);
    if let Some(url) = URLS.iter().find(|name| read(name)) {
        return vec![format!("url={url}")];
    }
    let of_family = |family: &str| -> Vec<String> {
        let found = PARTS.iter().filter_map(|(part, ends)| {
            let name = ends.iter().map(|end| format!("{family}{end}")).find(|name| read(name))?;
            Some(format!("{part}={name}"))
        });
        found.collect()
    };
    let families = FAMILIES.iter().map(|family| of_family(family));
    families.filter(|parts| parts.iter().any(|part| part.starts_with("host="))).max_by_key(Vec::len).unwrap_or_default()
}

/// What code gets that names no variable: the usual one, and those that drivers read by themselves.
pub(super) fn usual(report: &Report, folder: &str) -> Vec<String> {
    if report.in_app("data-access", folder).any(|fact| fact.value == "prisma") {
        return vec!["url=DATABASE_URL".to_owned()];
    }
    let parts =
        ["url=DATABASE_URL", "host=PGHOST", "port=PGPORT", "user=PGUSER", "password=PGPASSWORD", "name=PGDATABASE"];
    parts.map(ToOwned::to_owned).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::{Evidence, Fact};

    fn of(names: &[&str]) -> String {
        let mut report = Report::default();
        for name in names {
            report.add(Fact::new("env-variable", "", *name, Evidence::new("a.js", Some(1), "")));
        }
        variables(&report, "").join(" ")
    }

    #[test]
    fn a_connection_string_wins_over_parts_and_whole_families_over_mixed_ones() {
        assert_eq!(of(&["POSTGRES_PASSWORD", "POSTGRES_USER", "DB_URL"]), "url=DB_URL");
        assert_eq!(
            of(&["PGHOST", "DB_HOST", "DB_PASS", "DB_USERNAME", "DB_NAME"]),
            "host=DB_HOST user=DB_USERNAME password=DB_PASS name=DB_NAME"
        );
        assert_eq!(of(&["POSTGRES_PASSWORD", "POSTGRES_USER", "PORT"]), "");
    }
}
