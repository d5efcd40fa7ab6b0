//! Requests one by one, as an independent way to the numbers of the model: a simulation of events, by chance.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

/// What one instance made of the requests.
pub(super) struct Outcome {
    /// Seconds that each answered request took, sorted.
    pub(super) times: Vec<f64>,
    /// Answers per second until the last request came in.
    pub(super) per_second: f64,
}

/// A request, by its number, before or after its query.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Arrives,
    LeavesTheLoop(usize, bool),
    HasItsAnswer(usize),
}

/// An instance: an event loop that each request is on twice, and connections that are held until the second time.
struct Instance {
    cpu: f64,
    query: f64,
    state: u64,
    /// By nanoseconds, so that they can be ordered.
    events: BinaryHeap<Reverse<(u64, Event)>>,
    now: f64,
    /// Each request's arrival.
    came: Vec<f64>,
    for_loop: VecDeque<(usize, bool)>,
    is_busy: bool,
    for_connection: VecDeque<usize>,
    free: usize,
    outcome: Outcome,
}

/// So many requests, so many a second.
pub(super) fn one_by_one(requests: usize, arrivals: f64, (cpu, query): (f64, f64), pool: usize) -> Outcome {
    let mut instance = Instance {
        cpu,
        query,
        state: 0x2545_f491_4f6c_dd1d,
        events: BinaryHeap::new(),
        now: 0.0,
        came: Vec::new(),
        for_loop: VecDeque::new(),
        is_busy: false,
        for_connection: VecDeque::new(),
        free: pool,
        outcome: Outcome { times: Vec::new(), per_second: 0.0 },
    };
    instance.after(0.0, Event::Arrives);
    while let Some(Reverse((at, event))) = instance.events.pop() {
        instance.now = nanoseconds_back(at);
        match event {
            Event::Arrives => instance.arrives(requests, arrivals),
            Event::LeavesTheLoop(number, is_second) => instance.leaves_the_loop(number, is_second),
            Event::HasItsAnswer(number) => instance.queue(number, true),
        }
    }
    instance.outcome.times.sort_by(f64::total_cmp);
    instance.outcome
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "positive seconds of minutes")]
fn nanoseconds(seconds: f64) -> u64 {
    (seconds * 1e9) as u64
}

#[allow(clippy::cast_precision_loss, reason = "hours in nanoseconds are exact")]
fn nanoseconds_back(time: u64) -> f64 {
    time as f64 / 1e9
}

impl Instance {
    /// xorshift64*, and the logarithm that makes it exponential.
    fn exponential(&mut self, mean: f64) -> f64 {
        self.state ^= self.state >> 12;
        self.state ^= self.state << 25;
        self.state ^= self.state >> 27;
        let bits = u32::try_from(self.state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 32).unwrap_or(0);
        -mean * libm::log((f64::from(bits) + 1.0) / 4_294_967_296.0)
    }

    fn after(&mut self, seconds: f64, event: Event) {
        self.events.push(Reverse((nanoseconds(self.now + seconds), event)));
    }

    fn arrives(&mut self, requests: usize, arrivals: f64) {
        self.came.push(self.now);
        self.queue(self.came.len() - 1, false);
        if self.came.len() < requests {
            let gap = self.exponential(1.0 / arrivals);
            self.after(gap, Event::Arrives);
        } else {
            let answered = u32::try_from(self.outcome.times.len()).unwrap_or(u32::MAX);
            self.outcome.per_second = f64::from(answered) / self.now;
        }
    }

    fn queue(&mut self, number: usize, is_second: bool) {
        self.for_loop.push_back((number, is_second));
        if !self.is_busy {
            self.next();
        }
    }

    fn next(&mut self) {
        self.is_busy = false;
        let Some((number, is_second)) = self.for_loop.pop_front() else { return };
        self.is_busy = true;
        if is_second {
            self.free += 1;
            self.connect();
        }
        let cpu = self.exponential(self.cpu / 2.0);
        self.after(cpu, Event::LeavesTheLoop(number, is_second));
    }

    fn leaves_the_loop(&mut self, number: usize, is_second: bool) {
        if is_second {
            self.outcome.times.push(self.now - self.came[number]);
        } else {
            self.for_connection.push_back(number);
            self.connect();
        }
        self.next();
    }

    fn connect(&mut self) {
        if self.free == 0 {
            return;
        }
        if let Some(number) = self.for_connection.pop_front() {
            self.free -= 1;
            let query = self.exponential(self.query);
            self.after(query, Event::HasItsAnswer(number));
        }
    }
}
