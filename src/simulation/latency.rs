//! The distribution of the time that a request takes: sums of exponential times, some of which only a part of the requests has.

use super::queue::Wait;

/// Steps in which a quantile is looked for; the error halves with each at least.
const STEPS: u32 = 40;

/// A quantile is exact to this share of itself.
const PRECISION: f64 = 1e-4;

/// A time that is the sum of a fixed one and of independent exponential ones.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Sum {
    /// Seconds that everybody takes.
    pub fixed: f64,
    /// Rates of the exponential times that everybody takes, per second.
    pub always: Vec<f64>,
    /// Shares of the requests with the rates of the exponential times that only they take.
    pub sometimes: Vec<(f64, f64)>,
}

/// A time that is one of several sums, each for a share of the requests.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Latency {
    branches: Vec<Branch>,
}

/// A share of the requests: `sum(coefficient * exp(-rate * t))` of them take longer than `fixed + t`.
#[derive(Debug, Clone, PartialEq)]
struct Branch {
    weight: f64,
    fixed: f64,
    terms: Vec<(f64, f64)>,
}

impl Sum {
    /// Adds the wait at a station.
    pub fn waits(&mut self, wait: &Wait) {
        self.fixed += wait.backlog;
        self.sometimes.push((wait.share, wait.rate));
    }
}

impl Latency {
    /// Adds requests: `weight` of them for any unit of weight.
    pub fn add(&mut self, weight: f64, sum: &Sum) {
        for chosen in 0..(1_u32 << sum.sometimes.len()) {
            let mut share = weight;
            let mut rates = sum.always.clone();
            for (index, (part, rate)) in sum.sometimes.iter().enumerate() {
                if chosen >> index & 1 == 1 {
                    share *= part;
                    rates.push(*rate);
                } else {
                    share *= 1.0 - part;
                }
            }
            if share > 0.0 {
                self.branches.push(Branch { weight: share, fixed: sum.fixed, terms: hypoexponential(rates) });
            }
        }
    }

    /// Adds the requests of another distribution.
    pub fn extend(&mut self, other: Self) {
        self.branches.extend(other.branches);
    }

    /// Whether it is of no request at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.branches.is_empty()
    }

    /// The share of requests that take longer than so many seconds.
    #[must_use]
    pub fn beyond(&self, seconds: f64) -> f64 {
        let total: f64 = self.branches.iter().map(|branch| branch.weight).sum();
        let beyond: f64 = self.branches.iter().map(|branch| branch.weight * branch.beyond(seconds)).sum();
        if total > 0.0 { beyond / total } else { 0.0 }
    }

    /// The seconds within which the share `quantile` of the requests is answered; 0 without any.
    #[must_use]
    pub fn quantile(&self, quantile: f64) -> f64 {
        let missing = 1.0 - quantile;
        let mut low = 0.0;
        let mut high = self.branches.iter().map(|it| it.fixed).fold(0.001, f64::max);
        while self.beyond(high) > missing {
            low = high;
            high *= 2.0;
        }
        for _ in 0..STEPS {
            if high - low <= PRECISION * high {
                break;
            }
            let middle = f64::midpoint(low, high);
            if self.beyond(middle) > missing { low = middle } else { high = middle }
        }
        high
    }
}

impl Branch {
    fn beyond(&self, seconds: f64) -> f64 {
        let seconds = seconds - self.fixed;
        if seconds <= 0.0 {
            return 1.0;
        }
        let tail: f64 = self.terms.iter().map(|(coefficient, rate)| coefficient * libm::exp(-rate * seconds)).sum();
        tail.clamp(0.0, 1.0)
    }
}

/// The tail of a sum of exponential times. The formula is for rates that all differ: equal ones are moved apart a little.
fn hypoexponential(mut rates: Vec<f64>) -> Vec<(f64, f64)> {
    rates.sort_by(f64::total_cmp);
    for index in 1..rates.len() {
        let least = rates[index - 1] * 1.001;
        rates[index] = rates[index].max(least);
    }
    let coefficient = |index: usize| {
        let others = rates.iter().enumerate().filter(|(other, _)| *other != index);
        others.map(|(_, rate)| rate / (rate - rates[index])).product::<f64>()
    };
    rates.iter().enumerate().map(|(index, rate)| (coefficient(index), *rate)).collect()
}
