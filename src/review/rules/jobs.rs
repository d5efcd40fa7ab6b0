//! Background jobs: what keeps them, and the image that runs them.

use std::collections::BTreeSet;

use crate::review::read::compose::{Service, substituted};
use crate::review::read::kustomize::split_image;
use crate::review::read::walk::join;
use crate::review::read::workflow::Workflow;
use crate::review::{Node, Problem, Repository, Risk, Rule, Severity};

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "jobs-kept",
        description: "A Redis that holds jobs drops none when it is full, and has them again after a restart.",
        risk: Risk::Availability,
        severity: Severity::High,
        why: "Jobs that were accepted are never run, and nobody learns of it.",
        source: Some("https://docs.bullmq.io/guide/going-to-production"),
        check: jobs_kept,
    },
    Rule {
        id: "build-target",
        description: "The stage that compose or a workflow builds is one of its Dockerfile.",
        risk: Risk::Availability,
        severity: Severity::High,
        why: "The build fails, and with it the start.",
        source: Some("https://docs.docker.com/reference/compose-file/build/#target"),
        check: build_target,
    },
];

fn jobs_kept(repository: &Repository) -> Vec<Problem> {
    let has_jobs = repository.files.get("package.json").is_some_and(|text| text.contains("\"bullmq\""));
    if !has_jobs {
        return Vec::new();
    }
    let services = repository.compose.iter().flat_map(|compose| compose.services().into_iter());
    services.filter(is_redis).filter_map(|service| losing(&service)).collect()
}

fn is_redis(service: &Service<'_>) -> bool {
    let image = service.image().and_then(|image| substituted(image.text()?));
    let name = image.as_deref().map(|image| split_image(image).0);
    name.is_some_and(|name| matches!(name.rsplit('/').next(), Some("redis" | "valkey")))
}

/// How the command of a Redis lets jobs go. One that gives no command takes the defaults: nothing is dropped, and a snapshot
/// now and then is all that a restart finds.
fn losing(service: &Service<'_>) -> Option<Problem> {
    let words: Vec<String> = service
        .node
        .get("command")
        .map(|command| command.scalars().iter().filter_map(|it| it.text()).flat_map(words).collect())
        .unwrap_or_default();
    let option = |name: &str| {
        let at = words.iter().position(|word| word.trim_start_matches("--") == name)?;
        words.get(at + 1).map(String::as_str)
    };
    let place = service.node.get("command").map_or(service.place, |command| &command.place);
    match (option("maxmemory-policy"), option("appendonly")) {
        (Some(policy), _) if policy != "noeviction" => Some(Problem::new(
            place,
            format!("holds jobs, and drops some when it is full: its policy is {policy}"),
            "Set --maxmemory-policy noeviction.",
        )),
        (_, appendonly) if appendonly != Some("yes") => Some(Problem::new(
            place,
            "holds jobs, and a restart loses those since the last snapshot",
            "Set --appendonly yes, with a volume for /data.",
        )),
        _ => None,
    }
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(ToOwned::to_owned).collect()
}

fn build_target(repository: &Repository) -> Vec<Problem> {
    let services = repository.compose.iter().flat_map(|compose| compose.services().into_iter());
    let of_compose =
        services.filter_map(|service| Some((service.node.at(&["build", "target"])?, service.dockerfile_path()?)));
    let steps = repository.workflows.iter().flat_map(Workflow::jobs).flat_map(|job| job.steps());
    let of_workflows = steps.filter_map(|step| Some((step.at(&["with", "target"])?, built_by(step)?)));
    of_compose.chain(of_workflows).filter_map(|(target, path)| unknown_stage(repository, target, &path)).collect()
}

/// The Dockerfile that a step of docker/build-push-action builds.
fn built_by(step: &Node) -> Option<String> {
    step.text_at(&["uses"]).filter(|uses| uses.starts_with("docker/build-push-action@"))?;
    let context = step.text_at(&["with", "context"]).unwrap_or(".");
    let file = step.text_at(&["with", "file"]);
    Some(file.map_or_else(|| join(&join("", context), "Dockerfile"), |file| join("", file)))
}

fn unknown_stage(repository: &Repository, target: &Node, path: &str) -> Option<Problem> {
    let name = substituted(target.text()?)?;
    let dockerfile = repository.dockerfiles.iter().find(|it| it.path == path)?;
    let stages: BTreeSet<&str> = dockerfile.stages().collect();
    (!stages.contains(name.as_str())).then(|| {
        Problem::new(
            &target.place,
            format!("builds the stage {name}, which {path} does not have"),
            format!("Name one of its stages: {}.", stages.into_iter().collect::<Vec<_>>().join(", ")),
        )
    })
}
