//! What the simulation takes from the plan, each with its reason.

use serde::Serialize;

use super::fleet::Stations;
use super::queue::Station;
use crate::plan::capacity::{DATABASE_MS_PER_REQUEST, RISE_SECONDS};
use crate::plan::{Autoscaler, Database, Plan};

/// One number that went in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Input {
    /// What it is.
    pub title: &'static str,
    /// The number with its unit.
    pub value: String,
    /// Where it is from.
    pub reason: String,
}

/// How a new version takes the place of the old one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rollout {
    /// So many percent of the instances at a time, each batch beside all others, for so many seconds before the old ones go.
    Batches {
        /// Instances of one batch, percent of all.
        percent: u32,
        /// Seconds for which a batch must be ready before the next one.
        ready_seconds: u32,
    },
    /// All at once beside the old ones, then the requests are switched.
    Slots,
}

/// All of them, of one region.
#[derive(Debug, Clone)]
pub struct Inputs {
    /// What a request passes.
    pub stations: Stations,
    /// Requests per second at the quietest hour.
    pub trough: f64,
    /// Requests per second at the busiest minute.
    pub peak: f64,
    /// Instances at least.
    pub least: u32,
    /// Instances at most.
    pub most: u32,
    /// How their number follows the load; none where it is fixed.
    pub autoscaler: Option<Autoscaler>,
    /// Share of an instance's CPU that the autoscaler aims at.
    pub target: f64,
    /// Cores that one instance sets aside.
    pub request: f64,
    /// Seconds until a new instance serves.
    pub start_seconds: u32,
    /// Seconds for which requests still go to an instance that is lost.
    pub notice_seconds: u32,
    /// Seconds after which another one is in its place.
    pub back_seconds: u32,
    /// How a new version takes the place of the old one.
    pub rollout: Rollout,
    /// Seconds after which an answer is slow.
    pub slow_seconds: f64,
    /// Seconds of a full outage that one day may have.
    pub allowance_seconds: f64,
    /// All of it, for people.
    pub shown: Vec<Input>,
}

impl Inputs {
    /// Takes them from the plan.
    #[must_use]
    pub fn of(plan: &Plan) -> Self {
        let (scale, pace) = (&plan.scale, &plan.pace);
        let regions = f64::from(scale.regions.max(1));
        let notice_seconds = pace.readiness_period_seconds * pace.readiness_failures;
        let rollout = if plan.platform.compose || plan.rollout.is_some_and(|it| it.blue_green) {
            Rollout::Slots
        } else {
            Rollout::Batches { percent: scale.surge_percent, ready_seconds: plan.timeouts.grace_seconds }
        };
        let mut inputs = Self {
            stations: stations(plan),
            trough: f64::from(scale.trough_rps) / regions,
            peak: f64::from(scale.peak_rps) / regions,
            least: scale.min_replicas,
            most: scale.max_replicas,
            autoscaler: pace.autoscaler,
            target: f64::from(scale.hpa_cpu_percent) / 100.0,
            request: f64::from(plan.resources.cpu_request_millicores) / 1000.0,
            start_seconds: pace.start_seconds,
            notice_seconds,
            back_seconds: pace.liveness_period_seconds * pace.liveness_failures + pace.start_seconds,
            rollout,
            slow_seconds: f64::from(plan.watch.slow_ms) / 1000.0,
            allowance_seconds: scale.availability.seconds_down_a_day(),
            shown: Vec::new(),
        };
        inputs.shown = shown(plan, &inputs);
        inputs
    }
}

fn stations(plan: &Plan) -> Stations {
    let milliseconds = |value: u32| f64::from(value) / 1000.0;
    let of_database = milliseconds(DATABASE_MS_PER_REQUEST);
    let database = plan.features.database.then_some(&plan.database);
    let pool = |it: &Database| Station::new(it.pool_max, of_database, milliseconds(it.pool_wait_ms));
    let pooler = database
        .and_then(|it| it.pooler)
        .map(|it| Station::new(it.replicas * it.pool_size, of_database, f64::from(it.wait_seconds)));
    let of_cpu = 1.0 / f64::from(plan.scale.rps_per_replica);
    let event_loop = Station::new(1, of_cpu, f64::from(plan.timeouts.drain_seconds));
    Stations::new(event_loop, database.map(pool), pooler)
}

/// A number with at most two decimals.
pub(super) fn number(value: f64) -> String {
    let text = format!("{value:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// The reason of a decision of the plan.
fn because(plan: &Plan, key: &str) -> String {
    plan.decisions.iter().find(|it| it.key == key).map(|it| it.reason.clone()).unwrap_or_default()
}

fn shown(plan: &Plan, inputs: &Inputs) -> Vec<Input> {
    let mut all = of_requests(plan, inputs);
    all.extend(of_instances(plan, inputs));
    all.push(Input {
        title: "An answer is slow after",
        value: format!("{} s", number(inputs.slow_seconds)),
        reason: format!("{}; 99 of 100 have to be faster", because(plan, "watch.slow_ms")),
    });
    all.push(Input {
        title: "Outage that a day may have",
        value: format!("{} s", number(inputs.allowance_seconds)),
        reason: format!("a day's share of what {} % leaves (scale.availability)", plan.scale.availability),
    });
    all
}

fn of_requests(plan: &Plan, inputs: &Inputs) -> Vec<Input> {
    let scale = &plan.scale;
    let of_region =
        if scale.regions > 1 { format!(", of {} regions' share each", scale.regions) } else { String::new() };
    let mut all = vec![
        Input {
            title: "Load",
            value: format!("{} to {} requests/s", number(inputs.trough), number(inputs.peak)),
            reason: format!(
                "scale.trough-rps and scale.peak-rps{of_region}; arrivals are random and do not wait for answers"
            ),
        },
        Input {
            title: "Rise",
            value: format!("{RISE_SECONDS} s"),
            reason: "from the one to the other: a mailing, the start of a sale; a day's own rise takes hours"
                .to_owned(),
        },
        Input {
            title: "CPU of a request",
            value: format!("{} ms", number(1000.0 / f64::from(scale.rps_per_replica))),
            reason: format!(
                "{} requests/s keep one event loop busy: {}",
                scale.rps_per_replica,
                because(plan, "scale.rps_per_replica")
            ),
        },
    ];
    if plan.features.database {
        all.push(Input {
            title: "Database time of a request",
            value: format!("{DATABASE_MS_PER_REQUEST} ms"),
            reason: "the assumption that sizes the pools: a handful of indexed queries at 1 to 2 ms".to_owned(),
        });
        all.push(Input {
            title: "Connections of an instance",
            value: plan.database.pool_max.to_string(),
            reason: format!(
                "the plan's pool; a request waits {} s for one",
                number(f64::from(plan.database.pool_wait_ms) / 1000.0)
            ),
        });
    }
    if let Some(pooler) = plan.database.pooler {
        all.push(Input {
            title: "Connections behind the poolers",
            value: (pooler.replicas * pooler.pool_size).to_string(),
            reason: format!(
                "{} poolers with {} each; a request waits {} s",
                pooler.replicas, pooler.pool_size, pooler.wait_seconds
            ),
        });
    }
    all
}

fn of_instances(plan: &Plan, inputs: &Inputs) -> Vec<Input> {
    let instances = |value: String, reason: String| Input { title: "Instances", value, reason };
    let mut all = Vec::new();
    if let Some(it) = inputs.autoscaler {
        all.push(instances(
            format!("{} to {}", inputs.least, inputs.most),
            format!(
                "the autoscaler reads the CPU every {} s, decides every {} s, aims at {} % within {} %, and adds {} % or {} in {} s",
                it.metrics_seconds, it.sync_seconds, plan.scale.hpa_cpu_percent, it.tolerance_percent, it.up_percent, it.up_pods,
                it.up_period_seconds
            ),
        ));
    } else {
        let reason = if inputs.least < inputs.most {
            "as many as the platform starts at most; how soon it starts them is not simulated"
        } else {
            "a fixed number"
        };
        all.push(instances(inputs.most.to_string(), reason.to_owned()));
    }
    all.push(Input {
        title: "Start of an instance",
        value: format!("{} s", inputs.start_seconds),
        reason: because(plan, "pace.start_seconds"),
    });
    let loss = if plan.platform.compose {
        "its process ends: the proxy tries the others at once, and Docker starts it again".to_owned()
    } else {
        format!(
            "it stops answering: requests go to it until readiness has failed {} times, and liveness starts it again",
            plan.pace.readiness_failures
        )
    };
    let deploy = match inputs.rollout {
        Rollout::Slots if plan.platform.compose => {
            "a second slot starts beside the first, and the proxy is switched".to_owned()
        }
        Rollout::Slots => "a second slot starts beside the first, and takes all requests at once".to_owned(),
        Rollout::Batches { percent, ready_seconds } => {
            format!("{percent} % more at a time, which serve for {ready_seconds} s before as many old ones go")
        }
    };
    all.push(Input {
        title: "Lost instance",
        value: format!("noticed in {} s, back in {} s", inputs.notice_seconds, inputs.back_seconds),
        reason: loss,
    });
    all.push(Input { title: "Deploy", value: "no instance fewer".to_owned(), reason: deploy });
    all
}
