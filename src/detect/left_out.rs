//! What is not emitted for a repository that somebody else wrote, and how to add it.

use super::fact::{Evidence, Fact, Report};
use crate::spec::Existing;

/// The sentences, for the application at the root. `database` is whether PostgreSQL is started for it,
/// `is_kept` whether the file of SQLite is seen to.
pub(super) fn sentences(report: &Report, existing: &Existing, database: bool, is_kept: bool) -> Vec<String> {
    let outside = "src/ops: the image answers /livez and /readyz, and stops without failing a request, by deploy/image/probes.mjs";
    let offer = ". `seaworthy init --ops` writes code of its own for that, with a schema of the environment, and prints the lines \
                 that call it";
    let is_next = report.value("framework", "") == Some("next");
    let mut said = vec![format!("{outside}{}", if is_next { "" } else { offer })];
    said.extend(
        report.in_app("not-run", "").map(|fact| format!("{}: the image starts without {}", place(fact), fact.value)),
    );
    if database {
        said.extend(of_postgres(report, existing));
    }
    for fact in report.in_app("database", "").filter(|fact| {
        fact.value != "none" && !(is_kept && fact.value == "sqlite") && !(database && fact.value == "postgres")
    }) {
        said.push(format!(
            "{}: compose.yaml starts none; give its address in .env, and migrate before a deploy",
            fact.value
        ));
    }
    if report.value("framework", "") == Some("next") {
        said.extend(of_next(report));
    }
    for fact in report.in_app("worker", "") {
        said.push(format!(
            "{}: the image starts the service only; a worker needs a service of its own in compose.yaml",
            fact.value
        ));
    }
    for fact in report.in_app("signal-handler", "") {
        said.push(format!(
            "{} handles {}: it runs when deploy/image/probes.mjs has waited for the last request, and ends the process",
            place(fact),
            fact.value
        ));
    }
    said.extend(report.of("other-deployment").map(|fact| format!("{}: stays, and is not read", fact.value)));
    said
}

fn place(fact: &Fact) -> String {
    fact.evidence.first().map(Evidence::place).unwrap_or_default()
}

fn of_postgres(report: &Report, existing: &Existing) -> Vec<String> {
    let names: Vec<&str> = existing.database_variables().into_iter().map(|(_, name)| name).collect();
    let names = crate::detect::listed(names.into_iter());
    let mut said = vec![format!(
        "PostgreSQL: compose.yaml starts one and gives its address in {names}; code that takes it from elsewhere has to read \
         that. Its pool has to hold to DATABASE_POOL_MAX. deploy/image/database.mjs asks whether the server answers, and \
         signs in nowhere"
    )];
    if existing.migrate.is_empty() {
        let why = report.unknown.iter().find(|it| it.subject == "migrate" && it.folder.is_empty());
        let why = why.map_or_else(|| "nothing that migrates is found".to_owned(), |it| it.reason.clone());
        said.push(format!(
            "migrations: no deploy runs any ({why}). When something in the image does it, name the arguments of `node` in \
             seaworthy.toml: [existing] migrate = [\"dist/migrate.js\"], and `seaworthy upgrade`"
        ));
    }
    said
}

fn of_next(report: &Report) -> Vec<String> {
    let mut said = vec![
        "Next.js: .next/cache is empty when an instance starts, and pages that are made anew (ISR) live in the memory of each; \
         a cacheHandler in next.config shares them"
            .to_owned(),
    ];
    let public: Vec<&str> = report
        .in_app("env-variable", "")
        .map(|fact| fact.value.as_str())
        .filter(|name| is_fixed_by_build(name))
        .collect();
    if !public.is_empty() {
        said.push(format!(
            "{}: fixed when the image is built, the same for all environments; set them under `env` in next.config, since no \
             .env file reaches the build",
            crate::detect::listed(public.into_iter())
        ));
    }
    said
}

/// Whether Next.js writes the value into what browsers get.
pub(super) fn is_fixed_by_build(name: &str) -> bool {
    name.starts_with("NEXT_PUBLIC_")
}
