//! For people: like a compiler, then the judgement.

use crate::review::{Report, Severity};
use crate::text::one_line;

/// Each finding as `file:line: severity: message [rule]` with risk, why and fix below, then risk level, production
/// readiness and verdict.
#[must_use]
pub fn text(report: &Report) -> String {
    let mut out = String::new();
    for finding in &report.findings {
        // Names and values come from the files: a control character in one must not reach a terminal.
        for line in finding.to_string().lines() {
            let indent = line.len() - line.trim_start().len();
            out.push_str(&format!("{}{}\n", &line[..indent], one_line(line.trim_start())));
        }
        out.push('\n');
    }
    for skipped in &report.skipped {
        out.push_str(&format!("{}: not read: {}\n", one_line(&skipped.file), skipped.reason));
    }
    if !report.skipped.is_empty() {
        out.push('\n');
    }
    let found = if report.findings.is_empty() { "nothing".to_owned() } else { report.counts() };
    let level = report.risk_level().map_or_else(|| "none".to_owned(), |level: Severity| level.to_string());
    let rows = [
        ("Read", report.read.words()),
        ("Found", found),
        ("Risk level", level),
        ("Production readiness", report.readiness().words().to_owned()),
        ("Verdict", one_line(&report.verdict())),
    ];
    for (name, value) in rows {
        out.push_str(&format!("{name:<22}{value}\n"));
    }
    out
}
