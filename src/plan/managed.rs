//! What a managed platform is told about one instance, beside the limits that every platform has.

use serde::Serialize;

use super::capacity::{ANSWER_MS_PER_REQUEST, requests_at_once};
use super::decision::Ledger;
use super::platform::Platform;
use super::scale::Scale;

/// Seconds after which the platform gives up on an answer.
const ANSWER_SECONDS: u32 = 30;

/// Settings of managed containers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Managed {
    /// Requests that one instance has at once, at most.
    pub concurrency: u32,
    /// Seconds after which the platform gives up on an answer.
    pub answer_seconds: u32,
}

/// Decides them; none on other platforms.
pub(super) fn decide(platform: Platform, scale: &Scale, ledger: &mut Ledger) -> Option<Managed> {
    if platform != Platform::CloudRun {
        return None;
    }
    let concurrency = ledger.decide(
        "managed.concurrency",
        "Requests that one instance has at once",
        requests_at_once(scale.rps_per_replica),
        "",
        format!(
            "{} requests/s that take {ANSWER_MS_PER_REQUEST} ms each, rounded up to tens; more would wait inside one instance \
             while another could be started",
            scale.rps_per_replica
        ),
    );
    ledger.from(&["scale.rps-per-replica"]);
    let answer_seconds = ledger.decide(
        "managed.answer_seconds",
        "Longest answer",
        ANSWER_SECONDS,
        "s",
        "longer than anybody waits; a request that is stuck must not hold its place in an instance for minutes",
    );
    Some(Managed { concurrency, answer_seconds })
}
