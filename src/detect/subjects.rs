//! What facts are about, in the order in which they are told.

/// A kind of fact.
pub struct Subject {
    /// As `--json` names it; never changes.
    pub id: &'static str,
    /// As people read it.
    pub title: &'static str,
}

/// All kinds.
pub static SUBJECTS: &[Subject] = &[
    subject("package-manager", "Package manager"),
    subject("package-manager-version", "Its version"),
    subject("package-manager-setting", "Its settings"),
    subject("lock-file", "Lock file"),
    subject("installs-with", "Installs with"),
    subject("install-file", "Needed to install"),
    subject("node-version", "Node.js"),
    subject("workspace", "Workspace"),
    subject("workspace-tool", "Workspace tool"),
    subject("workspace-package", "Package"),
    subject("application", "Application"),
    subject("workspace-part", "Made of"),
    subject("workspace-build-part", "Needs to build"),
    subject("build-first", "Built before"),
    subject("build-with", "Builds run with"),
    subject("workspace-install-script", "Script at install"),
    subject("project-name", "Name"),
    subject("project-description", "Description"),
    subject("framework", "Framework"),
    subject("framework-version", "Its version"),
    subject("language", "Language"),
    subject("module-system", "Modules"),
    subject("tsconfig", "TypeScript configuration"),
    subject("source-folder", "Source folder"),
    subject("output-folder", "Output folder"),
    subject("entry-point", "Entry point"),
    subject("start-file", "Started file"),
    subject("runtime", "Runs with"),
    subject("build-script", "Build script"),
    subject("start-script", "Start script"),
    subject("start-command", "Start command"),
    subject("run", "Run in an image"),
    subject("not-run", "Not run there"),
    subject("next-output", "Output of Next.js"),
    subject("next-public", "Public files"),
    subject("generate-script", "Generates code"),
    subject("check-script", "Check"),
    subject("install-script", "Script at install"),
    subject("other-script", "Other script"),
    subject("data-access", "Data access"),
    subject("database", "Database"),
    subject("sqlite-file", "File of SQLite"),
    subject("sqlite-variable", "Named by"),
    subject("migrations", "Migrations"),
    subject("migration-script", "Migration script"),
    subject("migrate", "Migrated by"),
    subject("redis", "Redis"),
    subject("queue", "Queue"),
    subject("worker", "Worker"),
    subject("storage", "Storage"),
    subject("auth", "Sign-in"),
    subject("native-addon", "Native add-on"),
    subject("port", "Port"),
    subject("health-route", "Health route"),
    subject("signal-handler", "Signal handler"),
    subject("dockerfile", "Dockerfile"),
    subject("compose-file", "Compose file"),
    subject("workflow", "Workflow"),
    subject("other-deployment", "Other deployment"),
    subject("env-file", "Environment file"),
    subject("env-variable", "Variable"),
    subject("question", "Question"),
];

const fn subject(id: &'static str, title: &'static str) -> Subject {
    Subject { id, title }
}

/// The place of a subject in the order.
pub(crate) fn rank(id: &str) -> usize {
    SUBJECTS.iter().position(|subject| subject.id == id).unwrap_or(SUBJECTS.len())
}

/// The title of a subject.
pub(crate) fn title(id: &str) -> &'static str {
    SUBJECTS.iter().find(|subject| subject.id == id).map_or("", |subject| subject.title)
}
