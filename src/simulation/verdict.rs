//! What the scenarios mean: whether the sizing holds, what gives first, and what to change.

use serde::Serialize;

use super::fleet::Stations;
use super::inputs::{Inputs, number};
use super::queue::Station;
use super::scenario::{self, Kind, Run};
use crate::plan::capacity::{POOL_MAX, RISE_SECONDS};

/// Steps in which the fastest rise is looked for, seconds.
const RISE_STEP: u32 = 15;

/// The verdict on a plan.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Verdict {
    /// Whether all scenarios hold.
    pub holds: bool,
    /// In one sentence.
    pub says: String,
    /// The scenarios, in their order.
    pub scenarios: Vec<Judged>,
    /// What gives first when the load grows beyond the peak: `event-loop`, `pool` or `pooler`.
    pub gives_first: &'static str,
    /// Requests per second at which it gives, with all instances, of one region.
    pub capacity: f64,
    /// Seconds of the steepest rise that holds; none where the number of instances is fixed, or where no rise does.
    pub steepest_rise_seconds: Option<u32>,
    /// What to change, where it does not hold.
    pub changes: Vec<String>,
}

/// One scenario, judged.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Judged {
    /// What happens.
    pub kind: Kind,
    /// The same for people.
    pub title: String,
    /// Whether the sizing stands it.
    pub holds: bool,
    /// Milliseconds within which 99 of 100 answers come, when they take longest.
    pub worst_p99_ms: f64,
    /// Requests that fail, as seconds of a full outage at the peak.
    pub outage_seconds: f64,
    /// In one sentence.
    pub says: String,
}

/// What can be full.
struct Part {
    id: &'static str,
    name: &'static str,
    capacity: f64,
}

/// Judges the scenarios.
pub(super) fn judge(inputs: &Inputs, runs: &[Run]) -> Verdict {
    let scenarios: Vec<Judged> = runs.iter().map(|run| judged(inputs, run)).collect();
    let holds = scenarios.iter().all(|it| it.holds);
    let weakest = weakest(inputs);
    let steepest = steepest_rise(inputs);
    Verdict {
        holds,
        says: says(inputs, holds, &weakest, steepest),
        gives_first: weakest.id,
        capacity: weakest.capacity,
        steepest_rise_seconds: steepest,
        changes: if holds { Vec::new() } else { changes(inputs, &scenarios, &weakest) },
        scenarios,
    }
}

/// Requests as seconds in which all of them fail.
fn outage_seconds(inputs: &Inputs, run: &Run) -> f64 {
    run.failed / inputs.peak.max(1.0)
}

/// A loss may make answers slow for as long as it may make them fail; a rise and a deploy are no accidents.
fn holds(inputs: &Inputs, run: &Run) -> bool {
    let lost = match run.kind {
        Kind::LostInstance => outage_seconds(inputs, run) + run.slow_answers / inputs.peak.max(1.0),
        Kind::Rise | Kind::Deploy => outage_seconds(inputs, run),
    };
    lost <= inputs.allowance_seconds && (run.kind == Kind::LostInstance || !run.slow)
}

fn judged(inputs: &Inputs, run: &Run) -> Judged {
    let (worst_p99_ms, outage_seconds) = (run.worst_p99_ms(), outage_seconds(inputs, run));
    let failed = if run.failed < 0.5 {
        "no request fails".to_owned()
    } else {
        format!("{:.0} requests fail, as in {} s of a full outage", run.failed, number(outage_seconds))
    };
    Judged {
        kind: run.kind,
        title: title(inputs, run),
        holds: holds(inputs, run),
        worst_p99_ms,
        outage_seconds,
        says: format!("99 of 100 answers within {} at the worst; {failed}{}", time(worst_p99_ms), slow(inputs, run)),
    }
}

fn slow(inputs: &Inputs, run: &Run) -> String {
    if run.slow_answers < 0.5 {
        return String::new();
    }
    format!("; {:.0} answers take longer than {} s", run.slow_answers, number(inputs.slow_seconds))
}

fn title(inputs: &Inputs, run: &Run) -> String {
    let peak = number(inputs.peak);
    match run.kind {
        Kind::Rise => {
            format!("{} to {peak} requests/s within {} s", number(inputs.trough), run.ends - run.begins)
        }
        Kind::LostInstance => format!(
            "One of {} instances is lost at {peak} requests/s, and back {} s later",
            scenario::at_peak(inputs),
            run.ends - run.begins
        ),
        Kind::Deploy => {
            format!("A deploy at {peak} requests/s, which takes {} s", run.ends - run.begins)
        }
    }
}

/// Milliseconds, or seconds where there are many.
pub(super) fn time(ms: f64) -> String {
    if ms < 1000.0 { format!("{ms:.0} ms") } else { format!("{:.1} s", ms / 1000.0) }
}

/// Where an instance is full before its event loop is so busy, its pool is why.
const BUSY_LOOP: f64 = 0.85;

/// What is full first, with all instances.
fn weakest(inputs: &Inputs) -> Part {
    let stations = &inputs.stations;
    let of_instances = stations.of_one() * f64::from(inputs.most);
    let pooler = stations.pooler.as_ref().map(Station::capacity);
    if let Some(capacity) = pooler.filter(|it| *it < of_instances) {
        Part { id: "pooler", name: "the connections behind the poolers", capacity }
    } else if stations.of_one() < BUSY_LOOP * stations.event_loop.capacity() {
        Part { id: "pool", name: "the pools of connections", capacity: of_instances }
    } else {
        Part { id: "event-loop", name: "the event loops", capacity: of_instances }
    }
}

fn says(inputs: &Inputs, holds: bool, weakest: &Part, steepest: Option<u32>) -> String {
    let share = 100.0 * weakest.capacity / inputs.peak.max(1.0);
    let first = format!(
        "What gives first are {}, at {:.0} requests/s ({share:.0} % of the peak)",
        weakest.name, weakest.capacity
    );
    match (holds, steepest) {
        (false, _) => format!("The sizing does not hold. {first}."),
        (true, Some(seconds)) if seconds > 0 => format!(
            "The sizing holds. {first}; in a rise steeper than {seconds} s it is the autoscaler, which is too late."
        ),
        (true, _) => format!("The sizing holds. {first}."),
    }
}

/// The seconds of the steepest rise that holds, where an autoscaler has to follow.
fn steepest_rise(inputs: &Inputs) -> Option<u32> {
    inputs.autoscaler?;
    let stands = |steps: u32| holds(inputs, &scenario::outcome_of_rise(inputs, steps * RISE_STEP));
    let (mut low, mut high) = (0, RISE_SECONDS / RISE_STEP);
    if !stands(high) {
        return None;
    }
    while low < high {
        let middle = u32::midpoint(low, high);
        if stands(middle) { high = middle } else { low = middle + 1 }
    }
    Some(high * RISE_STEP)
}

fn changes(inputs: &Inputs, judged: &[Judged], weakest: &Part) -> Vec<String> {
    let mut changes = Vec::new();
    // Nothing that is full nine tenths of the time answers fast.
    let needed = inputs.peak / 0.9;
    if weakest.capacity < needed {
        changes.push(match weakest.id {
            "event-loop" => format!(
                "Measure what one instance serves (scale.rps-per-replica), or raise the number of instances: {} are too few.",
                inputs.most
            ),
            _ => format!(
                "Raise scale.db-max-connections, and max_connections of the database, by a factor of {}: {:.0} requests/s keep {:.0} connections busy all the time.",
                number((needed / weakest.capacity * 10.0).ceil() / 10.0),
                inputs.peak,
                (inputs.peak * inputs.stations.pool.as_ref().map_or(0.0, Station::service)).ceil()
            ),
        });
    }
    let fails = |kind: Kind| judged.iter().any(|it| it.kind == kind && !it.holds);
    if weakest.id == "pool" && weakest.capacity >= needed {
        changes.extend(larger_pools(inputs));
    } else if fails(Kind::Rise) && weakest.capacity >= needed {
        changes.extend(more_at_the_quietest_hour(inputs));
    }
    if changes.is_empty() {
        changes.push(format!(
            "Have more to spare at the peak than {} instances: a load test may show that each serves more (scale.rps-per-replica) and \
             has room, or the peak is planned higher (scale.peak-rps).",
            scenario::at_peak(inputs)
        ));
    }
    changes
}

/// The smallest pool with which the event loop is what gives first.
fn larger_pools(inputs: &Inputs) -> Option<String> {
    const MOST: u32 = 100;
    let stations = &inputs.stations;
    let (event_loop, now) = (&stations.event_loop, stations.pool.as_ref()?);
    let is_enough = |connections: &u32| {
        let pool = Station::new(*connections, now.service(), 1.0);
        Stations::new(event_loop.clone(), Some(pool), None).of_one() >= BUSY_LOOP * event_loop.capacity()
    };
    if now.servers() >= f64::from(POOL_MAX) {
        return Some(format!(
            "An instance has no more than {POOL_MAX} connections. Set scale.rps-per-replica to what a load test with so many shows: an \
             instance that serves as many as now has faster queries than the plan assumes."
        ));
    }
    let enough = (1..=MOST).find(is_enough)?;
    Some(format!(
        "Raise scale.db-max-connections, and max_connections of the database, until an instance has {enough} connections ({} now): a \
         busy event loop holds them longer than their queries take.",
        now.servers()
    ))
}

/// The fewest instances from which the autoscaler follows the rise.
fn more_at_the_quietest_hour(inputs: &Inputs) -> Option<String> {
    let with = |least: u32| Inputs { least, ..inputs.clone() };
    let stands = |least: u32| holds(inputs, &scenario::outcome_of_rise(&with(least), RISE_SECONDS));
    let (mut low, mut high) = (inputs.least, inputs.most);
    if !stands(high) {
        return None;
    }
    while low < high {
        let middle = u32::midpoint(low, high);
        if stands(middle) { high = middle } else { low = middle + 1 }
    }
    let planned = inputs.stations.event_loop.capacity() * inputs.target;
    Some(format!(
        "Keep at least {high} instances at the quietest hour ({} now), from which the autoscaler follows the rise: scale.trough-rps of {:.0} for each region gives them.",
        inputs.least,
        f64::from(high.saturating_sub(2)) * planned + 1.0
    ))
}
