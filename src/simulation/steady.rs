//! One instance at several loads.

use serde::Serialize;

use super::fleet::Fleet;
use super::inputs::Inputs;
use super::latency::Latency;
use super::scenario::quantiles_ms;

/// Loads, in percent of what one event loop serves.
const PERCENTS: [u32; 8] = [10, 30, 50, 60, 70, 80, 90, 120];

/// Seconds for which each load lasts, beginning with an idle instance.
pub const STEADY_SECONDS: u32 = 10;

/// One instance at one load, for [`STEADY_SECONDS`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Steady {
    /// Requests per second.
    pub load: f64,
    /// The load in percent of what one event loop serves.
    pub percent: u32,
    /// Milliseconds within which half of the answers come.
    pub p50_ms: f64,
    /// The same for 95 of 100.
    pub p95_ms: f64,
    /// The same for 99 of 100.
    pub p99_ms: f64,
    /// Requests that were answered while it lasted, per second.
    pub answered_per_second: f64,
    /// Requests that failed, percent.
    pub failed_percent: f64,
}

/// All loads.
pub(super) fn curve(inputs: &Inputs) -> Vec<Steady> {
    PERCENTS.iter().map(|percent| at(inputs, *percent)).collect()
}

fn at(inputs: &Inputs, percent: u32) -> Steady {
    let load = inputs.stations.event_loop.capacity() * f64::from(percent) / 100.0;
    // Poolers are for all instances; one alone has them for itself.
    let mut fleet = Fleet::new(&inputs.stations, 1.0);
    let (mut latency, mut failed, mut answered) = (Latency::default(), 0.0, 0.0);
    for now in 0..STEADY_SECONDS {
        let second = fleet.step(now, load);
        failed += second.failed;
        answered += second.answered;
        latency.extend(fleet.latency(now));
    }
    let [p50_ms, p95_ms, p99_ms] = quantiles_ms(&latency);
    let failed_percent = 100.0 * failed / (load * f64::from(STEADY_SECONDS));
    let answered_per_second = answered / f64::from(STEADY_SECONDS);
    Steady { load, percent, p50_ms, p95_ms, p99_ms, answered_per_second, failed_percent }
}
