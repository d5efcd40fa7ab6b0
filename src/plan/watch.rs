//! How a new version is watched after its smoke test, and what takes it back.

use serde::Serialize;

use super::decision::Ledger;
use crate::spec::{Availability, Spec};

/// Minutes that a production deploy is watched.
const MINUTES: u32 = 5;

/// Seconds between two looks at the counts.
const PAUSE_SECONDS: u32 = 30;

/// Milliseconds after which an answer counts as slow: beyond one second people notice that they wait (Nielsen, "Response
/// Times: The 3 Important Limits").
const SLOW_MS: u32 = 1000;

/// Share of slow answers that takes a version back, percent.
const MOST_SLOW_PERCENT: u32 = 5;

/// How many times the share of failures that the availability target leaves may fail while somebody watches.
const TIMES_THE_TARGET: u32 = 10;

/// Bounds of the share of failures, percent: below one, single failures decide; above five, nobody would call it working.
const FAILED_PERCENT: (u32, u32) = (1, 5);

/// Failures that a share has to stand for before it says something.
const TELLING_FAILURES: u32 = 5;

/// How a new version is watched, and what takes it back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Watch {
    /// Minutes of it.
    pub minutes: u32,
    /// Seconds between two looks.
    pub pause_seconds: u32,
    /// Looks in all.
    pub looks: u32,
    /// Percent of the requests that may fail (5xx).
    pub most_failed_percent: u32,
    /// Milliseconds after which an answer is slow.
    pub slow_ms: u32,
    /// Percent of the requests that may be slow.
    pub most_slow_percent: u32,
    /// Requests below which the shares say nothing.
    pub fewest_requests: u32,
}

/// Decides all of it.
pub fn decide(spec: &Spec, ledger: &mut Ledger) -> Watch {
    let minutes = ledger.decide(
        "watch.minutes",
        "A deploy to production is watched for",
        MINUTES,
        "min",
        format!(
            "what a new version breaks shows in its first minutes under real requests; asked every {PAUSE_SECONDS} s, and each minute more keeps the next deploy waiting"
        ),
    );
    let most_failed_percent = most_failed_percent(spec, ledger);
    let slow_ms = ledger.decide(
        "watch.slow_ms",
        "A request is slow after",
        SLOW_MS,
        "ms",
        "beyond one second people notice that they wait",
    );
    let most_slow_percent = ledger.decide(
        "watch.most_slow_percent",
        "Share of slow requests that takes a new version back",
        MOST_SLOW_PERCENT,
        "%",
        "above it; a cold cache and a first connection are slow too, and rarer",
    );
    let fewest_requests = ledger.decide(
        "watch.fewest_requests",
        "Fewest requests that say something",
        TELLING_FAILURES * 100 / most_failed_percent,
        "",
        format!(
            "{TELLING_FAILURES} failures are {most_failed_percent} % of it, so that one broken request takes no version back; fewer in {minutes} min are judged as if so many had come, the others all well"
        ),
    );
    Watch {
        minutes,
        pause_seconds: PAUSE_SECONDS,
        looks: minutes * 60 / PAUSE_SECONDS,
        most_failed_percent,
        slow_ms,
        most_slow_percent,
        fewest_requests,
    }
}

fn most_failed_percent(spec: &Spec, ledger: &mut Ledger) -> u32 {
    let (least, most) = FAILED_PERCENT;
    let target: Availability = spec.scale.availability;
    let share = ledger.decide(
        "watch.most_failed_percent",
        "Share of failed requests that takes a new version back",
        (target.thousandths_down() * TIMES_THE_TARGET).div_ceil(1000).clamp(least, most),
        "%",
        format!(
            "above it; {TIMES_THE_TARGET} times what {target} % leave, and from {least} to {most}: less is noise, and more is no longer working"
        ),
    );
    ledger.from(&["scale.availability"]);
    share
}
