//! What changes the schema of the database.

use super::fact::{Evidence, Fact};
use super::look::{App, Look};

/// Tools by package.
const TOOLS: [(&str, &str); 8] = [
    ("node-pg-migrate", "node-pg-migrate"),
    ("db-migrate", "db-migrate"),
    ("umzug", "umzug"),
    ("postgres-migrations", "postgres-migrations"),
    ("migrate-mongo", "migrate-mongo"),
    ("kysely-ctl", "kysely"),
    ("@mikro-orm/migrations", "mikro-orm"),
    ("dbmate", "dbmate"),
];

/// Folders in which tools keep migrations.
const FOLDERS: [(&str, &str); 8] = [
    ("prisma/migrations/", "prisma"),
    ("drizzle/", "drizzle"),
    ("src/db/migrations/", ""),
    ("src/database/migrations/", ""),
    ("src/migrations/", ""),
    ("db/migrations/", ""),
    ("database/migrations/", ""),
    ("migrations/", ""),
];

pub(crate) fn look(look: &mut Look<'_>, app: &App<'_>) {
    let folder = app.folder();
    for (package, name) in TOOLS {
        if let Some(dependency) = app.dependency(package) {
            look.add(Fact::new("migrations", folder, name, look.tree.evidence(&dependency.key.place)));
        }
    }
    let there = app.folders().into_iter().find_map(|base| {
        FOLDERS
            .iter()
            .map(|(place, tool)| (format!("{base}{place}"), *tool))
            .find(|(place, _)| look.tree.has_folder(place))
    });
    if let Some((place, tool)) = there {
        let evidence = Evidence::new(&place, None, "");
        let value = if tool.is_empty() { place } else { format!("{tool}: {place}") };
        look.add(Fact::new("migrations", folder, value.trim_end_matches('/'), evidence));
    }
    let is_one = |command: &str| {
        let words = ["migrat", "drizzle-kit push", "prisma db push", "sequelize db:"];
        words.iter().any(|word| command.contains(word))
    };
    let scripts: Vec<(String, Evidence)> = app
        .manifest
        .scripts()
        .filter(|(_, command, _)| is_one(command))
        .map(|(name, _, key)| (name.to_owned(), look.tree.evidence(&key.place)))
        .collect();
    for (name, evidence) in scripts {
        look.add(Fact::new("migration-script", folder, name, evidence));
    }
}
