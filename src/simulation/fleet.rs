//! The instances: those that serve, those that start, and those that are lost and not yet known to be.

use super::latency::{Latency, Sum};
use super::queue::Station;

/// Instances whose queues differ by less than this share are one cohort.
const ALIKE: f64 = 0.01;

/// What a request passes: the event loop of its instance, that instance's pool of connections, and the poolers that all
/// instances share.
///
/// A request is on the event loop twice, before its query and after it, each time for half of its CPU. For the second time it
/// waits while it still holds its connection: a busy event loop makes the pool smaller. And requests that come in have the
/// event loop as those that want to end, so an overload takes from what is answered.
#[derive(Debug, Clone, PartialEq)]
pub struct Stations {
    /// One event loop: one server.
    pub event_loop: Station,
    /// The connections of one instance; none without a database.
    pub pool: Option<Station>,
    /// The connections of all poolers; none without one.
    pub pooler: Option<Station>,
    of_one: f64,
}

/// Steps in which the largest rate is looked for; the error halves with each.
const RATE_STEPS: u32 = 40;

impl Stations {
    /// These stations.
    #[must_use]
    pub fn new(event_loop: Station, pool: Option<Station>, pooler: Option<Station>) -> Self {
        let most = event_loop.capacity();
        let mut stations = Self { event_loop, pool, pooler, of_one: most };
        if let Some(pool) = &stations.pool {
            stations.of_one = largest(most, |rate| stations.held(rate, rate) * rate <= pool.servers());
        }
        stations
    }

    /// Requests per second that one instance serves at the most.
    #[must_use]
    pub fn of_one(&self) -> f64 {
        self.of_one
    }

    /// Requests per second that so many instances serve at the most.
    #[must_use]
    pub fn of_all(&self, instances: f64) -> f64 {
        (self.of_one * instances).min(self.pooler.as_ref().map_or(f64::INFINITY, Station::capacity))
    }

    /// Seconds for which a connection is held, when so many requests begin and so many end in a second: the query, and the
    /// wait of an M/M/1 queue for the second half of the CPU.
    fn held(&self, begin: f64, end: f64) -> f64 {
        let half = self.event_loop.service() / 2.0;
        let busy = (begin + end) * half;
        let query = self.pool.as_ref().map_or(0.0, Station::service);
        if busy < 1.0 { query + half * busy / (1.0 - busy) } else { f64::INFINITY }
    }

    /// Of so many requests a second that come to one instance, how many it ends, and the pool as they find it.
    fn passage(&self, pool: &Station, arrivals: f64) -> (f64, Station) {
        let servers = pool.servers();
        if arrivals <= self.of_one {
            return (arrivals, pool.held_for(self.held(arrivals, arrivals)));
        }
        let through = largest(arrivals, |end| self.held(arrivals, end) * end <= servers).max(1e-3);
        (through, pool.held_for(servers / through))
    }
}

/// The largest rate up to `most` that fits.
fn largest(most: f64, fits: impl Fn(f64) -> bool) -> f64 {
    let (mut low, mut high) = (0.0, most);
    for _ in 0..RATE_STEPS {
        let middle = f64::midpoint(low, high);
        if fits(middle) { low = middle } else { high = middle }
    }
    low
}

/// Instances that started together.
#[derive(Debug, Clone, PartialEq)]
struct Cohort {
    count: f64,
    /// The second from which they serve.
    ready_at: u32,
    /// Requests in each event loop.
    in_loop: f64,
    /// Requests that have a connection of each pool, or wait for one.
    in_pool: f64,
    /// The latest arrivals at each one, per second.
    arrivals: f64,
    /// The same at its event loop, where a request with two halves of its CPU counts as half a one each time.
    to_loop: f64,
    /// The same at its pool.
    to_pool: f64,
    /// What of its CPU each one used.
    busy: f64,
}

/// All instances, and what is on its way in them.
#[derive(Debug, Clone)]
pub struct Fleet<'a> {
    stations: &'a Stations,
    cohorts: Vec<Cohort>,
    /// Instances that are gone, and to which requests still go.
    unnoticed: f64,
    in_pooler: f64,
    to_pooler: f64,
}

/// One second of all instances.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Second {
    /// Instances that serve.
    pub serving: f64,
    /// Requests that failed.
    pub failed: f64,
    /// Requests that were answered.
    pub answered: f64,
    /// Cores that were busy.
    pub cores: f64,
}

impl<'a> Fleet<'a> {
    /// So many instances that serve, and no request.
    #[must_use]
    pub fn new(stations: &'a Stations, count: f64) -> Self {
        let mut fleet = Self { stations, cohorts: Vec::new(), unnoticed: 0.0, in_pooler: 0.0, to_pooler: 0.0 };
        fleet.start(count, 0);
        fleet
    }

    /// Instances that serve from that second on.
    pub fn start(&mut self, count: f64, ready_at: u32) {
        if count > 0.0 {
            self.cohorts.push(Cohort {
                count,
                ready_at,
                in_loop: 0.0,
                in_pool: 0.0,
                arrivals: 0.0,
                to_loop: 0.0,
                to_pool: 0.0,
                busy: 0.0,
            });
        }
    }

    /// Takes the oldest instances out of service. They finish what they have.
    pub fn retire(&mut self, count: f64) {
        let mut left = count;
        for cohort in &mut self.cohorts {
            let taken = left.min(cohort.count);
            cohort.count -= taken;
            left -= taken;
        }
        self.cohorts.retain(|cohort| cohort.count > 0.0);
    }

    /// Loses one of the oldest, to which requests go until [`Fleet::notice`]; what it was at fails.
    pub fn lose(&mut self) -> f64 {
        let failed = self.cohorts.first().map_or(0.0, |cohort| cohort.in_loop + cohort.in_pool);
        self.retire(1.0);
        self.unnoticed += 1.0;
        failed
    }

    /// No more requests go to those that were lost.
    pub fn notice(&mut self) {
        self.unnoticed = 0.0;
    }

    /// Instances, those that start among them.
    #[must_use]
    pub fn count(&self) -> f64 {
        self.cohorts.iter().map(|cohort| cohort.count).sum()
    }

    /// Instances that serve in that second.
    #[must_use]
    pub fn serving(&self, now: u32) -> f64 {
        self.cohorts.iter().filter(|cohort| cohort.ready_at <= now).map(|cohort| cohort.count).sum()
    }

    /// One second with so many arrivals.
    pub fn step(&mut self, now: u32, arrivals: f64) -> Second {
        let serving = self.serving(now);
        let asked = serving + self.unnoticed;
        let each = if asked > 0.0 { arrivals / asked } else { 0.0 };
        let nowhere = if asked > 0.0 { each * self.unnoticed } else { arrivals };
        let mut second = Second { serving, failed: nowhere, answered: 0.0, cores: 0.0 };
        let mut to_pooler = 0.0;
        for cohort in self.cohorts.iter_mut().filter(|cohort| cohort.ready_at <= now) {
            let (served, failed) = cohort.step(self.stations, each);
            second.failed += cohort.count * failed;
            second.cores += cohort.count * cohort.busy;
            to_pooler += cohort.count * served;
        }
        if let Some(pooler) = &self.stations.pooler {
            let step = pooler.step(self.in_pooler, to_pooler, 1.0);
            self.in_pooler = step.level;
            self.to_pooler = to_pooler;
            to_pooler = step.served;
            second.failed += step.failed + self.to_pooler * pooler.gives_up(step.level, self.to_pooler);
        }
        second.answered = to_pooler;
        self.merge();
        second
    }

    /// How long the requests take that arrive now.
    #[must_use]
    pub fn latency(&self, now: u32) -> Latency {
        let mut latency = Latency::default();
        for cohort in self.cohorts.iter().filter(|cohort| cohort.ready_at <= now) {
            latency.add(cohort.count * cohort.arrivals, &self.sum(cohort));
        }
        latency
    }

    fn sum(&self, cohort: &Cohort) -> Sum {
        let event_loop = &self.stations.event_loop;
        let wait = event_loop.wait(cohort.in_loop, cohort.to_loop);
        // With one server, waiting and service together are exponential with this rate.
        let mut sum = Sum { fixed: wait.backlog, always: vec![wait.rate], sometimes: Vec::new() };
        if let Some(pool) = &self.stations.pool {
            sum.always.push(1.0 / pool.service());
            let (_, held) = self.stations.passage(pool, cohort.arrivals);
            sum.waits(&held.wait(cohort.in_pool, cohort.to_pool));
        }
        if let Some(pooler) = &self.stations.pooler {
            sum.waits(&pooler.wait(self.in_pooler, self.to_pooler));
        }
        sum
    }

    /// Old cohorts whose queues have become alike are one from then on.
    fn merge(&mut self) {
        let alike = |a: f64, b: f64| (a - b).abs() <= ALIKE * a.max(b);
        self.cohorts.dedup_by(|next, kept| {
            let same = next.arrivals > 0.0 && alike(next.in_loop, kept.in_loop) && alike(next.in_pool, kept.in_pool);
            if same {
                kept.count += next.count;
            }
            same
        });
    }
}

impl Cohort {
    /// One second of each of them: what it served and what failed, per second.
    fn step(&mut self, stations: &Stations, arrivals: f64) -> (f64, f64) {
        let event_loop = &stations.event_loop;
        self.arrivals = arrivals;
        let passage = stations.pool.as_ref().map(|pool| stations.passage(pool, arrivals));
        self.to_loop = passage.as_ref().map_or(arrivals, |(through, _)| f64::midpoint(arrivals, *through));
        let of_loop = event_loop.step(self.in_loop, self.to_loop, 1.0);
        self.in_loop = of_loop.level;
        self.busy = of_loop.served * event_loop.service();
        let Some((_, pool)) = passage else { return (of_loop.served, of_loop.failed) };
        self.to_pool = if self.to_loop > 0.0 { arrivals * of_loop.served / self.to_loop } else { 0.0 };
        let of_pool = pool.step(self.in_pool, self.to_pool, 1.0);
        self.in_pool = of_pool.level;
        let gave_up = self.to_pool * pool.gives_up(of_pool.level, self.to_pool);
        (of_pool.served, of_loop.failed + of_pool.failed + gave_up)
    }
}
