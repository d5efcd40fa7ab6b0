//! Databases, how the code talks to them, and what changes their schema.

use super::fact::{Evidence, Fact};
use super::look::{App, Look};

/// The question that the database answers.
const DATABASE: &str = "stack.database";

/// Packages that talk to a database: package, name, and the database where the package alone tells it.
const ACCESS: [(&str, &str, Option<&str>); 18] = [
    ("@prisma/client", "prisma", None),
    ("prisma", "prisma", None),
    ("drizzle-orm", "drizzle", None),
    ("typeorm", "typeorm", None),
    ("sequelize", "sequelize", None),
    ("@mikro-orm/core", "mikro-orm", None),
    ("knex", "knex", None),
    ("kysely", "kysely", None),
    ("objection", "objection", None),
    ("mongoose", "mongoose", Some("mongodb")),
    ("mongodb", "mongodb", Some("mongodb")),
    ("pg", "pg", Some("postgres")),
    ("pg-promise", "pg-promise", Some("postgres")),
    ("postgres", "postgres.js", Some("postgres")),
    ("mysql2", "mysql2", Some("mysql")),
    ("mysql", "mysql", Some("mysql")),
    ("better-sqlite3", "better-sqlite3", Some("sqlite")),
    ("sqlite3", "sqlite3", Some("sqlite")),
];

/// Packages of a mapper that tell the database.
const DRIVERS: [(&str, &str); 10] = [
    ("@mikro-orm/postgresql", "postgres"),
    ("@mikro-orm/mysql", "mysql"),
    ("@mikro-orm/sqlite", "sqlite"),
    ("@mikro-orm/mongodb", "mongodb"),
    ("@neondatabase/serverless", "postgres"),
    ("@vercel/postgres", "postgres"),
    ("@libsql/client", "sqlite"),
    ("mssql", "mssql"),
    ("oracledb", "oracle"),
    ("mariadb", "mysql"),
];

/// Below a mapper, a driver is a part of it and no way of its own.
const MAPPERS: [&str; 8] = ["prisma", "drizzle", "typeorm", "sequelize", "mikro-orm", "knex", "kysely", "objection"];

/// Names of a database in configuration files.
const DIALECTS: [(&str, &str); 11] = [
    ("postgresql", "postgres"),
    ("postgres", "postgres"),
    ("cockroachdb", "postgres"),
    ("pg", "postgres"),
    ("mysql2", "mysql"),
    ("mysql", "mysql"),
    ("mariadb", "mysql"),
    ("better-sqlite3", "sqlite"),
    ("sqlite3", "sqlite"),
    ("sqlite", "sqlite"),
    ("mongodb", "mongodb"),
];

pub(crate) fn look(look: &mut Look<'_>, app: &App<'_>) {
    let folder = app.folder();
    let mut databases: Vec<(String, Evidence)> = Vec::new();
    let used: Vec<_> = ACCESS.iter().filter_map(|row| Some((app.dependency(row.0)?, row.1, row.2))).collect();
    let has_mapper = used.iter().any(|(_, name, _)| MAPPERS.contains(name));
    for (dependency, name, database) in used {
        let evidence = look.tree.evidence(&dependency.key.place);
        if let Some(database) = database.filter(|_| !dependency.is_dev) {
            databases.push((database.to_owned(), evidence.clone()));
        }
        let is_driver = has_mapper && !MAPPERS.contains(&name);
        let is_tool_only = dependency.is_dev && name != "prisma";
        if !is_driver && !is_tool_only {
            look.add(Fact::new("data-access", folder, name, evidence));
        }
    }
    for (package, database) in DRIVERS {
        if let Some(dependency) = app.runtime(package) {
            databases.push((database.to_owned(), look.tree.evidence(&dependency.key.place)));
        }
    }
    databases.extend(configured(look, app));
    if let Some(evidence) = built_in_sqlite(app) {
        look.add(Fact::new("data-access", folder, "node:sqlite", evidence.clone()));
        databases.push(("sqlite".to_owned(), evidence));
    }
    answer(look, app, databases);
    super::migrations::look(look, app);
    if look.report.in_app("database", folder).any(|fact| fact.value == "sqlite") {
        super::sqlite::look(look, app);
    }
}

/// The database, and the answers that follow from it.
fn answer(look: &mut Look<'_>, app: &App<'_>, databases: Vec<(String, Evidence)>) {
    let folder = app.folder();
    let is_postgres = databases.iter().any(|(name, _)| name == "postgres");
    for (name, evidence) in databases {
        let fact = Fact::new("database", folder, &name, evidence);
        look.add(if name == "postgres" { fact.answering(DATABASE, "postgres") } else { fact });
    }
    let accesses: Vec<Fact> = look.report.in_app("data-access", folder).cloned().collect();
    let asked: Vec<&Fact> =
        accesses.iter().filter(|fact| ["pg", "prisma", "drizzle"].contains(&fact.value.as_str())).collect();
    if let ([one], true) = (asked.as_slice(), is_postgres && accesses.len() == 1) {
        look.add(Fact { answers: None, ..(*one).clone() }.answering("stack.data-access", &one.value));
    }
    if accesses.is_empty() && look.report.value("database", folder).is_none() {
        let evidence = app.manifest.dependencies_place(look.tree, "no package for a database");
        look.add(Fact::new("database", folder, "none", evidence).answering(DATABASE, "none"));
    } else if look.report.value("database", folder).is_none() {
        let reason = "the code talks to a database, and neither a driver nor a configuration says which";
        look.unknown("database", folder, Some(DATABASE), reason.to_owned());
    }
}

/// What `schema.prisma`, `drizzle.config.*`, `knexfile.*` and the like say.
fn configured(look: &Look<'_>, app: &App<'_>) -> Vec<(String, Evidence)> {
    let mut found = Vec::new();
    let paths: Vec<&str> = app.folders().into_iter().flat_map(|folder| look.tree.below(folder)).collect();
    for path in paths.iter().filter(|path| path.ends_with(".prisma")) {
        let Some(text) = look.tree.text(path) else { continue };
        let mut in_source =
            text.lines().enumerate().skip_while(|(_, line)| !line.trim_start().starts_with("datasource "));
        let provider = in_source.find(|(_, line)| line.trim_start().starts_with("provider"));
        if let Some((index, line)) = provider
            && let Some(name) = dialect(line.split('=').nth(1).unwrap_or_default())
        {
            found.push((name.to_owned(), Evidence::new(path, Some(index + 1), line)));
        }
    }
    let keys = ["dialect:", "client:", "type:", "provider:"];
    let is_config = |path: &str| {
        let name = super::tree::name(path);
        ["drizzle.config.", "knexfile.", "ormconfig.", "data-source.", "datasource.", "mikro-orm.config."]
            .iter()
            .any(|start| name.to_lowercase().starts_with(start))
    };
    for path in paths.iter().filter(|path| is_config(path)) {
        let Some(text) = look.tree.text(path) else { continue };
        let line = text.lines().enumerate().find_map(|(index, line)| {
            let value = keys.iter().find_map(|key| line.trim().trim_start_matches('"').strip_prefix(key))?;
            Some((index, line, dialect(value)?))
        });
        if let Some((index, line, name)) = line {
            found.push((name.to_owned(), Evidence::new(path, Some(index + 1), line.trim())));
        }
    }
    found
}

/// The database of a quoted name.
fn dialect(value: &str) -> Option<&'static str> {
    let word = value.trim().trim_end_matches([',', ';']).trim_matches(['"', '\'', '`']);
    DIALECTS.iter().find(|(name, _)| *name == word).map(|(_, database)| *database)
}

/// The module that comes with Node, or with Bun.
fn built_in_sqlite(app: &App<'_>) -> Option<Evidence> {
    app.sources.iter().find_map(|source| {
        ["node:sqlite", "bun:sqlite"].iter().find_map(|module| {
            let at = source.text.find(&format!("'{module}'")).or_else(|| source.text.find(&format!("\"{module}\"")))?;
            Some(source.evidence(at, module))
        })
    })
}
