//! Tasks and services of Amazon ECS.

use crate::review::read::env::EnvKey;
use crate::review::{Node, Problem, Repository, Risk, Rule, Severity};

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "ecs-rollout",
        description: "A service of ECS keeps its tasks while it is deployed, and ECS takes back what does not come up.",
        risk: Risk::Availability,
        severity: Severity::High,
        why: "Without the circuit breaker ECS starts a broken version again and again, for hours; below 100 % it first stops tasks that serve.",
        source: Some("https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html"),
        check: rollout,
    },
    Rule {
        id: "ecs-confined",
        description: "Tasks of ECS run as a user with a number other than 0, on a file system that they cannot write to, unprivileged.",
        risk: Risk::Security,
        severity: Severity::Medium,
        why: "Whoever gets in through the service may change its code, or take more than the service has.",
        source: Some("https://docs.aws.amazon.com/AmazonECS/latest/developerguide/security-tasks-containers.html"),
        check: confined,
    },
    Rule {
        id: "ecs-fargate",
        description: "Tasks have a size that Fargate has, and at most the 120 s to stop that it gives.",
        risk: Risk::Availability,
        severity: Severity::High,
        why: "ECS refuses the task definition, at the next deploy.",
        source: Some("https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html"),
        check: fargate,
    },
    Rule {
        id: "ecs-draining",
        description: "A target group waits for as long as a running request may take before a task of ECS is told to stop, and not for minutes.",
        risk: Risk::Availability,
        severity: Severity::Medium,
        why: "Shorter, requests are cut off at every deploy; without a value it is 300 s, for which every deploy waits.",
        source: Some(
            "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/load-balancer-connection-draining.html",
        ),
        check: draining,
    },
];

/// CPU units of Fargate with the memory that may go with them, MiB: from, to, in steps of.
const SIZES: [(u32, u32, u32, u32); 7] = [
    (256, 512, 2048, 512),
    (512, 1024, 4096, 1024),
    (1024, 2048, 8192, 1024),
    (2048, 4096, 16384, 1024),
    (4096, 8192, 30720, 1024),
    (8192, 16384, 61440, 4096),
    (16384, 32768, 122_880, 8192),
];
const MOST_STOP_SECONDS: f64 = 120.0;
/// The load balancer's own.
const DEFAULT_DELAY_SECONDS: f64 = 300.0;

fn rollout(repository: &Repository) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (_, service) in &repository.ecs.services {
        // Something else than ECS rolls it out.
        if service.text_at(&["deploymentController", "type"]).is_some_and(|it| it != "ECS") {
            continue;
        }
        let configuration = service.get("deploymentConfiguration");
        let place = configuration.map_or(&service.place, |it| &it.place);
        let breaker = configuration.and_then(|it| it.get("deploymentCircuitBreaker"));
        let is_on = |field: &str| breaker.and_then(|it| it.text_at(&[field])) == Some("true");
        if !is_on("enable") || !is_on("rollback") {
            problems.push(Problem::new(
                breaker.map_or(place, |it| &it.place),
                "the deployment circuit breaker does not take a broken version back",
                "Set deploymentCircuitBreaker to enable and rollback.",
            ));
        }
        let least = configuration.and_then(|it| it.get("minimumHealthyPercent"));
        if let Some(least) = least.filter(|it| number(it).is_some_and(|percent| percent < 100.0)) {
            problems.push(Problem::new(
                &least.place,
                "a deploy stops tasks before their successors serve",
                "Set minimumHealthyPercent to 100, and maximumPercent above it.",
            ));
        }
    }
    problems
}

fn confined(repository: &Repository) -> Vec<Problem> {
    let mut problems = Vec::new();
    for task in repository.ecs.apps() {
        let container = task.container;
        let user = container.text_at(&["user"]).map(|user| user.split(':').next().unwrap_or_default().to_owned());
        // The image's own counts where the task names none.
        let is_number = user.as_ref().is_none_or(|user| user.parse::<u32>().is_ok_and(|number| number > 0));
        let wrong = [
            (
                !is_number,
                "user",
                "runs as root, or as a user that only the image knows",
                "Name a user by a number other than 0.",
            ),
            (
                container.text_at(&["readonlyRootFilesystem"]) != Some("true"),
                "readonlyRootFilesystem",
                "the root file system can be written to",
                "Set readonlyRootFilesystem, and mount a volume where the service has to write.",
            ),
            (
                container.text_at(&["privileged"]) == Some("true"),
                "privileged",
                "runs with all rights of the machine",
                "Take privileged out.",
            ),
        ];
        for (_, field, message, fix) in wrong.into_iter().filter(|(is_wrong, ..)| *is_wrong) {
            let place = container.get(field).map_or(&container.place, |it| &it.place);
            problems.push(Problem::new(place, message, fix));
        }
    }
    problems
}

fn fargate(repository: &Repository) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (_, task) in &repository.ecs.tasks {
        let compatible = task.items_at(&["requiresCompatibilities"]);
        if !compatible.iter().any(|it| it.text() == Some("FARGATE")) {
            continue;
        }
        if let (Some(cpu), Some(memory)) = (task.get("cpu"), task.get("memory")) {
            let whole = |node: &Node| node.text().and_then(|text| text.parse::<u32>().ok());
            if let (Some(units), Some(mib)) = (whole(cpu), whole(memory))
                && !is_size(units, mib)
            {
                problems.push(Problem::new(
                    &memory.place,
                    format!("Fargate has no task of {units} CPU units and {mib} MiB"),
                    "Take a size of its table: 512 with 1024 to 4096, 1024 with 2048 to 8192, and so on.",
                ));
            }
        }
        let stops =
            task.items_at(&["containerDefinitions"]).iter().filter_map(|container| container.get("stopTimeout"));
        problems.extend(stops.filter(|it| number(it).is_some_and(|seconds| seconds > MOST_STOP_SECONDS)).map(|it| {
            Problem::new(
                &it.place,
                "Fargate gives a container at most 120 s to stop",
                "Set stopTimeout to 120 or less.",
            )
        }));
    }
    problems
}

fn is_size(units: u32, mib: u32) -> bool {
    SIZES.iter().any(|(cpu, least, most, step)| {
        *cpu == units && (least..=most).contains(&&mib) && (mib.is_multiple_of(*step) || (units == 256 && mib == 512))
    })
}

fn draining(repository: &Repository) -> Vec<Problem> {
    if repository.ecs.services.is_empty() {
        return Vec::new();
    }
    let limit = repository.key("SHUTDOWN_TIMEOUT_MS").and_then(EnvKey::number).unwrap_or_default();
    let delay = repository.key("SHUTDOWN_DELAY_MS").and_then(EnvKey::number).unwrap_or_default();
    let requests = (limit - delay).max(0.0) / 1000.0;
    let mut problems = Vec::new();
    for group in &repository.ecs.target_groups {
        let attributes = group.items_at(&["Properties", "TargetGroupAttributes"]);
        let stated = attributes
            .iter()
            .find(|it| it.text_at(&["Key"]) == Some("deregistration_delay.timeout_seconds"))
            .and_then(|it| it.get("Value"));
        let seconds = stated.map_or(Some(DEFAULT_DELAY_SECONDS), number);
        if seconds.is_some_and(|seconds| seconds < requests || seconds >= DEFAULT_DELAY_SECONDS) {
            problems.push(Problem::new(
                stated.map_or(&group.place, |it| &it.place),
                format!(
                    "waits {} s for a task that goes, whose requests may take {requests} s",
                    seconds.unwrap_or_default()
                ),
                "Set deregistration_delay.timeout_seconds somewhat above what a request may take.",
            ));
        }
    }
    problems
}

fn number(node: &Node) -> Option<f64> {
    node.text()?.parse().ok()
}
