//! Memory, processor and processes of one instance.

use serde::Serialize;

use super::decision::Ledger;
use super::ecs;
use super::platform::Platform;
use crate::spec::Spec;

/// What the AWS SDK for S3 adds to that, MiB: the resident memory of a process before and after it imports it.
const SDK_MIB: u32 = 35;

/// CPU that is set aside for a worker, thousandths of a core.
pub(super) const WORKER_CPU_REQUEST: u32 = 250;

/// CPU limit of a worker, thousandths of a core.
const WORKER_CPU_LIMIT: u32 = 1000;

/// Memory of one instance where it can be had in any amount, MiB.
const MEMORY_MIB: u32 = 512;

/// What one event loop uses, thousandths of a core.
const EVENT_LOOP_MILLICORES: u32 = 1000;

/// CPU of a worker on Fargate, where what is set aside is what there is, thousandths of a core.
const FARGATE_WORKER_MILLICORES: u32 = 500;

/// Limits of one instance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Resources {
    /// Memory limit, MiB.
    pub memory_mib: u32,
    /// Memory that is set aside, MiB.
    pub memory_request_mib: u32,
    /// CPU that is set aside, thousandths of a core.
    pub cpu_request_millicores: u32,
    /// CPU limit, thousandths of a core.
    pub cpu_limit_millicores: u32,
    /// The request as Compose writes it, cores.
    pub cpu_request: String,
    /// The limit as Compose writes it, cores.
    pub cpu_limit: String,
    /// Node's old-space heap as a share of the memory limit, percent.
    pub heap_percent: u32,
    /// The same, MiB.
    pub heap_mib: u32,
    /// Most processes and threads.
    pub pids_limit: u32,
}

/// What the memory is for, in words. Of code that was there before, only the runtime is known.
fn subject(spec: &Spec) -> String {
    if spec.existing.is_some() { "a Node.js".to_owned() } else { spec.framework.with_article() }
}

/// What it takes when idle, MiB. Of code that was there before, what most services take.
fn idle_mib(spec: &Spec) -> u32 {
    let of_storage = if spec.storage { SDK_MIB } else { 0 };
    if spec.existing.is_some() { 100 } else { spec.framework.idle_mib + of_storage }
}

/// Decides all of them.
pub fn decide(spec: &Spec, platform: Platform, ledger: &mut Ledger) -> Resources {
    let (memory, whole) = match platform {
        Platform::Ecs => {
            (ecs::size(EVENT_LOOP_MILLICORES, MEMORY_MIB).1, "It is the least that Fargate has with one core")
        }
        _ => (MEMORY_MIB, "The request equals the limit, so that a busy node never has to take memory back"),
    };
    let memory_mib = ledger.decide(
        "resources.memory_mib",
        "Memory limit",
        memory,
        "MiB",
        format!(
            "{} service with its drivers takes about {} MiB when idle; the rest is heap and buffers. {whole}",
            subject(spec),
            idle_mib(spec)
        ),
    );
    match platform {
        Platform::Ecs => ledger.rejected(
            "Half a core with 1024 MiB",
            "an event loop uses a whole core, and twice as many instances would cost the same and hold twice the connections",
        ),
        _ => ledger.rejected(
            "256 MiB",
            format!(
                "beside the {} MiB that are in use when idle, too little is left for many requests at once",
                idle_mib(spec)
            ),
        ),
    };
    let heap_percent = ledger.decide(
        "resources.heap_percent",
        "Node's heap, share of the memory limit",
        75_u32,
        "%",
        "the rest is for buffers, stacks and native memory; without a share of the limit Node sizes its heap past small containers and is killed instead of collecting",
    );
    let heap_mib = ledger.decide(
        "resources.heap_mib",
        "Node's heap",
        memory_mib * heap_percent / 100,
        "MiB",
        format!("{heap_percent} % of {memory_mib} MiB"),
    );
    let (request, limit) = cpu(platform, ledger);
    let pids_limit = ledger.decide(
        "resources.pids_limit",
        "Processes and threads",
        128_u32,
        "",
        "Node runs about a dozen threads; the limit stops a fork bomb, not the service",
    );
    Resources {
        memory_mib,
        memory_request_mib: memory_mib,
        cpu_request_millicores: request,
        cpu_limit_millicores: limit,
        cpu_request: cores(request),
        cpu_limit: cores(limit),
        heap_percent,
        heap_mib,
        pids_limit,
    }
}

/// Those of a worker, where they differ.
pub(super) fn of_worker(one: &Resources, platform: Platform, ledger: &mut Ledger) -> Resources {
    if platform == Platform::Ecs {
        return of_worker_on_fargate(one, ledger);
    }
    let memory_mib = ledger.decide(
        "worker.resources.memory_mib",
        "Memory limit of a worker",
        one.memory_mib,
        "MiB",
        "as of the service: the same runtime and drivers, and in place of requests the jobs that run at once",
    );
    let request = ledger.decide(
        "worker.resources.cpu_request_millicores",
        "CPU set aside for a worker",
        WORKER_CPU_REQUEST,
        "millicores",
        "half of what the service has: jobs mostly wait, and nobody waits for them",
    );
    let limit = ledger.decide(
        "worker.resources.cpu_limit_millicores",
        "CPU limit of a worker",
        WORKER_CPU_LIMIT,
        "millicores",
        "one core for its event loop",
    );
    Resources {
        memory_mib,
        cpu_request_millicores: request,
        cpu_limit_millicores: limit,
        cpu_request: cores(request),
        cpu_limit: cores(limit),
        ..one.clone()
    }
}

/// CPU limit of a worker, thousandths of a core, and its memory, MiB, where the service has `memory_mib`.
pub(super) fn worker_limits(platform: Platform, memory_mib: u32) -> (u32, u32) {
    match platform {
        Platform::Ecs => (FARGATE_WORKER_MILLICORES, ecs::size(FARGATE_WORKER_MILLICORES, MEMORY_MIB).1),
        _ => (WORKER_CPU_LIMIT, memory_mib),
    }
}

fn of_worker_on_fargate(one: &Resources, ledger: &mut Ledger) -> Resources {
    let (millicores, memory) = worker_limits(Platform::Ecs, one.memory_mib);
    let memory_mib = ledger.decide(
        "worker.resources.memory_mib",
        "Memory limit of a worker",
        memory,
        "MiB",
        "the least that Fargate has with half a core",
    );
    let why = "half of what the service has: jobs mostly wait, and nobody waits for them";
    ledger.decide(
        "worker.resources.cpu_request_millicores",
        "CPU set aside for a worker",
        millicores,
        "millicores",
        why,
    );
    let why = "the same: Fargate gives a task what it pays for, and no more";
    ledger.decide("worker.resources.cpu_limit_millicores", "CPU limit of a worker", millicores, "millicores", why);
    Resources {
        memory_mib,
        memory_request_mib: memory_mib,
        cpu_request_millicores: millicores,
        cpu_limit_millicores: millicores,
        cpu_request: cores(millicores),
        cpu_limit: cores(millicores),
        heap_mib: memory_mib * one.heap_percent / 100,
        ..one.clone()
    }
}

fn cpu(platform: Platform, ledger: &mut Ledger) -> (u32, u32) {
    let (request, request_why): (u32, _) = match platform {
        Platform::Kubernetes | Platform::CloudRun | Platform::Ecs => {
            (1000, "one event loop uses one core; the capacity of an instance is measured on one")
        }
        Platform::Compose => (500, "half a core is set aside, so that the slots of a deploy fit beside the database"),
    };
    let (limit, limit_why): (u32, _) = match platform {
        Platform::Kubernetes => {
            (2000, "one core for the event loop, one for garbage collection and the thread pool at bursts")
        }
        Platform::CloudRun | Platform::Ecs => {
            (1000, "the same: what is set aside is what there is, and a second core would be paid for and mostly idle")
        }
        Platform::Compose => (1000, "one core for the event loop; the database on the same machine keeps the others"),
    };
    let request =
        ledger.decide("resources.cpu_request_millicores", "CPU set aside", request, "millicores", request_why);
    let limit = ledger.decide("resources.cpu_limit_millicores", "CPU limit", limit, "millicores", limit_why);
    (request, limit)
}

/// `1500` as `1.5`.
fn cores(millicores: u32) -> String {
    let text = format!("{}.{:03}", millicores / 1000, millicores % 1000);
    let short = text.trim_end_matches('0');
    if short.ends_with('.') { format!("{short}0") } else { short.to_owned() }
}

#[cfg(test)]
mod tests {
    #[test]
    fn cores_have_a_decimal() {
        assert_eq!(super::cores(1000), "1.0");
        assert_eq!(super::cores(1500), "1.5");
        assert_eq!(super::cores(250), "0.25");
    }
}
