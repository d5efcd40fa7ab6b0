//! What an image runs: the start of the service and its migrations, as arguments of `node`.

use super::command::{Here, Unwrapped, unwrap};
use super::fact::{Evidence, Fact};
use super::look::{App, Look};
use super::mask::without_secrets;
use super::scripts::STARTS;

/// Scripts that bring a database up to date, the one for production first.
const MIGRATES: [&str; 20] = [
    "migrate:deploy",
    "migrate:prod",
    "migrate:production",
    "db:migrate:deploy",
    "db:migrate:prod",
    "db:deploy",
    "prisma:deploy",
    "prisma:migrate:deploy",
    "migration:run:prod",
    "migration:run",
    "migrations:run",
    "migrate:up",
    "migrate:latest",
    "migrate:run",
    "db:migrate:up",
    "db:migrate",
    "knex:migrate",
    "migration:up",
    "migrations:up",
    "migrate",
];

/// Commands of the same tools that are for a developer's machine.
const NOT_FOR_PRODUCTION: [&str; 10] = [
    "migrate dev",
    "migrate reset",
    "db push",
    "drizzle-kit push",
    "generate",
    "migrate:make",
    "migration:create",
    "rollback",
    "revert",
    "undo",
];

/// Tools that need no more than their name: package, the file that shows that it is set up, what follows its name.
const TOOLS: [(&str, &[&str], &str); 6] = [
    ("prisma", &["prisma/migrations/"], "prisma migrate deploy"),
    ("knex", &["knexfile.js", "knexfile.cjs", "knexfile.mjs"], "knex migrate:latest"),
    ("drizzle-kit", &["drizzle.config.js", "drizzle.config.ts", "drizzle.config.mjs"], "drizzle-kit migrate"),
    ("node-pg-migrate", &["migrations/"], "node-pg-migrate up"),
    ("sequelize-cli", &[".sequelizerc", "config/config.js", "config/config.json"], "sequelize-cli db:migrate"),
    ("db-migrate", &["database.json"], "db-migrate up"),
];

/// Longest command that a fact holds whole.
const MOST_CHARACTERS: usize = 100;

pub(crate) fn look(look: &mut Look<'_>, app: &App<'_>, output: Option<&str>) {
    let standalone = standalone_next(look, app);
    let settings = app.path("next.config.ts");
    let typed = look.tree.has(&settings).then_some(settings);
    let here = Here { app, is_standalone_next: standalone.is_some(), typed_next_settings: typed, output };
    if let Some(evidence) = standalone {
        look.add(Fact::new("next-output", app.folder(), "standalone", evidence));
        let public = app.path_of_folder("public/");
        if look.tree.has_folder(&public) {
            look.add(Fact::new("next-public", app.folder(), "public", Evidence::new(&public, None, "")));
        }
    }
    let before = start(look, app, &here);
    migrate(look, app, &here, &before);
    generate(look, app);
}

/// Where `next.config.*` says that the build writes a server of its own.
fn standalone_next(look: &Look<'_>, app: &App<'_>) -> Option<Evidence> {
    app.runtime("next")?;
    let names = ["next.config.ts", "next.config.mjs", "next.config.js", "next.config.cjs"];
    names.iter().map(|name| app.path(name)).find_map(|path| {
        let text = look.tree.text(&path)?;
        let is_set = |line: &str| {
            let bare = line.trim_start().replace(['"', '\'', '`', ' '], "");
            bare.starts_with("output:standalone") || bare.contains("{output:standalone")
        };
        let (index, line) = text.lines().enumerate().find(|(_, line)| is_set(line))?;
        Some(Evidence::new(&path, Some(index + 1), line))
    })
}

/// The start; what its script runs before it is given back.
fn start(look: &mut Look<'_>, app: &App<'_>, here: &Here<'_>) -> Vec<String> {
    let folder = app.folder();
    let Some((command, evidence)) = STARTS.iter().find_map(|name| {
        let (command, key) = app.manifest.script(name)?;
        Some((command.to_owned(), look.tree.evidence(&key.place)))
    }) else {
        let file = look.report.in_app("start-file", folder).next().cloned();
        if let Some(file) = file {
            look.add(Fact::new("run", folder, format!("node {}", file.value), file.evidence[0].clone()));
        }
        return Vec::new();
    };
    match whole(unwrap(&command, here)) {
        Ok(Unwrapped { arguments, before, dropped }) => {
            look.add(Fact::new("run", folder, format!("node {}", arguments.join(" ")), evidence.clone()));
            for what in dropped {
                look.add(Fact::new("not-run", folder, what, evidence.clone()));
            }
            for step in before.iter().filter(|step| !is_build(step) && !is_migration(step)) {
                let step = without_secrets(step);
                look.add(Fact::new("not-run", folder, format!("`{step}`, which runs before it"), evidence.clone()));
            }
            before
        }
        Err(why) => {
            look.unknown("run", folder, None, format!("{}: the start script {why}", evidence.place()));
            Vec::new()
        }
    }
}

/// A command that no fact can hold cannot be one either.
fn whole(unwrapped: Result<Unwrapped, String>) -> Result<Unwrapped, String> {
    let is_long = |it: &Unwrapped| it.arguments.join(" ").chars().count() > MOST_CHARACTERS;
    match unwrapped {
        Ok(long) if is_long(&long) => Err(format!("is longer than {MOST_CHARACTERS} characters")),
        other => other,
    }
}

fn is_build(step: &str) -> bool {
    ["build", "tsc", "compile", "generate", "rimraf", "rm "].iter().any(|word| step.contains(word))
}

fn is_migration(step: &str) -> bool {
    step.contains("migrat") && !NOT_FOR_PRODUCTION.iter().any(|word| step.contains(word))
}

/// What brings the database up to date: a script for it, what the start runs before the service, or a tool by itself.
fn migrate(look: &mut Look<'_>, app: &App<'_>, here: &Here<'_>, before: &[String]) {
    let folder = app.folder();
    if look.report.in_app("migrations", folder).next().is_none()
        && look.report.in_app("migration-script", folder).next().is_none()
    {
        return;
    }
    let mut reasons = Vec::new();
    for (command, evidence) in candidates(look, app, before) {
        match whole(unwrap(&command, here)) {
            Ok(Unwrapped { arguments, before, .. }) if before.iter().all(|step| is_build(step)) => {
                look.add(Fact::new("migrate", folder, format!("node {}", arguments.join(" ")), evidence));
                return;
            }
            Ok(_) => reasons.push(format!("{}: more than one command", evidence.place())),
            Err(why) => reasons.push(format!("{}: {why}", evidence.place())),
        }
    }
    let reason =
        reasons.into_iter().next().unwrap_or_else(|| "no script and no tool of the final image runs them".to_owned());
    look.unknown("migrate", folder, None, reason);
}

fn candidates(look: &Look<'_>, app: &App<'_>, before: &[String]) -> Vec<(String, Evidence)> {
    let scripts = MIGRATES.iter().filter_map(|name| {
        let (command, key) = app.manifest.script(name)?;
        let is_one = !NOT_FOR_PRODUCTION.iter().any(|word| command.contains(word));
        is_one.then(|| (command.to_owned(), look.tree.evidence(&key.place)))
    });
    let start = STARTS.iter().find_map(|name| app.manifest.script(name));
    let in_start = before
        .iter()
        .filter(|step| is_migration(step))
        .filter_map(|step| Some((step.clone(), look.tree.evidence(&start?.1.place))));
    let tools = TOOLS.iter().filter_map(|(package, shown_by, command)| {
        let dependency = app.dependency(package)?;
        let is_set_up = shown_by.iter().any(|path| {
            if path.ends_with('/') {
                look.tree.has_folder(&app.path_of_folder(path))
            } else {
                look.tree.has(&app.path(path))
            }
        });
        is_set_up.then(|| ((*command).to_owned(), look.tree.evidence(&dependency.key.place)))
    });
    scripts.chain(in_start).chain(tools).collect()
}

/// Code that Prisma writes from its schema, which a build needs first: by a script, unless the build or the install runs it.
fn generate(look: &mut Look<'_>, app: &App<'_>) {
    let folder = app.folder();
    let Some(client) = app.dependency("@prisma/client") else { return };
    let place = look.tree.evidence(&client.key.place);
    look.add(Fact::new("install-script", folder, "@prisma/client", place));
    let runs = |name: &str| app.manifest.script(name).is_some_and(|(command, _)| command.contains("prisma generate"));
    if ["prebuild", "build", "preinstall", "install", "postinstall"].iter().any(|name| runs(name)) {
        return;
    }
    let only = app.manifest.scripts().find(|(name, command, _)| *command == "prisma generate" && *name != "prepare");
    if let Some((name, _, key)) = only {
        let evidence = look.tree.evidence(&key.place);
        look.add(Fact::new("generate-script", folder, name, evidence));
    }
}
