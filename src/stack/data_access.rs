//! Data accesses: how the code talks to the database, and what makes the tables that it expects.

use std::fmt;

use serde::Serialize;

use super::parts::{Part, part};

/// A data access.
#[derive(Serialize)]
pub struct DataAccess {
    /// Value of `stack.data-access`.
    pub name: &'static str,
    /// What is in `src/store`, for people.
    pub store: &'static str,
    /// Member of the opened database that the code in `src/store` takes. Starters of earlier versions call it so.
    pub handle: &'static str,
    /// How the tables come to be what the code expects.
    pub migrations: Migrations,
    /// Scripts of package.json, beside those that every data access has.
    pub scripts: &'static [Script],
    /// TypeScript at the root that its tools read; compiled nowhere, checked with the rest.
    pub config_files: &'static [&'static str],
    /// Whether its errors hold what the user sent, so that `src/ops/log-errors.ts` says how they are logged.
    #[serde(skip)]
    pub logs_errors: bool,
    /// Packages below its own that have an install script and work without it.
    #[serde(skip)]
    pub unrun_scripts: &'static [&'static str],
    /// What its tools write and nobody formats, as Biome takes it.
    pub unformatted: &'static [&'static str],
    /// What is written for it; used only with it.
    #[serde(skip)]
    pub parts: &'static [Part],
}

/// How the tables come to be what the code expects.
#[derive(Serialize)]
pub struct Migrations {
    /// Folder of the migrations, relative to the service; the image holds it.
    pub folder: &'static str,
    /// What is in it, for people.
    pub are: &'static str,
    /// Arguments of `node` in the image that bring the database up to date, each plain in YAML.
    pub image_args: &'static [&'static str],
}

/// A script of package.json.
#[derive(Serialize)]
pub struct Script {
    /// Its name.
    pub name: &'static str,
    /// What the shell runs.
    pub command: &'static str,
    /// What it does, in Markdown.
    pub does: &'static str,
}

/// All data accesses, in the order in which they are offered.
pub static DATA_ACCESSES: &[DataAccess] = &[PG, DRIZZLE];

/// The driver alone, and migrations in SQL.
const PG: DataAccess = DataAccess {
    name: "pg",
    store: "the SQL",
    handle: "pool",
    migrations: Migrations {
        folder: "migrations",
        are: "one SQL file per change, in order",
        image_args: &["dist/ops/migrate.js"],
    },
    scripts: &[],
    config_files: &[],
    logs_errors: false,
    unrun_scripts: &[],
    unformatted: &[],
    parts: &[Part {
        dependencies: &["node-pg-migrate", "pg"],
        dev_dependencies: &["@types/pg"],
        ..part("pg", |_| true)
    }],
};

/// Queries that TypeScript checks, on the same driver; migrations are generated from the schema.
const DRIZZLE: DataAccess = DataAccess {
    name: "drizzle",
    store: "the tables (schema.ts) and the queries",
    handle: "db",
    migrations: Migrations {
        folder: "migrations",
        are: "one SQL file per change, generated from the schema; all of it is committed",
        image_args: &["dist/ops/migrate.js"],
    },
    scripts: &[Script {
        name: "migrations:generate",
        command: "drizzle-kit generate",
        does: "writes the migration that brings the tables to `src/store/schema.ts`; read it before you commit it",
    }],
    config_files: &["drizzle.config.ts"],
    logs_errors: true,
    // Its programs are packages of their own; the script only saves a process.
    unrun_scripts: &["esbuild"],
    unformatted: &["migrations/meta"],
    parts: &[Part {
        dependencies: &["drizzle-orm", "pg"],
        dev_dependencies: &["@types/pg", "drizzle-kit"],
        ..part("drizzle", |_| true)
    }],
};

impl DataAccess {
    /// The data access of a value of `stack.data-access`.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        DATA_ACCESSES.iter().find(|it| it.name == name)
    }
}

/// The name stands for the rest.
impl PartialEq for DataAccess {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for DataAccess {}

impl fmt::Debug for DataAccess {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("DataAccess").field(&self.name).finish()
    }
}
