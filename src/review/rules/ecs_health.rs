//! What ECS takes for the health of a task. It replaces tasks that are not healthy, so that this is no readiness.

use super::probes::{asks_dependency, has_own_code, is_answered, is_quoted};
use crate::review::{Node, Problem, Repository, Risk, Rule, Severity};

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "ecs-health-path",
        description: "The load balancer asks tasks of ECS for a route that the service has.",
        risk: Risk::Availability,
        severity: Severity::High,
        why: "A task that answers 404 is never healthy: ECS stops it and starts the next one, and no deploy ends well.",
        source: Some(
            "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html",
        ),
        check: health_path,
    },
    Rule {
        id: "ecs-health-alone",
        description: "The health of a task of ECS does not follow its dependencies.",
        risk: Risk::Availability,
        severity: Severity::Medium,
        why: "When the database is away, ECS replaces every task, again and again, which mends nothing and costs those that are warm.",
        source: Some("https://docs.aws.amazon.com/AmazonECS/latest/developerguide/load-balancer-healthcheck.html"),
        check: health_alone,
    },
];

const FIX: &str = "Ask whether it was ready once: a route that answers 503 until its dependencies have answered, and 200 from then on. \
                   A route such as /livez would let a version through that reaches nothing.";

fn health_path(repository: &Repository) -> Vec<Problem> {
    if !has_own_code(repository) {
        return Vec::new();
    }
    let unknown = paths(repository).filter(|path| !is_answered(repository, path.text().unwrap_or_default()));
    unknown
        .map(|path| {
            Problem::new(
                &path.place,
                format!("nothing in the code mentions {}", path.text().unwrap_or_default()),
                "Ask for a route that the service has, or add it.",
            )
        })
        .collect()
}

/// What target groups ask; none where nothing is known to run on ECS.
fn paths(repository: &Repository) -> impl Iterator<Item = &Node> {
    let groups = if repository.ecs.services.is_empty() { &[][..] } else { &repository.ecs.target_groups };
    groups.iter().filter_map(|group| group.at(&["Properties", "HealthCheckPath"]))
}

fn health_alone(repository: &Repository) -> Vec<Problem> {
    let groups = paths(repository).filter(|path| follows(repository, path.text().unwrap_or_default())).map(|path| {
        let message =
            format!("the load balancer asks {}, which fails with a dependency", path.text().unwrap_or_default());
        Problem::new(&path.place, message, FIX)
    });
    groups.chain(commands(repository)).collect()
}

/// Whether a route answers by its dependencies. One that takes a query which the code knows, does so as it is asked to.
fn follows(repository: &Repository, url: &str) -> bool {
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let key = query.split(['=', '&']).next().unwrap_or_default();
    if !key.is_empty() && is_quoted(repository, key) {
        return false;
    }
    path.to_lowercase().contains("ready") || asks_dependency(repository, path)
}

/// The checks that a container runs by itself, such as a worker's.
fn commands(repository: &Repository) -> Vec<Problem> {
    if repository.ecs.services.is_empty() {
        return Vec::new();
    }
    let mut problems = Vec::new();
    for task in repository.ecs.apps() {
        let words = task.container.items_at(&["healthCheck", "command"]);
        for word in words.iter().filter(|it| it.text().is_some_and(asks_readiness)) {
            problems.push(Problem::new(
                &word.place,
                format!("{} asks whether it is ready, which fails with a dependency", task.name()),
                FIX,
            ));
        }
    }
    problems
}

/// Whether a word of a command is about readiness: an argument, or an address with no query.
fn asks_readiness(word: &str) -> bool {
    let is_part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '?');
    ["ready", "readyz"].iter().any(|name| {
        word.match_indices(name).any(|(start, _)| {
            !is_part(word[..start].chars().next_back()) && !is_part(word[start + name.len()..].chars().next())
        })
    })
}
