//! A station: a queue in front of one or several servers, in step with a load that changes.
//!
//! The stationary state is that of M/M/c (Erlang C). How it gets from one state to the next is the pointwise stationary
//! fluid flow approximation (Wang, Tipper and Banerjee, INFOCOM 1996): `dL/dt = arrivals - c * rate * busy(L)`, where `busy`
//! is the share of the servers that is busy in the stationary state with `L` in the system. It is exact for a steady load,
//! and for an overload it is the fluid model: what comes in beyond the capacity piles up.

use std::sync::Arc;

/// Up to here a queue counts as random; what is in the system beyond is a backlog that everybody waits out alike.
/// A queue needs `1 / (rate * (1 - sqrt(busy))^2)` to become as long as the stationary one: at 98 % and 2.5 ms for each
/// request, 25 s, which is what a step of load has.
const MOST_BUSY: f64 = 0.98;

/// Points of the table, from idle to just below full, closer to each other where the curve is steep.
const POINTS: u32 = 128;

/// More servers than this are reckoned as several stations of this many: the same within a percent, and a bound on the work.
const MOST_SERVERS: u32 = 256;

/// The share of requests that find all servers busy, of those that arrive at `servers` with `offered` (arrivals times service
/// time) of work: Erlang's C formula, through his B formula, which can be reckoned without factorials.
#[must_use]
pub fn erlang_c(servers: u32, offered: f64) -> f64 {
    let capacity = f64::from(servers);
    if offered >= capacity {
        return 1.0;
    }
    let blocked = (1..=servers).fold(1.0, |b, k| offered * b / (f64::from(k) + offered * b));
    let busy = offered / capacity;
    blocked / (1.0 - busy * (1.0 - blocked))
}

/// The mean number in an M/M/c system, waiting and in service, when `busy` of its servers' time is taken.
#[must_use]
pub fn mean_number(servers: u32, busy: f64) -> f64 {
    let offered = busy * f64::from(servers);
    offered + erlang_c(servers, offered) * busy / (1.0 - busy)
}

/// One queue and its servers.
#[derive(Debug, Clone, PartialEq)]
pub struct Station {
    servers: u32,
    /// Seconds that one request holds a server.
    service: f64,
    /// Seconds that a request waits before it fails.
    limit: f64,
    /// Share of the servers that is busy, and the number in the system that goes with it.
    states: Arc<[(f64, f64)]>,
}

/// What a step of time did at a station.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step {
    /// Requests in the system at its end.
    pub level: f64,
    /// Requests per second that were served.
    pub served: f64,
    /// Requests per second that failed, since the queue was too long.
    pub failed: f64,
}

/// How long a request waits that arrives in a certain state.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Wait {
    /// Seconds of backlog that everybody waits out.
    pub backlog: f64,
    /// Share of the requests that wait beyond that.
    pub share: f64,
    /// Rate of the exponential time for which they do, per second.
    pub rate: f64,
}

impl Station {
    /// A station of `servers` (at least one), each taken for `service` seconds by a request, which waits for `limit` seconds
    /// at the most.
    #[must_use]
    pub fn new(servers: u32, service: f64, limit: f64) -> Self {
        let servers = servers.max(1);
        let table = servers.min(MOST_SERVERS);
        let scale = f64::from(servers) / f64::from(table);
        let states = (0..POINTS).map(|point| {
            let idle = 1.0 - f64::from(point) / f64::from(POINTS);
            let busy = 1.0 - idle * idle;
            (busy, scale * mean_number(table, busy))
        });
        Self { servers, service, limit, states: states.collect() }
    }

    /// The same station, of which a request holds a server for so many seconds.
    #[must_use]
    pub fn held_for(&self, service: f64) -> Self {
        Self { service, ..self.clone() }
    }

    /// How many servers there are.
    #[must_use]
    pub fn servers(&self) -> f64 {
        f64::from(self.servers)
    }

    /// Requests per second that it serves at the most.
    #[must_use]
    pub fn capacity(&self) -> f64 {
        f64::from(self.servers) / self.service
    }

    /// Seconds that a request holds a server.
    #[must_use]
    pub fn service(&self) -> f64 {
        self.service
    }

    /// The state after `seconds` of so many arrivals per second: a step of the implicit Euler method, which is stable for
    /// any length of it.
    #[must_use]
    pub fn step(&self, level: f64, arrivals: f64, seconds: f64) -> Step {
        let in_hand = level + arrivals * seconds;
        let work = self.capacity() * seconds;
        let busy = self.busy(|busy, number| number + work * busy, in_hand);
        let level = (in_hand - work * busy).max(0.0);
        let most = f64::from(self.servers) + self.limit * self.capacity();
        let failed = (level - most).max(0.0);
        Step { level: level - failed, served: work * busy / seconds, failed: failed / seconds }
    }

    /// What a request waits that arrives with so many others per second while so many are in the system.
    #[must_use]
    pub fn wait(&self, level: f64, arrivals: f64) -> Wait {
        let offered = (arrivals / self.capacity()).min(MOST_BUSY);
        let busy = self.busy(|_, number| number, level).min(offered);
        let table = self.servers.min(MOST_SERVERS);
        let scale = f64::from(self.servers) / f64::from(table);
        let backlog = (level - scale * mean_number(table, offered)).max(0.0) / self.capacity();
        let share = erlang_c(table, busy * f64::from(table));
        Wait { backlog, share, rate: f64::from(table) / self.service * (1.0 - busy) }
    }

    /// The share of requests that wait longer than they may by chance. In an overload it is the queue's length that decides,
    /// and [`Step::failed`] has them.
    #[must_use]
    pub fn gives_up(&self, level: f64, arrivals: f64) -> f64 {
        if arrivals >= MOST_BUSY * self.capacity() {
            return 0.0;
        }
        let wait = self.wait(level, arrivals);
        wait.share * libm::exp(-wait.rate * (self.limit - wait.backlog).max(0.0))
    }

    /// The share of busy servers at which `of` comes to `wanted`, between the points of the table by a straight line.
    fn busy(&self, of: impl Fn(f64, f64) -> f64, wanted: f64) -> f64 {
        let at = |index: usize| self.states.get(index).copied().unwrap_or((0.0, 0.0));
        let above = self.states.partition_point(|(busy, number)| of(*busy, *number) < wanted);
        if above == 0 {
            return 0.0;
        }
        let (below_busy, below_number) = at(above - 1);
        if above == self.states.len() {
            return below_busy;
        }
        let (above_busy, above_number) = at(above);
        let (low, high) = (of(below_busy, below_number), of(above_busy, above_number));
        below_busy + (above_busy - below_busy) * (wanted - low) / (high - low)
    }
}
