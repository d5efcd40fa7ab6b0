//! From facts to answers: what detection says for the questions, how the code is built and started, and what is left out.

use super::fact::{Evidence, Fact, Report};
use super::parts::OWN_ADDON;
use super::scripts::{GIT_HOOKS, words};
use crate::failure::usage;
use crate::spec::env_entry::check_name;
use crate::spec::existing::{can_be_script, can_start};
use crate::spec::secret::names_a_secret;
use crate::spec::table::question;
use crate::spec::{Answers, EnvEntry, EnvKind, Existing, Origin, Value};

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
    refuse(report, given)?;
    for fact in report.facts.iter().filter(|fact| fact.folder.is_empty()) {
        fit.answer(fact, given)?;
    }
    if given.existing().is_none() {
        fit.answers.set_existing(existing(report)?);
    }
    fit.variables(report);
    fit.leave_out(report);
    Ok(fit)
}

/// What cannot be fitted whole in this version.
fn refuse(report: &Report, given: &Answers) -> anyhow::Result<()> {
    if let Some(fact) = report.of("workspace").next() {
        return Err(cannot("a workspace, of which an image would need only a part", fact));
    }
    let databases = |name: &str| report.in_app("database", "").find(|fact| fact.value == name);
    if let Some(fact) = databases("postgres") {
        return Err(cannot("PostgreSQL, whose migrations and connections only emitted code sees to", fact));
    }
    if let Some(fact) = databases("sqlite") {
        return Err(cannot("SQLite, whose file needs one instance and a volume, and neither is emitted", fact));
    }
    if let Some(fact) = report.in_app("framework", "").find(|fact| fact.value == "next") {
        return Err(cannot("Next.js, whose build and cache need an image of their own", fact));
    }
    let manager = report.in_app("package-manager", "").find(|fact| fact.answers.is_some() && fact.value != "npm");
    if let (Some(fact), None | Some("pnpm" | "yarn" | "bun")) = (manager, given.text("stack.package-manager")) {
        return Err(cannot(
            "another package manager than npm, whose version must be the one that wrote the lock file",
            fact,
        ));
    }
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
    if report.of("lock-file").next().is_none() && given.text("stack.package-manager").is_none() {
        return Err(usage(
            "there is no lock file, so no build could be repeated. Install the packages once, commit the lock file and run \
             this again.",
        ));
    }
    Ok(())
}

fn cannot(what: &str, fact: &Fact) -> anyhow::Error {
    let place = fact.evidence.first().map(Evidence::place).unwrap_or_default();
    usage(format!(
        "{place} says {}: this version does not fit into a repository with {what}. Nothing was written; \
         `seaworthy init --dry-run` says what is there.",
        fact.value
    ))
}

/// How the code is built and started.
fn existing(report: &Report) -> anyhow::Result<Existing> {
    let mut existing = Existing::empty(origin(report.in_app("start-script", "").next()));
    existing.install = report.in_app("install-script", "").map(|fact| fact.value.clone()).collect();
    let build = report.value("build-script", "");
    existing.build = build.filter(|name| can_be_script(name)).map(ToOwned::to_owned).into_iter().collect();
    existing.start = start(report)?;
    existing.checks = checks(report);
    let probes = ["/livez", "/readyz"];
    let is_own = |probe: &&str| report.in_app("health-route", "").any(|fact| fact.value == **probe);
    existing.own_probes = probes.iter().filter(|probe| is_own(probe)).map(|probe| (*probe).to_owned()).collect();
    Ok(existing)
}

fn checks(report: &Report) -> Vec<String> {
    let there = |name: &&&str| report.in_app("check-script", "").any(|fact| fact.value == ***name);
    CHECKS.iter().filter(there).map(|name| (*name).to_owned()).collect()
}

/// The arguments of `node`: those of the start script, or the file that runs.
fn start(report: &Report) -> anyhow::Result<Vec<String>> {
    let command = report.in_app("start-command", "").next().map(|fact| fact.value.clone()).unwrap_or_default();
    let words = words(command.rsplit("&&").next().unwrap_or_default());
    let arguments = match words.split_first() {
        Some((program, rest)) if program == "node" => rest.to_vec(),
        Some((program, rest)) if program == "fastify" && rest.first().is_some_and(|it| it == "start") => {
            // Outside of a container it listens on this machine only; the address is said, so that it never does.
            let fixed = ["node_modules/fastify-cli/cli.js", "start", "-a", "0.0.0.0"].map(ToOwned::to_owned);
            fixed.into_iter().chain(rest.iter().skip(1).cloned()).collect()
        }
        None => report.value("start-file", "").map(ToOwned::to_owned).into_iter().collect(),
        Some(_) => Vec::new(),
    };
    let last = arguments.last();
    let runs = last.is_some_and(|file| !file.ends_with(".ts") || !command.contains("tsx"));
    if !runs || !arguments.iter().all(|argument| can_start(argument)) {
        let place = report.in_app("start-script", "").next().and_then(|fact| fact.evidence.first());
        let place = place.map_or_else(|| "package.json".to_owned(), Evidence::place);
        return Err(usage(format!(
            "{place}: no arguments of `node` follow from it that start the service in an image without development \
             packages. Say them in seaworthy.toml and run this again:\n  schema = 1\n  [existing]\n  start = \
             [\"dist/server.js\"]"
        )));
    }
    Ok(arguments)
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
            Ok(value) => self.answers.set(row.key, value, origin(Some(fact))),
            Err(_) if row.key == "stack.queue" => {
                self.answers.set(row.key, Value::Text("none".to_owned()), origin(Some(fact)));
            }
            Err(problem) => {
                let place = fact.evidence.first().map(Evidence::place).unwrap_or_default();
                return Err(usage(format!("{place}: {}: {problem}. Another one: --set {}=...", row.key, row.key)));
            }
        }
        Ok(())
    }

    /// The variables that the code reads, by their names. Which of them it can do without is not known, so that none is
    /// required.
    fn variables(&mut self, report: &Report) {
        for fact in report.in_app("env-variable", "") {
            if check_name(&fact.value).is_err() {
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
            self.answers.declare(EnvEntry {
                name: fact.value.clone(),
                kind: if holds_secret { EnvKind::Secret } else { EnvKind::String },
                values: Vec::new(),
                default: None,
                required_in: Some(Vec::new()),
                example: String::new(),
                description: format!("Read in {place}."),
                origin: origin(Some(fact)),
            });
        }
    }

    fn leave_out(&mut self, report: &Report) {
        let mut say = |text: String| self.left_out.push(text);
        say("src/ops: the environment schema and checks of dependencies are written for emitted code. The image answers \
             /livez and /readyz, and stops without failing a request, by deploy/image/probes.mjs"
            .to_owned());
        for fact in report.in_app("database", "").filter(|fact| fact.value != "none") {
            say(format!(
                "{}: compose.yaml starts none; give its address in .env, and migrate before a deploy",
                fact.value
            ));
        }
        for fact in report.in_app("worker", "") {
            say(format!(
                "{}: the image starts the service only; a worker needs a service of its own in compose.yaml",
                fact.value
            ));
        }
        for fact in report.in_app("signal-handler", "") {
            let place = fact.evidence.first().map(Evidence::place).unwrap_or_default();
            say(format!(
                "{place} handles {}: it runs when deploy/image/probes.mjs has waited for the last request, and ends the process",
                fact.value
            ));
        }
        for fact in report.of("other-deployment") {
            say(format!("{}: stays, and is not read", fact.value));
        }
    }
}

/// Variables that the emitted files set by themselves, or the runtime does.
const SET_ANYWAY: [&str; 12] = [
    "APP_ENV",
    "HOME",
    "HOSTNAME",
    "LOG_LEVEL",
    "NODE_ENV",
    "NODE_OPTIONS",
    "PATH",
    "PORT",
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
