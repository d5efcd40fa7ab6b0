//! For programs. Fields may be added; these stay.

use std::path::Path;

use serde_json::{Value, json};

use crate::review::Report;

/// One object: `schema`, `directory`, `read`, `findings`, `skipped`, `risk_level`, `readiness`, `verdict`.
#[must_use]
pub fn json(report: &Report, directory: &Path) -> Value {
    let findings: Vec<Value> = report
        .findings
        .iter()
        .map(|finding| {
            json!({
                "rule": finding.rule.id,
                "severity": finding.rule.severity,
                "risk": finding.rule.risk,
                "file": finding.file,
                "line": finding.line,
                "message": finding.message,
                "why": finding.rule.why,
                "fix": finding.fix,
                "source": finding.rule.source,
                "fingerprint": finding.fingerprint,
            })
        })
        .collect();
    json!({
        "schema": 1,
        "directory": directory.to_string_lossy(),
        "read": report.read,
        "findings": findings,
        "skipped": report.skipped,
        "risk_level": report.risk_level().map_or_else(|| "none".to_owned(), |level| level.to_string()),
        "readiness": report.readiness(),
        "verdict": report.verdict(),
    })
}
