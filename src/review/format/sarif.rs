//! SARIF 2.1.0, as code scanning and editors read it.
//!
//! Source: OASIS, Static Analysis Results Interchange Format 2.1.0; GitHub, "SARIF support for code scanning".

use serde_json::{Value, json};

use crate::review::{Finding, RULES, Report, Risk, Rule, Severity};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// A log with one run: all rules with their help, and a result for each finding.
#[must_use]
pub fn sarif(report: &Report) -> Value {
    let rules: Vec<Value> = RULES.iter().map(|rule| descriptor(rule)).collect();
    let results: Vec<Value> = report.findings.iter().map(result).collect();
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "seaworthy",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

fn descriptor(rule: &Rule) -> Value {
    let mut help = rule.why.to_owned();
    let mut markdown = rule.why.to_owned();
    if let Some(source) = rule.source {
        help.push_str(&format!(" See {source}"));
        markdown.push_str(&format!("\n\n[Source]({source})"));
    }
    let mut properties = json!({ "tags": [tag(rule.risk)], "problem.severity": problem_severity(rule.severity) });
    if rule.risk == Risk::Security {
        properties["security-severity"] = json!(security_severity(rule.severity));
    }
    let mut descriptor = json!({
        "id": rule.id,
        "shortDescription": { "text": rule.description },
        "fullDescription": { "text": format!("{} {}", rule.description, rule.why) },
        "help": { "text": help, "markdown": markdown },
        "defaultConfiguration": { "level": level(rule.severity) },
        "properties": properties,
    });
    if let Some(source) = rule.source {
        descriptor["helpUri"] = json!(source);
    }
    descriptor
}

fn tag(risk: Risk) -> &'static str {
    match risk {
        Risk::Security => "security",
        Risk::Availability => "availability",
        Risk::DataLoss => "data-loss",
        Risk::Cost => "cost",
    }
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low => "note",
    }
}

fn problem_severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low => "recommendation",
    }
}

/// GitHub reads a score: over 9.0 is critical, 7.0 to 8.9 high, 4.0 to 6.9 medium, below low.
fn security_severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "2.0",
    }
}

fn result(finding: &Finding) -> Value {
    let mut location = json!({
        "artifactLocation": { "uri": uri(&finding.file), "uriBaseId": "%SRCROOT%" },
    });
    if let Some(line) = finding.line {
        location["region"] = json!({ "startLine": line });
    }
    let index = RULES.iter().position(|rule| rule.id == finding.rule.id);
    json!({
        "ruleId": finding.rule.id,
        "ruleIndex": index,
        "level": level(finding.rule.severity),
        "message": { "text": format!("{}. {}", finding.message, finding.fix) },
        "locations": [{ "physicalLocation": location }],
        "partialFingerprints": { "seaworthyReview/v1": finding.fingerprint },
    })
}

/// A relative path as a URI reference (RFC 3986): everything but unreserved characters and `/` by its bytes.
fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::uri;

    #[test]
    fn paths_become_uri_references() {
        assert_eq!(uri("deploy/a b/ü%.yaml"), "deploy/a%20b/%C3%BC%25.yaml");
    }
}
