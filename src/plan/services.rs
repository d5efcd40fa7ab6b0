//! The containers beside the service: database, Redis, proxy; their sizes, checks and logs.

use serde::Serialize;

use super::capacity::{CONTAINER_CONNECTIONS, SYSTEM_MIB, machine_cores};
use super::database::container_connections;
use super::decision::Ledger;
use super::platform::Platform;
use super::resources::Resources;
use super::scale::Scale;
use super::worker::Worker;
use crate::spec::Spec;

/// Everything that Compose runs beside the service, locally and on one machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Services {
    /// The database container.
    pub postgres: Postgres,
    /// The Redis container.
    pub redis: Redis,
    /// The proxy on one machine.
    pub caddy: Limits,
    /// Health checks of containers.
    pub healthcheck: Healthcheck,
    /// Log files of a container.
    pub logging: Logging,
    /// Size of `/tmp` in memory, MiB. It counts against the memory limit.
    pub tmp_mib: u32,
    /// The deploy to one machine.
    pub deploy: DeploySettings,
    /// The one machine, on that platform.
    pub machine: Option<Machine>,
}

/// Limits of a container.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Limits {
    /// Memory limit, MiB.
    pub memory_mib: u32,
    /// Memory that is set aside, MiB.
    pub memory_request_mib: u32,
    /// CPU limit, cores.
    pub cpu_limit: &'static str,
    /// CPU that is set aside, cores.
    pub cpu_request: &'static str,
    /// Most processes and threads.
    pub pids_limit: u32,
}

/// The database container.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Postgres {
    /// Limits.
    #[serde(flatten)]
    pub limits: Limits,
    /// Connections that the server allows.
    pub max_connections: u32,
    /// Numeric user and group of the image.
    pub user: &'static str,
    /// Cache of the server, MiB: a quarter of the memory, as the PostgreSQL manual advises.
    pub shared_buffers_mib: u32,
    /// `/dev/shm`, MiB: parallel queries exchange rows there; the default of 64 is too small for them.
    pub shm_mib: u32,
    /// Seconds for a shutdown checkpoint.
    pub grace_seconds: u32,
    /// Seconds for crash recovery before a failing check counts.
    pub start_period_seconds: u32,
}

/// The Redis container.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Redis {
    /// Limits.
    #[serde(flatten)]
    pub limits: Limits,
    /// Numeric user and group of the image.
    pub user: &'static str,
    /// Data at most, MiB: the rest of the limit is for what is copied while a snapshot or a log is written.
    pub maxmemory_mib: u32,
    /// What happens when that is used up.
    pub policy: &'static str,
    /// Whether every write is logged on the disk, so that a restart loses at most the last second.
    pub durable: bool,
    /// The same as Redis takes it.
    pub appendonly: &'static str,
}

/// Health checks of containers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Healthcheck {
    /// Seconds between checks.
    pub interval_seconds: u32,
    /// Seconds that one may take.
    pub timeout_seconds: u32,
    /// Failures in a row that make a container unhealthy.
    pub retries: u32,
    /// Seconds after the start in which failures do not count.
    pub start_period_seconds: u32,
    /// Seconds between checks in that time.
    pub start_interval_seconds: u32,
}

/// Log files of a container.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Logging {
    /// Size at which a file is rotated, MiB.
    pub max_size_mib: u32,
    /// Files that are kept.
    pub max_files: u32,
}

/// What the one machine must have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Machine {
    /// Cores.
    pub cores: u32,
    /// Memory, GiB.
    pub memory_gib: u32,
}

/// The deploy to one machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct DeploySettings {
    /// Seconds in which a new slot must become healthy.
    pub slot_timeout_seconds: u32,
    /// Days that a backup is kept on the machine.
    pub backup_keep_days: u32,
}

/// Decides all of them.
pub fn decide(
    spec: &Spec,
    platform: Platform,
    scale: &Scale,
    one: &Resources,
    worker: Option<&Worker>,
    ledger: &mut Ledger,
) -> Services {
    let healthcheck = healthcheck(ledger);
    let mut services = Services {
        postgres: postgres(spec),
        redis: redis(spec.queue, ledger),
        caddy: Limits {
            memory_mib: 256,
            memory_request_mib: 64,
            cpu_limit: "1.0",
            cpu_request: "0.1",
            pids_limit: 128,
        },
        healthcheck,
        logging: Logging { max_size_mib: 10, max_files: 3 },
        tmp_mib: 64,
        deploy: DeploySettings { slot_timeout_seconds: 120, backup_keep_days: 14 },
        machine: None,
    };
    if platform == Platform::Compose {
        services.machine = Some(machine(spec, &services, scale, one, worker, ledger));
        record_on_machine(&mut services, spec, ledger);
    }
    services
}

fn postgres(spec: &Spec) -> Postgres {
    Postgres {
        max_connections: container_connections(spec),
        limits: Limits {
            memory_mib: 1024,
            memory_request_mib: 512,
            cpu_limit: "1.0",
            cpu_request: "0.5",
            pids_limit: 256,
        },
        user: "999:999",
        shared_buffers_mib: 256,
        shm_mib: 128,
        grace_seconds: 60,
        start_period_seconds: 60,
    }
}

fn redis(queue: bool, ledger: &mut Ledger) -> Redis {
    if queue {
        return redis_of_queue(ledger);
    }
    Redis {
        limits: Limits {
            memory_mib: 256,
            memory_request_mib: 128,
            cpu_limit: "0.5",
            cpu_request: "0.1",
            pids_limit: 64,
        },
        user: "999:999",
        maxmemory_mib: 192,
        policy: "allkeys-lru",
        durable: false,
        appendonly: "no",
    }
}

/// One that holds jobs: it drops nothing, and has them again after a restart.
fn redis_of_queue(ledger: &mut Ledger) -> Redis {
    let memory_mib = 512;
    let maxmemory_mib = ledger.decide(
        "redis.maxmemory_mib",
        "Data in Redis",
        256_u32,
        "MiB",
        format!(
            "half of the {memory_mib} MiB of the container: while the log is rewritten, what changes is there twice. Full, it \
             refuses new jobs and drops none"
        ),
    );
    ledger.from(&["stack.queue"]);
    let policy = ledger.decide(
        "redis.policy",
        "When Redis is full",
        "noeviction",
        "",
        "it holds jobs: one that was dropped is never run, and nobody learns of it",
    );
    ledger.from(&["stack.queue"]);
    ledger
        .rejected("A second Redis for what may be dropped", "counters end by themselves within minutes and are small");
    let durable = ledger.decide(
        "redis.durable",
        "Redis logs every write on the disk",
        true,
        "",
        "jobs outlive a restart; a crash of the machine loses at most the last second",
    );
    ledger.from(&["stack.queue"]);
    Redis {
        limits: Limits { memory_mib, memory_request_mib: 256, cpu_limit: "0.5", cpu_request: "0.1", pids_limit: 64 },
        user: "999:999",
        maxmemory_mib,
        policy,
        durable,
        appendonly: if durable { "yes" } else { "no" },
    }
}

fn healthcheck(ledger: &mut Ledger) -> Healthcheck {
    let mut check = Healthcheck {
        interval_seconds: 10,
        timeout_seconds: 5,
        retries: 3,
        start_period_seconds: 30,
        start_interval_seconds: 1,
    };
    check.interval_seconds = ledger.decide(
        "healthcheck.interval_seconds",
        "Health check of a container",
        check.interval_seconds,
        "s",
        format!(
            "{} failures in a row, {} s apart, are an outage and not a hiccup; while it starts, every {} s, so that a deploy does not wait",
            check.retries, check.interval_seconds, check.start_interval_seconds
        ),
    );
    check
}

/// All limits of the busiest moment, a deploy, at once.
fn machine(
    spec: &Spec,
    services: &Services,
    scale: &Scale,
    one: &Resources,
    worker: Option<&Worker>,
    ledger: &mut Ledger,
) -> Machine {
    let workers = worker.map_or(0, |it| it.replicas);
    let cores = ledger.decide(
        "machine.cores",
        "Cores of the machine",
        machine_cores(scale.slot_replicas + workers),
        "",
        format!(
            "at least: one for each instance{}, and as many again for a deploy and what runs beside the service",
            if worker.is_some() { " and each worker" } else { "" }
        ),
    );
    let instances = scale.most_instances * one.memory_mib;
    let database = if spec.database { services.postgres.limits.memory_mib } else { 0 };
    let redis = if spec.redis { services.redis.limits.memory_mib } else { 0 };
    let of_workers = worker.map_or(0, |it| it.most_instances * it.resources.memory_mib);
    let beside = database + redis + services.caddy.memory_mib + of_workers;
    let memory_gib = ledger.decide(
        "machine.memory_gib",
        "Memory of the machine",
        (instances + beside + SYSTEM_MIB).div_ceil(1024),
        "GiB",
        format!(
            "at least: {} instances during a deploy with {} MiB each, {beside} MiB for what runs beside them, {SYSTEM_MIB} MiB \
             for the system",
            scale.most_instances, one.memory_mib
        ),
    );
    Machine { cores, memory_gib }
}

fn record_on_machine(services: &mut Services, spec: &Spec, ledger: &mut Ledger) {
    if spec.database {
        services.postgres.limits.memory_mib = ledger.decide(
            "postgres.memory_mib",
            "Memory of the database",
            services.postgres.limits.memory_mib,
            "MiB",
            format!(
                "{} MiB of shared buffers, a quarter of it; raise both together when the working set outgrows them",
                services.postgres.shared_buffers_mib
            ),
        );
        services.postgres.max_connections = ledger.decide(
            "postgres.max_connections",
            "Connections that the database allows",
            services.postgres.max_connections,
            "",
            format!(
                "scale.db-max-connections, and at most {CONTAINER_CONNECTIONS}: each is a process, and the container has {}",
                services.postgres.limits.pids_limit
            ),
        );
        ledger.from(&["scale.db-max-connections"]);
    }
    if spec.database || spec.existing.as_ref().is_some_and(|it| !it.kept.is_empty()) {
        services.deploy.backup_keep_days = ledger.decide(
            "deploy.backup_keep_days",
            "Backups kept on the machine",
            services.deploy.backup_keep_days,
            "days",
            "longer than it takes to notice a wrong migration; copy them off the machine as well",
        );
    }
    services.deploy.slot_timeout_seconds = ledger.decide(
        "deploy.slot_timeout_seconds",
        "A new slot becomes healthy within",
        services.deploy.slot_timeout_seconds,
        "s",
        "a start takes seconds; after this the deploy gives up and the old slot goes on serving",
    );
}
