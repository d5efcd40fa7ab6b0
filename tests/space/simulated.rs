//! Every row of the cover, played: what its sizes stand, or why they cannot.

use anyhow::{Context, Result, ensure};
use seaworthy::plan::Plan;
use seaworthy::simulation::{Simulation, simulate};
use seaworthy::spec::Availability;

use crate::model::label;
use crate::row::answered;
use crate::space::{Space, space};

#[test]
fn every_row_stands_a_rise_a_loss_and_a_deploy_or_says_what_to_change() -> Result<()> {
    let space = space()?;
    let mut not_held = 0;
    for row in &space.cover.rows {
        let plan = answered(&space.factors, row).plan("orders")?;
        let simulation = simulate(&plan);
        check(&plan, &simulation).with_context(|| described(space, row))?;
        not_held += usize::from(!simulation.verdict.holds);
    }
    // Half of a question's values are extremes, so about half of the rows has one of the load. Were everything excused,
    // nothing would be tested.
    let rows = space.cover.rows.len();
    ensure!(not_held * 3 < rows * 2, "{not_held} of {rows} rows do not hold");
    Ok(())
}

fn described(space: &Space, row: &[usize]) -> String {
    let levels = space.factors.iter().zip(row).map(|(factor, level)| label(factor, *level));
    levels.collect::<Vec<_>>().join(", ")
}

fn check(plan: &Plan, simulation: &Simulation) -> Result<()> {
    for point in simulation.scenarios.iter().flat_map(|run| &run.points) {
        let numbers = [point.load, point.capacity, point.p50_ms, point.p95_ms, point.p99_ms, point.failed_percent];
        ensure!(numbers.iter().all(|it| it.is_finite() && *it >= 0.0), "{point:?}");
        ensure!(point.p50_ms <= point.p95_ms && point.p95_ms <= point.p99_ms, "{point:?}");
        ensure!(point.failed_percent <= 100.0 && point.instances <= f64::from(plan.scale.most_instances), "{point:?}");
    }
    let verdict = &simulation.verdict;
    ensure!(verdict.holds != verdict.changes.iter().any(|it| !it.is_empty()), "{verdict:?}");
    // Whoever serves so few a second is busy with each for so long that what waits behind one waits for seconds.
    let is_slow_by_itself = plan.scale.rps_per_replica < 10;
    // Event loops are planned to be 60 % busy: what gives is the database's connections, or one machine's only instances.
    let is_short_of_connections = verdict.gives_first != "event-loop";
    // Where seconds a month are left, one of few instances has answered too much of the load until its loss is noticed.
    let leaves_seconds = Availability::parse("99.99").is_ok_and(|it| plan.scale.availability > it);
    let explained = is_short_of_connections || is_slow_by_itself || leaves_seconds || plan.platform.compose;
    ensure!(verdict.holds || explained, "{verdict:#?}");
    Ok(())
}
