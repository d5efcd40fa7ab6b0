//! The chart as SVG: three small multiples with the same axes, each with the load against the capacity, the latency below it,
//! and below that the errors.
//!
//! Text only: no scripts, no fonts or images from elsewhere, colours for light and dark. Coordinates have one decimal, so that
//! nothing but other answers changes a byte.

use super::Simulation;
use super::scenario::{Kind, Point, Run};

const WIDTH: f64 = 940.0;
const HEIGHT: f64 = 474.0;
/// Room for the labels of the vertical axes.
const LEFT: f64 = 62.0;
const PANEL_WIDTH: f64 = 270.0;
const PANEL_GAP: f64 = 26.0;
/// Where the names of the panels stand.
const NAMES: f64 = 78.0;

/// One row of plots, the same in all panels.
struct Row {
    top: f64,
    height: f64,
    label: &'static str,
    /// The value at its upper edge.
    most: f64,
}

/// A curve: its class, and its value at a point.
type Curve = (&'static str, fn(&Point) -> f64);

const STYLE: &str = "\
    text { font: 12px system-ui, sans-serif; fill: #1f2328 }
    .strong { font-weight: 600 }
    .faint { fill: #59636e }
    .paper { fill: #ffffff }
    .grid { stroke: #d1d9e0 }
    .event { stroke: #59636e; stroke-dasharray: 3 3 }
    .load, .capacity, .p99 { fill: none; stroke-width: 2; stroke-linejoin: round }
    .load { stroke: #0969da }
    .capacity { stroke: #1a7f37; stroke-dasharray: 6 2 }
    .p99 { stroke: #8250df }
    .failed { fill: #cf222e; stroke: #cf222e }
    @media (prefers-color-scheme: dark) {
      text { fill: #f0f6fc }
      .faint { fill: #9198a1 }
      .paper { fill: #0d1117 }
      .grid { stroke: #3d444d }
      .event { stroke: #9198a1 }
      .load { stroke: #4493f8 }
      .capacity { stroke: #3fb950 }
      .p99 { stroke: #ab7df8 }
      .failed { fill: #f85149; stroke: #f85149 }
    }
";

/// The chart of a simulation.
#[must_use]
pub fn svg(project: &str, simulation: &Simulation) -> String {
    let rows = rows(&simulation.scenarios);
    let mut out = head(project, simulation);
    for (index, run) in simulation.scenarios.iter().enumerate() {
        let left = LEFT + (PANEL_WIDTH + PANEL_GAP) * f64::from(u8::try_from(index).unwrap_or(u8::MAX));
        let holds = simulation.verdict.scenarios.get(index).is_some_and(|it| it.holds);
        out.push_str(&panel(run, holds, left, index == 0, &rows));
    }
    out.push_str("</svg>\n");
    out
}

fn head(project: &str, simulation: &Simulation) -> String {
    let verdict = &simulation.verdict;
    let said: Vec<String> = verdict.scenarios.iter().map(|it| format!("{}: {}.", it.title, it.says)).collect();
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" width=\"{WIDTH}\" height=\"{HEIGHT}\" \
         role=\"img\" aria-labelledby=\"title desc\">\n  <title id=\"title\">{project}, simulated: load, capacity, latency and errors</title>\n  \
         <desc id=\"desc\">{} {}</desc>\n  <style>\n{STYLE}  </style>\n  <rect class=\"paper\" width=\"{WIDTH}\" height=\"{HEIGHT}\"/>\n",
        verdict.says,
        said.join(" ")
    );
    let outcome = if verdict.holds { "the sizing holds" } else { "the sizing does not hold" };
    out.push_str(&text(LEFT, 24.0, "strong", "start", &format!("{project}, simulated: {outcome}")));
    let legend = [
        ("load", "load"),
        ("capacity", "capacity of the instances that serve"),
        ("p99", "99 of 100 answers come within"),
        ("failed", "requests that fail"),
    ];
    let mut left = LEFT;
    for (class, words) in legend {
        out.push_str(&format!("  <path class=\"{class}\" stroke-width=\"2\" d=\"M{left:.1} 45h22\"/>\n"));
        out.push_str(&text(left + 28.0, 49.0, "", "start", words));
        left += 60.0 + 6.4 * f64::from(u8::try_from(words.len()).unwrap_or(u8::MAX));
    }
    out
}

fn rows(runs: &[Run]) -> [Row; 3] {
    let most = |of: fn(&Point) -> f64| runs.iter().flat_map(|run| &run.points).map(of).fold(0.0, f64::max);
    [
        Row { top: 106.0, height: 130.0, label: "requests/s", most: round_up(most(|it| it.load.max(it.capacity))) },
        Row { top: 264.0, height: 96.0, label: "ms", most: round_up(most(|it| it.p99_ms)) },
        Row { top: 388.0, height: 44.0, label: "% failed", most: round_up(most(|it| it.failed_percent).max(1.0)) },
    ]
}

/// The next of 1, 2, 4, 5, 8 with zeros behind: its half is a short number too.
fn round_up(value: f64) -> f64 {
    let mut unit = 1.0;
    loop {
        for step in [1.0, 2.0, 4.0, 5.0, 8.0] {
            if value <= step * unit {
                return step * unit;
            }
        }
        unit *= 10.0;
    }
}

fn panel(run: &Run, holds: bool, left: f64, is_first: bool, rows: &[Row; 3]) -> String {
    let name = match run.kind {
        Kind::Rise => "The load rises",
        Kind::LostInstance => "An instance is lost at the peak",
        Kind::Deploy => "A deploy at the peak",
    };
    let holds = if holds { "holds" } else { "does not hold" };
    let mut out = text(left, NAMES, "strong", "start", &format!("{name}: {holds}"));
    let end = run.points.last().map_or(1, |point| point.second).max(1);
    let x = |second: u32| left + PANEL_WIDTH * f64::from(second) / f64::from(end);
    for row in rows {
        out.push_str(&axes(row, left, is_first));
    }
    let [of_load, of_time, of_errors] = rows;
    let bottom = of_errors.top + of_errors.height;
    for second in [run.begins, run.ends] {
        out.push_str(&format!("  <path class=\"event\" d=\"M{:.1} {:.1}V{bottom:.1}\"/>\n", x(second), of_load.top));
    }
    let curves: [(&Row, Curve); 3] = [
        (of_load, ("capacity", |it| it.capacity)),
        (of_load, ("load", |it| it.load)),
        (of_time, ("p99", |it| it.p99_ms)),
    ];
    for (row, curve) in curves {
        out.push_str(&line(run, row, curve, x));
    }
    out.push_str(&bars(run, of_errors, x));
    out.push_str(&minutes(end, bottom, x));
    out
}

/// The vertical axis with three marks, and the lines at them.
fn axes(row: &Row, left: f64, is_first: bool) -> String {
    let mut out = String::new();
    for share in [0.0, 0.5, 1.0] {
        let y = row.top + row.height * (1.0 - share);
        out.push_str(&format!("  <path class=\"grid\" d=\"M{left:.1} {y:.1}h{PANEL_WIDTH:.1}\"/>\n"));
        if is_first {
            out.push_str(&text(left - 6.0, y + 4.0, "faint", "end", &super::inputs::number(row.most * share)));
        }
    }
    if is_first {
        out.push_str(&text(8.0, row.top - 8.0, "faint", "start", row.label));
    }
    out
}

fn minutes(end: u32, bottom: f64, x: impl Fn(u32) -> f64) -> String {
    let step = if end > 480 { 300 } else { 120 };
    let marks = (0..=end).step_by(step);
    let mut out: String =
        marks.map(|second| text(x(second), bottom + 16.0, "faint", "middle", &(second / 60).to_string())).collect();
    out.push_str(&text(x(end), bottom + 32.0, "faint", "end", "minutes"));
    out
}

/// A curve. Of points in a row at the same height, only the first and the last are there.
fn line(run: &Run, row: &Row, (class, of): Curve, x: impl Fn(u32) -> f64) -> String {
    let points: Vec<(f64, String)> = run.points.iter().map(|it| (x(it.second), at(row, of(it)))).collect();
    let mut out = format!("  <path class=\"{class}\" d=\"");
    for (index, (left, y)) in points.iter().enumerate() {
        let same = |other: Option<&(f64, String)>| other.is_some_and(|(_, of_other)| of_other == y);
        let before = index.checked_sub(1).and_then(|before| points.get(before));
        if !(same(before) && same(points.get(index + 1))) {
            out.push_str(&format!("{}{left:.1} {y}", if index == 0 { "M" } else { "L" }));
        }
    }
    out.push_str("\"/>\n");
    out
}

/// Height of a value in a row, with one decimal.
fn at(row: &Row, value: f64) -> String {
    format!("{:.1}", row.top + row.height * (1.0 - value / row.most))
}

/// A bar for each point with errors, at least as high as can be seen.
fn bars(run: &Run, row: &Row, x: impl Fn(u32) -> f64) -> String {
    let width = x(super::scenario::POINT_SECONDS) - x(0);
    let mut out = String::new();
    for point in run.points.iter().filter(|point| point.failed_percent >= 0.01) {
        let height = (row.height * point.failed_percent / row.most).max(1.5);
        let (left, top) = (x(point.second) - width, row.top + row.height - height);
        out.push_str(&format!("  <rect class=\"failed\" stroke=\"none\" x=\"{left:.1}\" y=\"{top:.1}\" width=\"{width:.1}\" height=\"{height:.1}\"/>\n"));
    }
    out
}

fn text(x: f64, y: f64, class: &str, anchor: &str, words: &str) -> String {
    let class = if class.is_empty() { String::new() } else { format!(" class=\"{class}\"") };
    let anchor = if anchor == "start" { String::new() } else { format!(" text-anchor=\"{anchor}\"") };
    format!("  <text x=\"{x:.1}\" y=\"{y:.1}\"{class}{anchor}>{words}</text>\n")
}
