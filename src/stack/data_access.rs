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
    /// Code that it makes from the schema, before anything runs, checks or compiles the sources.
    pub generated: Option<Generated>,
    /// Whether an optional peer of its packages is a tool for building, which an install for the running service would keep.
    #[serde(skip)]
    pub tool_is_peer: bool,
    /// Patterns of packages that work together in one exact version only, whatever they are needed for.
    pub moved_together: &'static [&'static str],
    /// Its packages and those below that have an install script and work without it.
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
    /// Where the README lists them: that folder or the one above, as wide as the others there.
    pub shown_as: &'static str,
    /// Folder of the migrations, relative to the service; the image holds it.
    pub folder: &'static str,
    /// What is in it, for people.
    pub are: &'static str,
    /// Arguments of `node` in the image that bring the database up to date, each plain in YAML.
    pub image_args: &'static [&'static str],
}

/// Code that is made anew wherever it is needed, and never committed.
#[derive(Serialize)]
pub struct Generated {
    /// The script of package.json that makes it.
    pub script: &'static str,
    /// Its folder.
    pub folder: &'static str,
    /// What it is made from, each with its folder in the image's build.
    #[serde(skip)]
    pub from: &'static [(&'static str, &'static str)],
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
pub static DATA_ACCESSES: &[DataAccess] = &[PG, DRIZZLE, PRISMA];

/// The driver alone, and migrations in SQL.
const PG: DataAccess = DataAccess {
    name: "pg",
    store: "the SQL",
    handle: "pool",
    migrations: Migrations {
        shown_as: "migrations/    ",
        folder: "migrations",
        are: "one SQL file per change, in order",
        image_args: &["dist/ops/migrate.js"],
    },
    scripts: &[],
    config_files: &[],
    logs_errors: false,
    generated: None,
    tool_is_peer: false,
    moved_together: &[],
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
        shown_as: "migrations/    ",
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
    generated: None,
    tool_is_peer: false,
    moved_together: &[],
    // Its programs are packages of their own; the script only saves a process.
    unrun_scripts: &["esbuild"],
    unformatted: &["migrations/meta"],
    parts: &[Part {
        dependencies: &["drizzle-orm", "pg"],
        dev_dependencies: &["@types/pg", "drizzle-kit"],
        ..part("drizzle", |_| true)
    }],
};

/// A client that is generated from the schema, on the same driver. Its own command for migrations in production needs an
/// engine that is no package, so the service runs them itself.
const PRISMA: DataAccess = DataAccess {
    name: "prisma",
    store: "the queries",
    handle: "prisma",
    migrations: Migrations {
        shown_as: "prisma/        ",
        folder: "prisma/migrations",
        are: "the tables (schema.prisma) and the migrations, one folder per change; all of it is committed",
        image_args: &["dist/ops/migrate.js"],
    },
    scripts: &[
        Script {
            name: "generate",
            command: "prisma generate",
            does: "writes the client for `prisma/schema.prisma` to `src/generated/`; what needs it does so first",
        },
        Script {
            name: "migrations:generate",
            command: "prisma migrate dev --create-only",
            does: "asks for a name and writes the migration that brings the tables to `prisma/schema.prisma`; read it, then run `migrate`. \
                   It needs the database of `dev:services`, and downloads Prisma's schema engine the first time",
        },
    ],
    config_files: &["prisma.config.ts"],
    logs_errors: true,
    generated: Some(Generated {
        script: "generate",
        folder: "src/generated",
        from: &[("prisma.config.ts", "./"), ("prisma/schema.prisma", "./prisma/")],
    }),
    tool_is_peer: true,
    moved_together: &["prisma", "@prisma/*"],
    // One asks for the version of Node.js, the other downloads the engine that only new migrations need.
    unrun_scripts: &["@prisma/engines", "prisma"],
    unformatted: &[],
    parts: &[Part {
        dependencies: &["@prisma/adapter-pg", "@prisma/client", "pg"],
        dev_dependencies: &["@types/pg", "prisma"],
        ..part("prisma", |_| true)
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
