//! Data accesses: how the code talks to the database, and what makes the tables that it expects.

use std::fmt;

use serde::Serialize;

use super::parts::{Part, part};

/// A data access.
#[derive(Serialize)]
pub struct DataAccess {
    /// Value of `stack.data-access`.
    pub name: &'static str,
    /// How the tables come to be what the code expects.
    pub migrations: Migrations,
    /// What is written for it; used only with it.
    #[serde(skip)]
    pub parts: &'static [Part],
}

/// How the tables come to be what the code expects.
#[derive(Serialize)]
pub struct Migrations {
    /// Folder of the migrations, relative to the service; the image holds it.
    pub folder: &'static str,
    /// Arguments of `node` in the image that bring the database up to date, each plain in YAML.
    pub image_args: &'static [&'static str],
}

/// All data accesses, in the order in which they are offered.
pub static DATA_ACCESSES: &[DataAccess] = &[DataAccess {
    name: "pg",
    migrations: Migrations { folder: "migrations", image_args: &["dist/ops/migrate.js"] },
    parts: &[Part {
        dependencies: &["node-pg-migrate", "pg"],
        dev_dependencies: &["@types/pg"],
        ..part("pg", |_| true)
    }],
}];

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::question::Kind;
    use crate::spec::table::question;

    #[test]
    fn the_question_offers_what_is_described_here() {
        let Kind::Choice { built, .. } = question("stack.data-access").unwrap().kind else {
            panic!("stack.data-access is no choice")
        };
        let described: Vec<&str> = DATA_ACCESSES.iter().map(|it| it.name).collect();
        assert_eq!(built, described);
    }
}
