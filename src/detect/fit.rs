//! From facts to answers: what detection says for the questions, how the code is built and started, and what is left out.

use super::fact::{Evidence, Fact, Report};
use super::kept::Kept;
use super::manager;
use super::parts::OWN_ADDON;
use super::scripts::GIT_HOOKS;
use super::{address, kept, left_out, one_app};
use crate::failure::usage;
use crate::spec::env_entry::check_name;
use crate::spec::existing::{can_be_script, can_start};
use crate::spec::secret::names_a_secret;
use crate::spec::table::question;
use crate::spec::{Answers, EnvEntry, EnvKind, Existing, Origin, Value};

/// The question that the database answers.
const DATABASE: &str = "stack.database";

/// Questions that are about emitted code, or that code which is there answers by itself.
const NOT_ASKED: [&str; 6] =
    ["stack.framework", "stack.data-access", "stack.source-dir", "stack.app-dir", "stack.storage", "stack.auth"];

/// Checks that people keep as scripts, in the order in which CI runs them.
const CHECKS: [&str; 7] = ["lint", "typecheck", "type-check", "check-types", "check", "test:unit", "test"];

/// What detection comes to.
pub struct Fit {
    /// The answers that facts give, each with its place.
    pub answers: Answers,
    /// What is not emitted, and how to add it.
    pub left_out: Vec<String>,
}

/// Turns facts into answers. `given` are the answers of people, which win over facts.
///
/// # Errors
/// Usage with the reason when the repository is one that nothing whole can be emitted for.
pub fn fit(report: &Report, given: &Answers) -> anyhow::Result<Fit> {
    let mut fit = Fit { answers: Answers::default(), left_out: Vec::new() };
    let (report, app) = one_app::of(report, given)?;
    let report = &*report;
    refuse(report)?;
    for fact in report.facts.iter().filter(|fact| fact.folder.is_empty()) {
        fit.answer(fact, given)?;
    }
    fit.other_database(report, given);
    let database = given.text(DATABASE).or(fit.answers.text(DATABASE)) == Some("postgres");
    let mut existing = match given.existing() {
        Some(existing) => existing.clone(),
        None => existing(report, database)?,
    };
    let below = app.map_or_else(String::new, |app| format!("{}/", app.folder));
    let kept = if is_sqlite_fitted(report, given) { kept::kept(report, &below)? } else { None };
    if let (Some(kept), None) = (&kept, given.existing()) {
        existing.kept.clone_from(&kept.folders);
    }
    let (own_manager, needed) = manager::of(report, given)?;
    if let Some(app) = app {
        fit.answers.set(one_app::APP_DIR, Value::Text(app.folder.clone()), origin(Some(app)));
        if given.existing().is_none() {
            let apart = own_manager.as_ref().is_some_and(|it| it.manager.keeps_packages_apart());
            one_app::complete(&mut existing, report, apart);
        }
    }
    existing.package_manager = existing.package_manager.or(own_manager);
    if existing.install_files.is_empty() {
        existing.install_files = needed;
    }
    fit.variables(report, &existing, database, kept.as_ref());
    fit.left_out.extend(left_out::sentences(report, &existing, database, kept.is_some()));
    fit.left_out.extend(kept.into_iter().flat_map(|it| it.said));
    fit.answers.set_existing(existing);
    Ok(fit)
}

/// Whether SQLite is the database of the service, and people have not said otherwise.
fn is_sqlite_fitted(report: &Report, given: &Answers) -> bool {
    let is_beside_postgres = report.in_app("database", "").any(|fact| fact.value == "postgres");
    let is_answered = given.text(DATABASE).is_some() || given.existing().is_some();
    !is_beside_postgres && !is_answered
}

/// What cannot be fitted whole in this version.
fn refuse(report: &Report) -> anyhow::Result<()> {
    if let Some(fact) = report.in_app("native-addon", "").find(|fact| fact.value == OWN_ADDON) {
        return Err(cannot("a native add-on of its own, which needs a compiler in the image's build", fact));
    }
    let mut hooks = report.in_app("other-script", "").filter(|fact| fact.value.ends_with(GIT_HOOKS));
    if let Some(fact) = hooks.find(|fact| !fact.value.starts_with("prepare")) {
        return Err(cannot(
            "Git hooks that every install sets up, also that of an image; `prepare` is the place for them",
            fact,
        ));
    }
    Ok(())
}

pub(super) fn cannot(what: &str, fact: &Fact) -> anyhow::Error {
    let place = fact.evidence.first().map(Evidence::place).unwrap_or_default();
    usage(format!(
        "{place} says {}: this version does not fit into a repository with {what}. Nothing was written; \
         `seaworthy init --dry-run` says what is there.",
        fact.value
    ))
}

/// How the code is built and started.
fn existing(report: &Report, database: bool) -> anyhow::Result<Existing> {
    let mut existing = Existing::empty(origin(report.in_app("start-script", "").next()));
    existing.install = values(report, "install-script");
    let generates = values(report, "generate-script");
    let build = report.value("build-script", "").filter(|name| can_be_script(name)).map(ToOwned::to_owned);
    existing.build = generates.iter().cloned().chain(build).collect();
    existing.start = start(report)?;
    existing.checks = generates.into_iter().chain(checks(report)).collect();
    let probes = ["/livez", "/readyz"];
    let is_own = |probe: &&str| report.in_app("health-route", "").any(|fact| fact.value == **probe);
    existing.own_probes = probes.iter().filter(|probe| is_own(probe)).map(|probe| (*probe).to_owned()).collect();
    let is_standalone = report.value("next-output", "") == Some("standalone");
    if report.value("framework", "") == Some("next") {
        existing.writable = vec![".next/cache".to_owned()];
    }
    if is_standalone {
        let public = report.value("next-public", "").map(ToOwned::to_owned);
        let server = [".next/standalone:.", ".next/static"].map(ToOwned::to_owned);
        existing.output = server.into_iter().chain(public).collect();
    }
    existing.outgoing = outgoing(report);
    if database {
        let named = address::variables(report, "");
        existing.database_env = if named.is_empty() { address::usual(report, "") } else { named };
        // What runs migrations is not among the packages that Next.js takes into its own output.
        existing.migrate = if is_standalone { Vec::new() } else { node_arguments(report, "migrate") };
    }
    Ok(existing)
}

/// The usual ports of what the code talks to and what is not emitted.
fn outgoing(report: &Report) -> Vec<String> {
    const PORTS: [(&str, &str, &str); 6] = [
        ("database", "mysql", "3306"),
        ("database", "mongodb", "27017"),
        ("database", "mssql", "1433"),
        ("database", "oracle", "1521"),
        ("queue", "amqplib", "5672"),
        ("queue", "kafkajs", "9092"),
    ];
    let used = |(subject, value, _): &&(&str, &str, &str)| report.in_app(subject, "").any(|fact| fact.value == *value);
    PORTS.iter().filter(used).map(|(_, _, port)| (*port).to_owned()).collect()
}

fn values(report: &Report, subject: &str) -> Vec<String> {
    report.in_app(subject, "").map(|fact| fact.value.clone()).collect()
}

/// What a fact says that `node` runs.
fn node_arguments(report: &Report, subject: &str) -> Vec<String> {
    let command = report.value(subject, "").and_then(|command| command.strip_prefix("node "));
    command.map(|arguments| arguments.split(' ').map(ToOwned::to_owned).collect()).unwrap_or_default()
}

fn checks(report: &Report) -> Vec<String> {
    let there = |name: &&&str| report.in_app("check-script", "").any(|fact| fact.value == ***name);
    CHECKS.iter().filter(there).map(|name| (*name).to_owned()).collect()
}

/// The arguments of `node` that start it.
fn start(report: &Report) -> anyhow::Result<Vec<String>> {
    let arguments = node_arguments(report, "run");
    if !arguments.is_empty() && arguments.iter().all(|argument| can_start(argument)) {
        return Ok(arguments);
    }
    let why = report.unknown.iter().find(|it| it.subject == "run" && it.folder.is_empty());
    let why = why.map_or_else(
        || "package.json: neither a start script nor a file says what starts the service".to_owned(),
        |it| it.reason.clone(),
    );
    Err(usage(format!(
        "{why}.\nMend that, or say in seaworthy.toml which arguments of `node` start the service in an image without \
         development packages, and run this again:\n  schema = 1\n  [existing]\n  start = [\"dist/server.js\"]"
    )))
}

impl Fit {
    fn answer(&mut self, fact: &Fact, given: &Answers) -> anyhow::Result<()> {
        let Some(answer) = &fact.answers else { return Ok(()) };
        let Some(row) = question(answer.key).filter(|row| !NOT_ASKED.contains(&row.key)) else {
            return Ok(());
        };
        if given.get(row.key).is_some() {
            return Ok(());
        }
        match row.parse(&answer.value) {
            // Its worker stays as it is: only emitted code has one that the deployment knows.
            _ if row.key == "stack.queue" => {
                self.answers.set(row.key, Value::Text("none".to_owned()), origin(Some(fact)));
            }
            Ok(value) => self.answers.set(row.key, value, origin(Some(fact))),
            Err(problem) => {
                let place = fact.evidence.first().map(Evidence::place).unwrap_or_default();
                return Err(usage(format!("{place}: {}: {problem}. Another one: --set {}=...", row.key, row.key)));
            }
        }
        Ok(())
    }

    /// A database that is not started here is the platform's business; none is started in its place.
    fn other_database(&mut self, report: &Report, given: &Answers) {
        let other = report.in_app("database", "").find(|fact| fact.value != "postgres");
        if let (Some(fact), None, None) = (other, given.get(DATABASE), self.answers.get(DATABASE)) {
            self.answers.set(DATABASE, Value::Text("none".to_owned()), origin(Some(fact)));
        }
    }

    /// The variables that the code reads, by their names. Which of them it can do without is not known, so that none is
    /// required.
    fn variables(&mut self, report: &Report, existing: &Existing, database: bool, kept: Option<&Kept>) {
        let of_database: Vec<&str> = if database {
            existing.database_variables().into_iter().map(|(_, name)| name).chain(["DATABASE_POOL_MAX"]).collect()
        } else {
            Vec::new()
        };
        for fact in report.in_app("env-variable", "") {
            if of_database.contains(&fact.value.as_str()) || left_out::is_fixed_by_build(&fact.value) {
                continue;
            }
            let is_free = !database && fact.value == "DATABASE_URL";
            if !is_free && check_name(&fact.value).is_err() {
                if !SET_ANYWAY.contains(&fact.value.as_str()) {
                    let place = fact.evidence.first().map(Evidence::place).unwrap_or_default();
                    self.left_out.push(format!(
                        "{} ({place}) is no name that the emitted files can pass on: add it to compose.yaml by hand, or \
                         rename it",
                        fact.value
                    ));
                }
                continue;
            }
            let holds_secret = names_a_secret(&fact.value)
                || ["_URL", "_URI", "_DSN", "_KEY"].iter().any(|end| fact.value.ends_with(end));
            let place = fact.evidence.first().map(Evidence::place).unwrap_or_default();
            let kept_in = kept.and_then(|it| it.variable.as_ref()).filter(|(it, _)| it.value == fact.value);
            let holds_secret = holds_secret && kept_in.is_none();
            self.answers.declare(EnvEntry {
                name: fact.value.clone(),
                kind: if holds_secret { EnvKind::Secret } else { EnvKind::String },
                values: Vec::new(),
                default: kept_in.map(|(_, value)| value.clone()),
                required_in: kept_in.is_none().then(Vec::new),
                example: String::new(),
                description: format!("Read in {place}."),
                origin: origin(Some(fact)),
            });
        }
    }
}

/// Variables that the emitted files set by themselves, or the runtime does.
const SET_ANYWAY: [&str; 13] = [
    "APP_ENV",
    "HOME",
    "HOSTNAME",
    "LOG_LEVEL",
    "NODE_ENV",
    "NODE_OPTIONS",
    "PATH",
    "PORT",
    "POSTGRES_PASSWORD",
    "PWD",
    "REDIS_URL",
    "TMPDIR",
    "USER",
];

fn origin(fact: Option<&Fact>) -> Origin {
    match fact.and_then(|fact| fact.evidence.first()) {
        Some(evidence) => Origin::Detected { path: evidence.file.clone(), line: evidence.line.unwrap_or(0) },
        None => Origin::Detected { path: "package.json".to_owned(), line: 0 },
    }
}
