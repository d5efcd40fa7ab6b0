//! What ECS on Fargate is told beside what every platform has: sizes that Fargate has, how a new version takes over, and
//! where images and logs are kept.

use serde::Serialize;

use super::decision::Ledger;
use super::platform::Platform;
use super::worker::Worker;
use super::{Resources, Watch};

/// Sizes of tasks that Fargate has: CPU in thousandths of a core as ECS counts them (1024 are one), and the memory in MiB
/// that may go with it, from, to and in steps of (Amazon ECS developer guide, "Task CPU and memory").
const SIZES: [(u32, u32, u32, u32); 5] = [
    (256, 512, 2048, 512),
    (512, 1024, 4096, 1024),
    (1024, 2048, 8192, 1024),
    (2048, 4096, 16384, 1024),
    (4096, 8192, 30720, 1024),
];

/// CPU of a migration, thousandths of a core: it mostly waits for the database.
const MIGRATION_MILLICORES: u32 = 500;

/// Memory that a migration needs, MiB.
const MIGRATION_MIB: u32 = 512;

/// Days that logs are kept.
const LOG_DAYS: u32 = 30;

/// Lines that wait for the log service, MiB: what AWS found to lose nothing at some thousand lines a second (its containers
/// blog, "Preventing log loss with non-blocking mode in the awslogs container log driver").
const LOG_BUFFER_MIB: u32 = 25;

/// Images that the registry keeps, of the service and of the worker together.
const IMAGES_KEPT: u32 = 100;

/// What the load balancer asks. With a query, not a path of its own: versions from before it, and code of others, answer the
/// path without it.
const HEALTH_PATH: &str = "/readyz?started";

/// Seconds between two checks of the load balancer.
const HEALTH_INTERVAL_SECONDS: u32 = 10;

/// Checks in a row that make a task healthy.
const HEALTHY_THRESHOLD: u32 = 2;

/// Checks in a row that make it unhealthy.
const UNHEALTHY_THRESHOLD: u32 = 3;

/// Seconds in which a task need not be healthy yet.
const START_SECONDS: u32 = 60;

/// Tasks during a deploy, in percent of those that are wanted.
const MAXIMUM_PERCENT: u32 = 200;

/// Seconds that a rollout may take: three failed starts, which make ECS give up, in less than half of it.
const ROLLOUT_SECONDS: u32 = 1200;

/// Seconds that a migration may take.
const MIGRATION_SECONDS: u32 = 660;

/// Seconds between two steps of the autoscaler, up and down.
const SCALE_SECONDS: (u32, u32) = (30, 300);

/// Share of failed requests at which the alarm goes off, percent, and fewest requests in a minute for it to mean something.
const ALARM: (u32, u32) = (5, 20);

/// Settings of ECS on Fargate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Ecs {
    /// The service's task.
    pub service: Task,
    /// The worker's; none without one.
    pub worker: Option<Task>,
    /// The migration's.
    pub migration: Task,
    /// Where the images of an environment are kept.
    pub registry: &'static str,
    /// How what a deploy does not change is made.
    pub foundation: &'static str,
    /// Images that are kept there.
    pub images_kept: u32,
    /// Days that logs are kept.
    pub log_days: u32,
    /// Lines that wait for the log service, MiB.
    pub log_buffer_mib: u32,
    /// What the load balancer asks.
    pub health_path: &'static str,
    /// Seconds between two checks of the load balancer.
    pub health_interval_seconds: u32,
    /// Checks in a row that make a task healthy.
    pub healthy_threshold: u32,
    /// Checks in a row that make it unhealthy.
    pub unhealthy_threshold: u32,
    /// Seconds in which a task need not be healthy yet.
    pub start_seconds: u32,
    /// Tasks during a deploy, in percent of those that are wanted.
    pub maximum_percent: u32,
    /// Seconds after which a request is slow, as `CloudWatch` takes them.
    pub slow_seconds: String,
    /// Seconds that a rollout may take.
    pub rollout_seconds: u32,
    /// Seconds that a migration may take.
    pub migration_seconds: u32,
    /// Seconds between two steps of the autoscaler up.
    pub scale_out_seconds: u32,
    /// Seconds between two steps of the autoscaler down.
    pub scale_in_seconds: u32,
    /// Share of failed requests at which the alarm goes off, percent.
    pub alarm_failed_percent: u32,
    /// Fewest requests in a minute for that share to mean something.
    pub alarm_fewest_requests: u32,
}

/// One kind of task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Task {
    /// Name of its container, and of its streams in the log.
    pub name: &'static str,
    /// CPU, 1024 for one core.
    pub cpu: u32,
    /// Memory, MiB.
    pub memory_mib: u32,
}

/// The smallest task of Fargate that has at least this many thousandths of a core and MiB; the largest where none has.
#[must_use]
pub fn size(millicores: u32, memory_mib: u32) -> (u32, u32) {
    let fitting = SIZES.iter().find(|(cpu, _, most, _)| cpu * 1000 >= millicores * 1024 && *most >= memory_mib);
    let &(cpu, least, most, step) = fitting.unwrap_or(&SIZES[SIZES.len() - 1]);
    (cpu, memory_mib.next_multiple_of(step).clamp(least, most))
}

fn task(name: &'static str, millicores: u32, memory_mib: u32) -> Task {
    let (cpu, memory_mib) = size(millicores, memory_mib);
    Task { name, cpu, memory_mib }
}

/// Decides all of it; none on other platforms.
pub(super) fn decide(
    platform: Platform,
    resources: &Resources,
    worker: Option<&Worker>,
    watch: &Watch,
    has_database: bool,
    ledger: &mut Ledger,
) -> Option<Ecs> {
    if platform != Platform::Ecs {
        return None;
    }
    let of = |name, it: &Resources| task(name, it.cpu_limit_millicores, it.memory_mib);
    let (registry, foundation) = places(ledger);
    let (log_days, log_buffer_mib) = logs(ledger);
    let health_path = health(ledger);
    let (unhealthy_threshold, start_seconds, maximum_percent) = rollout(ledger);
    let migration_seconds = if has_database { migration(ledger) } else { MIGRATION_SECONDS };
    Some(Ecs {
        service: of("service", resources),
        worker: worker.map(|it| of("worker", &it.resources)),
        migration: task("migrate", MIGRATION_MILLICORES, MIGRATION_MIB),
        registry,
        foundation,
        images_kept: IMAGES_KEPT,
        log_days,
        log_buffer_mib,
        health_path,
        health_interval_seconds: HEALTH_INTERVAL_SECONDS,
        healthy_threshold: HEALTHY_THRESHOLD,
        unhealthy_threshold,
        start_seconds,
        maximum_percent,
        slow_seconds: format!("{}.{:03}", watch.slow_ms / 1000, watch.slow_ms % 1000),
        rollout_seconds: ROLLOUT_SECONDS,
        migration_seconds,
        scale_out_seconds: SCALE_SECONDS.0,
        scale_in_seconds: SCALE_SECONDS.1,
        alarm_failed_percent: ALARM.0,
        alarm_fewest_requests: ALARM.1,
    })
}

fn places(ledger: &mut Ledger) -> (&'static str, &'static str) {
    let registry = ledger.decide(
        "ecs.registry",
        "Tasks pull their image from",
        "Amazon ECR",
        "",
        "each environment has a registry of its own, to which its deploy copies the image by digest after its provenance was checked: tasks pull it with a role, and start while GitHub is down",
    );
    ledger.rejected(
        "ghcr.io with repositoryCredentials",
        "a person's token, which somebody has to renew, in the account's secrets; and no task starts, not even after a crash, while ghcr.io does not answer",
    );
    ledger.rejected(
        "A pull-through cache of ghcr.io",
        "the same token, and the first task of a version still waits for ghcr.io",
    );
    let foundation = ledger.decide(
        "ecs.foundation",
        "What deploys stand on is made by",
        "CloudFormation",
        "",
        "one stack for each environment has roles, network rules, secret, log and registry, made by an administrator; a deploy registers tasks and updates services by the API, so that its role can change none of the rights",
    );
    ledger.rejected(
        "The services in the stack too",
        "whoever deploys would have to be allowed to change roles, and a rollout that fails would leave a stack to repair",
    );
    (registry, foundation)
}

fn logs(ledger: &mut Ledger) -> (u32, u32) {
    let days = ledger.decide(
        "ecs.log_days",
        "Logs are kept for",
        LOG_DAYS,
        "days",
        "a month shows what the last releases did; CloudWatch keeps them for ever, and charges for it, unless it is told",
    );
    let buffer = ledger.decide(
        "ecs.log_buffer_mib",
        "Lines that wait for CloudWatch",
        LOG_BUFFER_MIB,
        "MiB",
        "a service that waits for its log stands still when CloudWatch does; beyond this much, lines are lost instead",
    );
    (days, buffer)
}

fn health(ledger: &mut Ledger) -> &'static str {
    let path = ledger.decide(
        "ecs.health_path",
        "The load balancer asks",
        HEALTH_PATH,
        "",
        "whether a task has been ready once: ECS replaces tasks that fail this check. A version that never reaches what it needs is taken back; in an outage the tasks that are there stay, which answer what needs nothing else and are there when it ends. One that starts during an outage is replaced until it ends",
    );
    ledger.rejected(
        "/readyz",
        "in an outage of the database ECS replaces every task, again and again: that mends nothing, and costs the warm ones",
    );
    ledger.rejected("/livez", "a version that reaches nothing would pass its rollout");
    ledger.rejected(
        "A path of its own, such as /startedz",
        "a version from before it answers 404: ECS would replace its tasks once the foundation asks for it, and nothing could go back to it. Without the query they answer whether they are ready",
    );
    path
}

fn rollout(ledger: &mut Ledger) -> (u32, u32, u32) {
    let unhealthy = ledger.decide(
        "ecs.unhealthy_threshold",
        "Failed checks that make a task unhealthy",
        UNHEALTHY_THRESHOLD,
        "",
        format!("{HEALTH_INTERVAL_SECONDS} s apart: the task answers nothing any more, or has not been ready since it started. ECS starts a successor first, and stops the task when that is healthy"),
    );
    let start = ledger.decide(
        "ecs.start_seconds",
        "A task need not be healthy for",
        START_SECONDS,
        "s",
        "a start takes seconds, and one good answer makes it healthy; the load balancer asks from the first one on. What has not been ready by then counts as a failed start",
    );
    let percent = ledger.decide(
        "ecs.maximum_percent",
        "Tasks during a deploy",
        MAXIMUM_PERCENT,
        "%",
        "all of the new version start beside all of the old one, which go when the new ones are healthy; what does not become healthy, ECS takes back by itself (deployment circuit breaker)",
    );
    ledger.rejected(
        "Fewer at once",
        "a deploy would take several times as long, with both versions serving all the while",
    );
    (unhealthy, start, percent)
}

fn migration(ledger: &mut Ledger) -> u32 {
    ledger.decide(
        "ecs.migration_seconds",
        "A migration may take",
        MIGRATION_SECONDS,
        "s",
        "with the time to start its task; one that takes longer is to be done in steps, beside the releases",
    )
}

#[cfg(test)]
mod tests {
    use super::size;

    #[test]
    fn sizes_are_the_smallest_that_fargate_has() {
        assert_eq!(size(1000, 512), (1024, 2048));
        assert_eq!(size(500, 512), (512, 1024));
        assert_eq!(size(250, 512), (256, 512));
        assert_eq!(size(250, 600), (256, 1024));
        assert_eq!(size(250, 2049), (512, 3072));
        assert_eq!(size(1001, 512), (2048, 4096));
        assert_eq!(size(100_000, 100_000), (4096, 30720));
    }
}
