//! The same environment keys in the schema, .env.example, compose, Kubernetes and the workflows.

use std::collections::BTreeSet;

use crate::review::read::compose::{Variable, substituted};
use crate::review::read::env::is_key;
use crate::review::read::kubernetes::apps;
use crate::review::read::workflow::{Job, Workflow};
use crate::review::{Place, Problem, Repository, Risk, Rule, Severity};

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "env-example",
        description: ".env.example shows every key of the schema, and no key that nothing reads.",
        risk: Risk::Availability,
        severity: Severity::Low,
        why: "Whoever sets up the service from the example misses a variable, or sets one that nothing reads.",
        source: None,
        check: example,
    },
    Rule {
        id: "env-declared",
        description: "Compose, Kubernetes and the workflows give the service only keys that the schema declares.",
        risk: Risk::Availability,
        severity: Severity::Medium,
        why: "A variable that nothing reads is mostly a misspelt one: the service runs with the default instead.",
        source: None,
        check: declared,
    },
    Rule {
        id: "env-supplied",
        description: "Every key that the schema requires is given wherever the service runs.",
        risk: Risk::Availability,
        severity: Severity::High,
        why: "The service refuses to start there, at the first deploy at the latest.",
        source: None,
        check: supplied,
    },
    Rule {
        id: "env-values",
        description: "A value for an enum or a bounded number is one that the schema accepts.",
        risk: Risk::Availability,
        severity: Severity::High,
        why: "The service refuses to start with a value that its schema does not accept.",
        source: None,
        check: values,
    },
];

/// Keys that Node, npm or the platform read, and no schema needs.
const PLATFORM_KEYS: [&str; 7] =
    ["NODE_ENV", "NODE_OPTIONS", "NODE_EXTRA_CA_CERTS", "CI", "TZ", "FORCE_COLOR", "NO_COLOR"];

fn example(repository: &Repository) -> Vec<Problem> {
    let Some(example) = &repository.env_example else {
        return Vec::new();
    };
    let mut problems = Vec::new();
    for key in repository.schema.iter().filter(|key| example.get(&key.name).is_none()) {
        problems.push(Problem::new(
            &key.place,
            format!("{} is in the schema and not in .env.example", key.name),
            "Add it to .env.example, or take it out of the schema.",
        ));
    }
    for entry in &example.entries {
        let in_compose = repository
            .files
            .iter()
            .any(|(path, text)| path.contains("compose") && text.contains(&format!("${{{}", entry.name)));
        let is_known =
            repository.key(&entry.name).is_some() || in_compose || PLATFORM_KEYS.contains(&entry.name.as_str());
        if !is_known && !repository.schema.is_empty() {
            problems.push(Problem::new(
                &entry.place,
                format!("{} is neither in the schema nor used by a compose file", entry.name),
                "Declare it in src/ops/env.ts, or delete the line.",
            ));
        }
    }
    problems
}

/// The variables of one place where the service runs.
struct Runtime {
    place: Place,
    what: String,
    variables: Vec<Variable>,
    is_open: bool,
    /// Migrations need only some of the keys.
    is_server: bool,
}

fn runtimes(repository: &Repository) -> Vec<Runtime> {
    let mut runtimes = Vec::new();
    for compose in &repository.compose {
        let servers: BTreeSet<&str> = compose.servers().iter().map(|service| service.name).collect();
        runtimes.extend(compose.app_services().iter().map(|service| Runtime {
            place: service.place.clone(),
            what: format!("the service {}", service.name),
            variables: service.environment(),
            is_open: service.has_env_file(),
            is_server: servers.contains(service.name),
        }));
    }
    for overlay in &repository.overlays {
        for (workload, container) in apps(overlay) {
            let environment = workload.environment(overlay, container);
            runtimes.push(Runtime {
                place: container.place.clone(),
                what: format!("the {} of {}", workload.kind(), overlay.folder),
                variables: environment.variables,
                is_open: environment.is_open,
                is_server: workload.is_server(),
            });
        }
    }
    for task in repository.ecs.apps() {
        runtimes.extend(repository.ecs.runs(&task).into_iter().map(|run| Runtime {
            place: task.container.place.clone(),
            what: format!("the task {}", task.name()),
            variables: run.variables,
            is_open: run.is_open,
            is_server: task.is_server(),
        }));
    }
    runtimes
}

fn declared(repository: &Repository) -> Vec<Problem> {
    if repository.schema.is_empty() {
        return Vec::new();
    }
    let given = runtimes(repository).into_iter().flat_map(|runtime| runtime.variables);
    let given = given.map(|variable| (variable.name, variable.place)).chain(workflow_keys(repository));
    given
        .filter(|(name, _)| repository.key(name).is_none() && !PLATFORM_KEYS.contains(&name.as_str()))
        .map(|(name, place)| {
            Problem::new(
                &place,
                format!("the schema does not declare {name}"),
                "Declare it in src/ops/env.ts, correct the name, or delete it.",
            )
        })
        .collect()
}

/// What workflows give to the service: the variables of steps that run node or a package manager, where the script does
/// not use them itself.
fn workflow_keys(repository: &Repository) -> Vec<(String, Place)> {
    let mut keys = Vec::new();
    for job in repository.workflows.iter().flat_map(Workflow::jobs) {
        for step in job.steps() {
            let script = step.text_at(&["run"]).unwrap_or_default();
            let tools = ["npm ", "npx ", "node ", "pnpm ", "yarn ", "bun ", "bunx "];
            let runs_service = script.lines().any(|line| tools.iter().any(|tool| line.trim_start().starts_with(tool)));
            let variables = step.entries_at(&["env"]).iter().filter_map(|(name, _)| Some((name.text()?, &name.place)));
            keys.extend(
                variables
                    .filter(|(name, _)| runs_service && is_key(name) && !uses(script, name))
                    .map(|(name, place)| (name.to_owned(), place.clone())),
            );
        }
        keys.extend(job_keys(&job));
    }
    keys
}

/// The variables of a job that tests the service, where no script of it uses them.
fn job_keys(job: &Job<'_>) -> Vec<(String, Place)> {
    let scripts = job.scripts();
    let runs = ["npm test", "npm run", "pnpm test", "pnpm run", "yarn test", "yarn run", "bun run", "bun test"];
    let tests = scripts.lines().any(|line| runs.iter().any(|run| line.trim_start().starts_with(run)));
    let variables = job.node.entries_at(&["env"]).iter().filter_map(|(name, _)| Some((name.text()?, &name.place)));
    variables
        .filter(|(name, _)| tests && is_key(name) && !uses(&scripts, name))
        .map(|(name, place)| (name.to_owned(), place.clone()))
        .collect()
}

fn uses(script: &str, name: &str) -> bool {
    script.contains(&format!("${name}")) || script.contains(&format!("${{{name}"))
}

fn supplied(repository: &Repository) -> Vec<Problem> {
    let mut problems = Vec::new();
    for runtime in runtimes(repository).iter().filter(|runtime| runtime.is_server && !runtime.is_open) {
        let given: BTreeSet<&str> = runtime.variables.iter().map(|variable| variable.name.as_str()).collect();
        for key in repository.schema.iter().filter(|key| key.required && !given.contains(key.name.as_str())) {
            problems.push(Problem::new(
                &runtime.place,
                format!("{} does not get {}, which the schema requires", runtime.what, key.name),
                "Give it there, or give the key a default in src/ops/env.ts.",
            ));
        }
    }
    problems
}

fn values(repository: &Repository) -> Vec<Problem> {
    let mut problems = Vec::new();
    for variable in runtimes(repository).into_iter().flat_map(|runtime| runtime.variables) {
        let value = variable.value.as_deref().and_then(substituted);
        // An empty value is an unset one.
        let value = value.filter(|value| !value.is_empty());
        let (Some(key), Some(value)) = (repository.key(&variable.name), value) else {
            continue;
        };
        let is_too_large = key.max.zip(value.parse::<f64>().ok()).is_some_and(|(max, value)| value > max);
        let is_not_a_choice = !key.choices.is_empty() && !key.choices.contains(&value);
        if is_too_large || is_not_a_choice {
            problems.push(Problem::new(
                &variable.place,
                format!("the schema refuses {value:?} for {}", key.name),
                "Use a value that src/ops/env.ts accepts, or widen the schema.",
            ));
        }
    }
    problems
}
