//! The three things that a sizing has to stand: a rise of the load, a lost instance, a deploy.

use serde::Serialize;

use super::fleet::Fleet;
use super::inputs::{Inputs, Rollout};
use super::latency::Latency;
use super::scaler::Scaler;

/// Seconds before anything happens.
const LEAD_SECONDS: u32 = 60;

/// Seconds at the peak after the rise.
const HOLD_SECONDS: u32 = 240;

/// Seconds after the loss or the deploy.
const AFTER_SECONDS: u32 = 240;

/// Seconds between two points of the result.
pub const POINT_SECONDS: u32 = 5;

/// What happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// The load rises from the quietest hour's to the busiest minute's.
    Rise,
    /// An instance is lost at the peak.
    LostInstance,
    /// A new version is rolled out at the peak.
    Deploy,
}

/// One point of a scenario.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Point {
    /// Seconds since the beginning.
    pub second: u32,
    /// Requests per second that come in.
    pub load: f64,
    /// Requests per second that the instances serve at the most.
    pub capacity: f64,
    /// Instances that serve.
    pub instances: f64,
    /// Milliseconds within which half of the answers come.
    pub p50_ms: f64,
    /// The same for 95 of 100.
    pub p95_ms: f64,
    /// The same for 99 of 100.
    pub p99_ms: f64,
    /// Requests that failed since the point before, percent of those that came in.
    pub failed_percent: f64,
}

/// A scenario and what became of the requests.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Run {
    /// What happens.
    pub kind: Kind,
    /// The second in which it begins.
    pub begins: u32,
    /// The second in which it is over.
    pub ends: u32,
    /// Requests that failed.
    pub failed: f64,
    /// What came in.
    pub requests: f64,
    /// Whether more than one answer of a hundred is slow at some point.
    pub slow: bool,
    /// Answers that are slow.
    pub slow_answers: f64,
    /// Every [`POINT_SECONDS`].
    pub points: Vec<Point>,
}

impl Run {
    /// The longest of the times within which 99 of 100 answers come.
    #[must_use]
    pub fn worst_p99_ms(&self) -> f64 {
        self.points.iter().map(|point| point.p99_ms).fold(0.0, f64::max)
    }

    /// The most instances that served.
    #[must_use]
    pub fn most_instances(&self) -> f64 {
        self.points.iter().map(|point| point.instances).fold(0.0, f64::max)
    }
}

/// A rise of the load within so many seconds.
#[must_use]
pub fn rise(inputs: &Inputs, seconds: u32) -> Run {
    play_rise(inputs, seconds, true)
}

/// The same without its points, for whoever asks only how it ends.
#[must_use]
pub fn outcome_of_rise(inputs: &Inputs, seconds: u32) -> Run {
    play_rise(inputs, seconds, false)
}

fn play_rise(inputs: &Inputs, seconds: u32, is_told: bool) -> Run {
    let cores = inputs.trough * inputs.stations.event_loop.service();
    let start = scaler(inputs).map_or(f64::from(inputs.most), |it| it.content_with(cores));
    let mut play = Play::new(inputs, start, LEAD_SECONDS + seconds + HOLD_SECONDS);
    play.is_told = is_told;
    while play.goes_on() {
        let share = f64::from(play.now.saturating_sub(LEAD_SECONDS)) / f64::from(seconds.max(1));
        play.second(inputs.trough + (inputs.peak - inputs.trough) * share.min(1.0));
    }
    play.end(Kind::Rise, LEAD_SECONDS + seconds)
}

/// The loss of an instance at the peak.
#[must_use]
pub fn lost_instance(inputs: &Inputs) -> Run {
    let back = LEAD_SECONDS + inputs.back_seconds;
    let mut play = Play::new(inputs, at_peak(inputs), back.max(LEAD_SECONDS + AFTER_SECONDS));
    while play.goes_on() {
        if play.now == LEAD_SECONDS {
            play.failed += play.fleet.lose();
        }
        if play.now == LEAD_SECONDS + inputs.notice_seconds {
            play.fleet.notice();
        }
        if play.now == back {
            play.fleet.start(1.0, back);
        }
        play.second(inputs.peak);
    }
    play.end(Kind::LostInstance, back)
}

/// A new version at the peak. The autoscaler leaves the number as it is: the load is steady, and more pods need no more CPU.
#[must_use]
pub fn deploy(inputs: &Inputs) -> Run {
    let count = at_peak(inputs);
    let (batch, ready_seconds) = match inputs.rollout {
        Rollout::Slots => (count, 0),
        Rollout::Batches { percent, ready_seconds } => ((count * f64::from(percent) / 100.0).ceil(), ready_seconds),
    };
    let each = inputs.start_seconds + ready_seconds;
    let mut play = Play::new(inputs, count, 0);
    play.scaler = None;
    let (mut left, mut retires_at, mut retiring) = (count, LEAD_SECONDS, 0.0);
    loop {
        if play.now == retires_at {
            play.fleet.retire(retiring);
            retiring = batch.min(left);
            left -= retiring;
            if retiring == 0.0 {
                break;
            }
            play.fleet.start(retiring, play.now + inputs.start_seconds);
            retires_at += each;
        }
        play.second(inputs.peak);
    }
    let ends = play.now;
    play.until = ends + LEAD_SECONDS;
    while play.goes_on() {
        play.second(inputs.peak);
    }
    play.end(Kind::Deploy, ends)
}

/// The fewest instances that there may be at the peak: those that the autoscaler is content with, or the fixed number.
#[must_use]
pub fn at_peak(inputs: &Inputs) -> f64 {
    let cores = inputs.peak * inputs.stations.event_loop.service();
    scaler(inputs).map_or(f64::from(inputs.most), |it| it.content_with(cores))
}

fn scaler(inputs: &Inputs) -> Option<Scaler> {
    let bounds = (inputs.least, inputs.most);
    inputs.autoscaler.map(|rules| Scaler::new(rules, inputs.target, inputs.request, bounds))
}

/// A scenario while it is played.
struct Play<'a> {
    inputs: &'a Inputs,
    fleet: Fleet<'a>,
    scaler: Option<Scaler>,
    now: u32,
    until: u32,
    failed: f64,
    /// Of those, what the latest point has counted.
    told: f64,
    requests: f64,
    slow: bool,
    slow_answers: f64,
    /// Whether the points are kept.
    is_told: bool,
    points: Vec<Point>,
    latest: Latest,
}

/// The latest distribution and what was reckoned from it: most of the time nothing changes.
#[derive(Default)]
struct Latest {
    latency: Latency,
    /// The share of slow answers.
    beyond: f64,
    /// Milliseconds.
    quantiles: [f64; 3],
}

impl<'a> Play<'a> {
    fn new(inputs: &'a Inputs, count: f64, until: u32) -> Self {
        Self {
            inputs,
            fleet: Fleet::new(&inputs.stations, count),
            scaler: scaler(inputs),
            now: 0,
            until,
            failed: 0.0,
            told: 0.0,
            requests: 0.0,
            slow: false,
            slow_answers: 0.0,
            is_told: true,
            points: Vec::new(),
            latest: Latest::default(),
        }
    }

    fn goes_on(&self) -> bool {
        self.now < self.until
    }

    fn second(&mut self, load: f64) {
        let second = self.fleet.step(self.now, load);
        self.failed += second.failed;
        self.requests += load;
        // A point tells of the seconds before it.
        if self.now == 0 || (self.now + 1).is_multiple_of(POINT_SECONDS) {
            self.point(load, second.serving);
        }
        if let Some(scaler) = &mut self.scaler {
            let added = scaler.decide(self.now, second.cores, self.fleet.count());
            self.fleet.start(added, self.now + self.inputs.start_seconds);
        }
        self.now += 1;
    }

    fn point(&mut self, load: f64, instances: f64) {
        let latency = self.fleet.latency(self.now);
        let came_in = load * f64::from(if self.now == 0 { 1 } else { POINT_SECONDS });
        if latency != self.latest.latency {
            let beyond = latency.beyond(self.inputs.slow_seconds);
            let quantiles = if self.is_told { quantiles_ms(&latency) } else { [0.0; 3] };
            self.latest = Latest { latency, beyond, quantiles };
        }
        self.slow |= self.latest.beyond > 0.01;
        self.slow_answers += self.latest.beyond * came_in;
        if !self.is_told {
            return;
        }
        let [p50_ms, p95_ms, p99_ms] = self.latest.quantiles;
        self.points.push(Point {
            second: if self.now == 0 { 0 } else { self.now + 1 },
            load,
            capacity: self.inputs.stations.of_all(instances),
            instances,
            p50_ms,
            p95_ms,
            p99_ms,
            failed_percent: if came_in > 0.0 { (100.0 * (self.failed - self.told) / came_in).min(100.0) } else { 0.0 },
        });
        self.told = self.failed;
    }

    fn end(self, kind: Kind, ends: u32) -> Run {
        Run {
            kind,
            begins: LEAD_SECONDS,
            ends,
            failed: self.failed,
            requests: self.requests,
            slow: self.slow,
            slow_answers: self.slow_answers,
            points: self.points,
        }
    }
}

/// Milliseconds at 50, 95 and 99 %.
#[must_use]
pub fn quantiles_ms(latency: &Latency) -> [f64; 3] {
    [0.5, 0.95, 0.99].map(|quantile| if latency.is_empty() { 0.0 } else { latency.quantile(quantile) * 1000.0 })
}
