//! The simulation: whether the sizes of a plan stand what happens to them.
//!
//! Arrivals are random (Poisson) and do not wait for answers. Each instance gets the same share of them and is a queue in front
//! of one event loop (M/M/1), behind it a queue for the connections of its pool (M/M/c), and behind all of them one for the
//! poolers' connections. In steps of a second the queues follow a load and a number of instances that change ([`queue`],
//! [`fleet`]); the autoscaler sees the load late and adds what the emitted rules let it add ([`scaler`]). The times of requests
//! are sums of what they wait and of what they take ([`latency`]). `docs/SIMULATION.md` has the formulas, the sources, and a
//! measured run beside it.
//!
//! Pure: no disk, clock or chance. Only basic arithmetic and one software `exp`, so the same plan gives the same numbers on
//! every machine.

pub mod chart;
pub mod fleet;
pub mod inputs;
pub mod latency;
pub mod queue;
pub mod scaler;
pub mod scenario;
pub mod steady;
mod verdict;

#[cfg(test)]
mod one_by_one;
#[cfg(test)]
mod tests;

use serde::Serialize;

pub use inputs::{Input, Inputs};
pub use scenario::{Kind, Point, Run};
pub use steady::Steady;
pub use verdict::{Judged, Verdict};

use crate::plan::Plan;
use crate::plan::capacity::RISE_SECONDS;

/// What the simulation of a plan shows.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Simulation {
    /// What went in.
    pub inputs: Vec<Input>,
    /// One instance at several loads.
    pub steady: Vec<Steady>,
    /// The rise, the lost instance and the deploy.
    pub scenarios: Vec<Run>,
    /// What they mean.
    pub verdict: Verdict,
    /// What the model does not have.
    pub left_out: &'static [&'static str],
}

/// What the model does not have, for whoever relies on it.
const LEFT_OUT: &[&str] = &[
    "The database takes as long for a query at any load; that its own CPU, disk and locks hold is for a load test to show.",
    "A new process is as fast as an old one: code that is not compiled yet and connections that are not open yet make its first seconds slower.",
    "Requests are alike but for chance. A route that takes a second of CPU stops all others of its instance for that second.",
    "Clients do not try again. Where they do, an overload feeds itself.",
    "Redis, background jobs, other services, the proxy or load balancer, and the network take no time.",
    "Room for new instances: machines that the cluster has to start first take minutes.",
];

/// Simulates a plan.
#[must_use]
pub fn simulate(plan: &Plan) -> Simulation {
    let inputs = Inputs::of(plan);
    let scenarios =
        vec![scenario::rise(&inputs, RISE_SECONDS), scenario::lost_instance(&inputs), scenario::deploy(&inputs)];
    Simulation {
        steady: steady::curve(&inputs),
        verdict: verdict::judge(&inputs, &scenarios),
        scenarios,
        inputs: inputs.shown,
        left_out: LEFT_OUT,
    }
}
