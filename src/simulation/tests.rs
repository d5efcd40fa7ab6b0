//! The model against closed forms, against a simulation of single requests, and against what must hold of any sizing.

use super::fleet::{Fleet, Stations};
use super::inputs::{Inputs, Rollout};
use super::latency::{Latency, Sum};
use super::one_by_one::one_by_one;
use super::queue::{Station, erlang_c, mean_number};
use super::scenario;
use crate::plan::Autoscaler;

/// Whether two numbers differ by less than a share.
fn alike(a: f64, b: f64, share: f64) -> bool {
    (a - b).abs() <= share * b.abs().max(1e-9)
}

#[test]
fn erlang_c_is_that_of_the_tables() {
    // One server: the utilisation itself. Two: 2 r^2 / (1 + r) for a utilisation r.
    assert!(alike(erlang_c(1, 0.7), 0.7, 1e-12));
    assert!(alike(erlang_c(2, 1.2), 2.0 * 0.36 / 1.6, 1e-12));
    // By the sum of the definition, with factorials.
    let (servers, offered) = (5_u32, 3.7_f64);
    let mut term = 1.0;
    let mut below = 0.0;
    for k in 0..servers {
        below += term;
        term *= offered / f64::from(k + 1);
    }
    let waiting = term * f64::from(servers) / (f64::from(servers) - offered);
    assert!(alike(erlang_c(servers, offered), waiting / (below + waiting), 1e-12));
    assert!(erlang_c(3, 0.0).abs() < 1e-12);
    assert!(alike(erlang_c(3, 3.0), 1.0, 1e-12) && alike(erlang_c(3, 9.0), 1.0, 1e-12));
}

#[test]
fn the_mean_number_of_one_server_is_that_of_a_geometric_queue() {
    for busy in [0.0, 0.1, 0.5, 0.9, 0.99] {
        assert!(alike(mean_number(1, busy), busy / (1.0 - busy), 1e-9), "{busy}");
    }
}

/// A station that has had a load for a minute.
fn settled(station: &Station, arrivals: f64) -> f64 {
    (0..60).fold(0.0, |level, _| station.step(level, arrivals, 1.0).level)
}

#[test]
fn a_steady_load_comes_to_the_stationary_queue() {
    for servers in [1, 2, 8, 40] {
        let station = Station::new(servers, 0.01, 3.0);
        for busy in [0.0, 0.05, 0.3, 0.6, 0.8, 0.9] {
            let arrivals = busy * station.capacity();
            let level = settled(&station, arrivals);
            assert!(alike(level, mean_number(servers, busy), 0.01), "{servers} at {busy}: {level}");
            let step = station.step(level, arrivals, 1.0);
            assert!(alike(step.served, arrivals, 1e-3) && step.failed.abs() < 1e-9, "{servers} at {busy}: {step:?}");
        }
    }
}

#[test]
fn the_time_in_a_single_queue_is_exponential() {
    // M/M/1: the time in the system has the rate `service rate - arrivals`.
    let station = Station::new(1, 0.0025, 20.0);
    for arrivals in [0.0, 100.0, 240.0, 360.0] {
        let wait = station.wait(settled(&station, arrivals), arrivals);
        let mut latency = Latency::default();
        latency.add(1.0, &Sum { fixed: wait.backlog, always: vec![wait.rate], sometimes: Vec::new() });
        for quantile in [0.5_f64, 0.95, 0.99] {
            let expected = -libm::log(1.0 - quantile) / (400.0 - arrivals);
            assert!(alike(latency.quantile(quantile), expected, 0.02), "{arrivals} at {quantile}");
        }
    }
}

#[test]
fn waiting_for_one_of_several_is_erlangs() {
    let station = Station::new(8, 0.01, 3.0);
    let arrivals = 640.0;
    let wait = station.wait(settled(&station, arrivals), arrivals);
    assert!(alike(wait.share, erlang_c(8, 6.4), 0.01));
    // The mean of those that wait: 1 / (8 / 0.01 - 640).
    assert!(alike(1.0 / wait.rate, 1.0 / 160.0, 0.02));
    assert!(wait.backlog < 1e-3);
}

#[test]
fn sums_of_times_have_the_tails_of_the_formula() {
    let of = |always: Vec<f64>, sometimes: Vec<(f64, f64)>| {
        let mut latency = Latency::default();
        latency.add(3.0, &Sum { fixed: 0.0, always, sometimes });
        latency
    };
    // Two equal ones: Erlang's distribution, (1 + rt) exp(-rt).
    let equal = of(vec![10.0, 10.0], Vec::new());
    let expected = |t: f64| (1.0 + 10.0 * t) * libm::exp(-10.0 * t);
    assert!([0.05, 0.2, 0.5].iter().all(|t| alike(equal.beyond(*t), expected(*t), 0.01)));
    // A part that nobody has changes nothing; one that all have is one that is always there.
    assert!(alike(of(vec![5.0], vec![(0.0, 1.0)]).beyond(0.3), of(vec![5.0], Vec::new()).beyond(0.3), 1e-9));
    assert!(alike(of(vec![5.0], vec![(1.0, 1.0)]).beyond(0.3), of(vec![5.0, 1.0], Vec::new()).beyond(0.3), 1e-9));
    let quantile = equal.quantile(0.99);
    assert!(alike(equal.beyond(quantile), 0.01, 0.01));
    assert!(Latency::default().is_empty());
}

#[test]
fn what_is_beyond_the_capacity_piles_up_and_then_fails() {
    let station = Station::new(2, 0.01, 3.0);
    let mut level = 0.0;
    for second in 1..=5_u32 {
        let step = station.step(level, 300.0, 1.0);
        level = step.level;
        // The fluid model: 100 a second more than the 200 that are served.
        assert!(alike(level, 100.0 * f64::from(second), 0.1), "{second}: {level}");
    }
    let full = (0..60).map(|_| {
        let step = station.step(level, 300.0, 1.0);
        level = step.level;
        step
    });
    let last = full.last().unwrap();
    assert!(alike(last.failed, 100.0, 0.02) && alike(last.served, 200.0, 0.01), "{last:?}");
    // Nobody waits longer than the limit.
    assert!(station.wait(level, 300.0).backlog <= 3.0 + 0.01);
}

#[test]
fn an_idle_station_and_an_empty_fleet_are_no_special_case() {
    let station = Station::new(1, 0.0025, 20.0);
    let step = station.step(0.0, 0.0, 1.0);
    assert!(step.level.abs() < 1e-12 && step.served.abs() < 1e-12);
    let stations = Stations::new(station, None, None);
    let mut fleet = Fleet::new(&stations, 0.0);
    let second = fleet.step(0, 100.0);
    assert!(alike(second.failed, 100.0, 1e-9) && fleet.latency(0).is_empty());
}

/// The rules of the emitted autoscaler.
const RULES: Autoscaler = Autoscaler {
    metrics_seconds: 15,
    sync_seconds: 15,
    tolerance_percent: 10,
    up_window_seconds: 0,
    up_percent: 100,
    up_pods: 4,
    up_period_seconds: 30,
    down_window_seconds: 300,
    down_percent: 10,
    down_pods: 1,
    down_period_seconds: 60,
};

/// Stations of the sizes that the plan assumes.
fn of(pool: u32) -> Stations {
    Stations::new(Station::new(1, 0.0025, 20.0), Some(Station::new(pool, 0.01, 3.0)), None)
}

fn inputs(trough: f64, peak: f64, (least, most): (u32, u32), pool: u32) -> Inputs {
    Inputs {
        stations: of(pool),
        trough,
        peak,
        least,
        most,
        autoscaler: (least < most).then_some(RULES),
        target: 0.6,
        request: 1.0,
        start_seconds: 20,
        notice_seconds: 10,
        back_seconds: 140,
        rollout: Rollout::Batches { percent: 25, ready_seconds: 40 },
        slow_seconds: 1.0,
        allowance_seconds: 43.2,
        shown: Vec::new(),
    }
}

#[test]
fn more_instances_are_never_worse() {
    let mut before = f64::INFINITY;
    for count in 2..12 {
        let run = scenario::rise(&inputs(100.0, 1500.0, (count, count), 8), 600);
        let now = run.worst_p99_ms() + run.failed;
        assert!(now <= before * 1.001, "{count}: {now} after {before}");
        before = now;
    }
}

#[test]
fn more_load_is_never_better() {
    let mut before = 0.0;
    for peak in [10.0, 400.0, 800.0, 1200.0, 1500.0, 1700.0, 2500.0] {
        let run = scenario::lost_instance(&inputs(10.0, peak, (4, 4), 8));
        let now = run.worst_p99_ms() + run.failed;
        assert!(now >= before * 0.999, "{peak}: {now} after {before}");
        before = now;
    }
}

#[test]
fn a_larger_pool_is_never_worse() {
    let mut before = f64::INFINITY;
    for pool in [1, 2, 3, 4, 6, 8, 16] {
        let run = scenario::rise(&inputs(100.0, 900.0, (4, 4), pool), 600);
        let now = run.worst_p99_ms() + run.failed;
        assert!(now <= before * 1.001, "{pool}: {now} after {before}");
        before = now;
    }
}

#[test]
fn a_pool_of_one_gives_before_the_event_loop() {
    // Less than 100 requests/s through one connection of 10 ms, of 225 that come to each instance.
    let run = scenario::rise(&inputs(100.0, 900.0, (4, 4), 1), 600);
    let last = run.points.last().unwrap();
    assert!(alike(last.failed_percent, 100.0 * 125.0 / 225.0, 0.08), "{last:?}");
    assert!(last.capacity < 400.0 && alike(last.capacity, 400.0, 0.05), "{last:?}");
}

#[test]
fn a_steeper_rise_is_never_better_and_an_endless_one_is_no_rise() {
    let of = |seconds: u32| scenario::rise(&inputs(600.0, 12_000.0, (4, 51), 8), seconds);
    let outcome = |seconds: u32| of(seconds).worst_p99_ms() + of(seconds).failed;
    assert!(outcome(60) > outcome(300) && outcome(300) > outcome(3600));
    assert!(of(3600).failed < 0.5);
}

#[test]
fn the_autoscaler_keeps_to_its_rules() {
    let run = scenario::rise(&inputs(600.0, 12_000.0, (4, 51), 8), 60);
    let counts: Vec<f64> = run.points.iter().map(|point| point.instances).collect();
    for (earlier, later) in counts.iter().zip(counts.iter().skip(6)) {
        // Within 30 s at most twice as many, or 4 more.
        assert!(*later <= (earlier * 2.0).max(earlier + 4.0) + 1e-9, "{earlier} and half a minute later {later}");
    }
    assert!(alike(*counts.last().unwrap(), 50.0, 0.05), "{counts:?}");
    // The rise begins after 60 s: before it is seen, decided on and a pod has started, there are as many as before.
    let first = run.points.iter().find(|point| point.instances > 4.0).unwrap();
    assert!(first.second >= 60 + 15 + 20, "{first:?}");
}

#[test]
fn a_deploy_never_has_fewer_instances_and_a_loss_has_one_fewer() {
    let inputs = inputs(2000.0, 2000.0, (10, 10), 8);
    let deploy = scenario::deploy(&inputs);
    assert!(deploy.points.iter().all(|point| (10.0..=13.0).contains(&point.instances)));
    // Batches of 3, 3, 3 and 1, each 20 s to start and 40 s to be trusted.
    assert_eq!(deploy.ends - deploy.begins, 4 * 60);
    assert!(deploy.failed < 0.5);
    let loss = scenario::lost_instance(&inputs);
    let at = |second: u32| loss.points.iter().find(|point| point.second == second).unwrap();
    assert!(alike(at(100).instances, 9.0, 1e-9) && alike(at(210).instances, 10.0, 1e-9));
    // A tenth of 2000 for the ten seconds until it is noticed, and what it was at.
    assert!(alike(loss.failed, 2000.0, 0.02), "{}", loss.failed);
}

/// The model's time at a quantile, of one instance with a steady load.
fn modelled(stations: &Stations, arrivals: f64, quantile: f64) -> f64 {
    let mut fleet = Fleet::new(stations, 1.0);
    for now in 0..60 {
        fleet.step(now, arrivals);
    }
    fleet.latency(60).quantile(quantile)
}

#[test]
fn requests_one_by_one_take_as_long() {
    // With the load that a pool of that size takes easily, and with one that is near its end.
    for (arrivals, pool, tolerance) in
        [(120.0, 8, 0.12), (240.0, 8, 0.12), (320.0, 8, 0.2), (240.0, 4, 0.2), (120.0, 2, 0.2)]
    {
        let times = one_by_one(40_000, arrivals, (0.0025, 0.01), usize::try_from(pool).unwrap()).times;
        let stations = of(pool);
        for (quantile, percent) in [(0.5, 50), (0.95, 95), (0.99, 99)] {
            let (model, true_time) = (modelled(&stations, arrivals, quantile), times[times.len() * percent / 100]);
            let name = format!("{arrivals}/s, pool of {pool}, {percent} %");
            assert!(alike(model, true_time, tolerance), "{name}: {model} and {true_time}");
        }
    }
}

#[test]
fn requests_one_by_one_give_at_the_same_load() {
    for pool in [1, 2, 4, 8] {
        let stations = of(pool);
        let many = one_by_one(40_000, 1.3 * stations.of_one(), (0.0025, 0.01), usize::try_from(pool).unwrap());
        let mut fleet = Fleet::new(&stations, 1.0);
        let failed: f64 = (0..60).map(|now| fleet.step(now, 1.3 * stations.of_one()).failed).skip(50).sum();
        let answered = 1.3 * stations.of_one() - failed / 10.0;
        // Under more than it can take the model may answer fewer than there would be: it errs to the safe side.
        let share = answered / many.per_second;
        assert!((0.8..=1.05).contains(&share), "pool of {pool}: {answered} and {}", many.per_second);
        // Just below what the model calls the capacity, all of them are answered.
        let below = one_by_one(40_000, 0.97 * stations.of_one(), (0.0025, 0.01), usize::try_from(pool).unwrap());
        assert!(alike(below.per_second, 0.97 * stations.of_one(), 0.03), "pool of {pool}: {}", below.per_second);
    }
}
