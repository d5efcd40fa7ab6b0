//! `review --json` and `review --sarif`. Fields may be added; these stay.
//!
//! `review --json` prints one object:
//!
//! - `schema`: 1
//! - `directory`: as it was given
//! - `read`: how many `dockerfiles`, `compose`, `kubernetes_objects`, `workflows` and `env_keys` were read
//! - `findings`: ordered by file and line, each with `rule`, `severity` (`low`, `medium`, `high`, `critical`), `risk`
//!   (`security`, `availability`, `data-loss`, `cost`), `file`, `line` (or null), `message`, `why`, `fix`, `source` (or null)
//!   and `fingerprint`
//! - `skipped`: files that were not read, each with `file` and `reason`
//! - `risk_level`: the highest severity, or `none`
//! - `readiness`: `ready`, `ready-with-reservations`, `not-ready` or `nothing-to-review`
//! - `verdict`: one sentence

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::sandbox::Sandbox;

/// A repository with findings of every severity and of several risks.
fn shop() -> Result<Sandbox> {
    let sandbox = Sandbox::new()?;
    sandbox.write("shop/my app/Dockerfile", "FROM node:latest\nCOPY . .\nCMD [\"node\", \"server.js\"]\n")?;
    sandbox.write(
        "shop/docker-compose.yml",
        "services:\n  web:\n    build: my app\n  db:\n    image: postgres:17.5\n    ports: [\"5432:5432\"]\n",
    )?;
    sandbox.write(
        "shop/.github/workflows/ci.yml",
        "on: push\npermissions: {}\njobs:\n  test:\n    runs-on: ubuntu-24.04\n    steps:\n      - run: npm test\n",
    )?;
    Ok(sandbox)
}

fn printed(sandbox: &Sandbox, arguments: &[&str]) -> Result<Value> {
    let outcome = sandbox.run(arguments)?;
    assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(3), ""), "{arguments:?}");
    serde_json::from_str(&outcome.stdout).with_context(|| format!("{arguments:?} printed {}", outcome.stdout))
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().map(|object| object.keys().map(String::as_str).collect()).unwrap_or_default()
}

#[test]
fn json_is_what_is_documented() -> Result<()> {
    let report = printed(&shop()?, &["review", "shop", "--json"])?;
    let fields = ["schema", "directory", "read", "findings", "skipped", "risk_level", "readiness", "verdict"];
    assert_eq!(keys(&report), fields);
    assert_eq!(keys(&report["read"]), ["dockerfiles", "compose", "kubernetes_objects", "workflows", "env_keys"]);
    assert_eq!((&report["schema"], &report["directory"]), (&Value::from(1), &Value::from("shop")));
    assert_eq!((&report["risk_level"], &report["readiness"]), (&Value::from("critical"), &Value::from("not-ready")));
    let findings = report["findings"].as_array().context("findings")?;
    let mut severities = BTreeSet::new();
    for finding in findings {
        assert_eq!(
            keys(finding),
            ["rule", "severity", "risk", "file", "line", "message", "why", "fix", "source", "fingerprint"]
        );
        severities.insert(finding["severity"].as_str().context("severity")?);
    }
    assert_eq!(severities, BTreeSet::from(["critical", "high", "low", "medium"]));
    Ok(())
}

#[test]
fn sarif_has_a_described_rule_and_a_place_for_every_result() -> Result<()> {
    let log = printed(&shop()?, &["review", "shop", "--sarif"])?;
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().context("rules")?;
    let results = run["results"].as_array().context("results")?;
    assert_eq!(rules.len(), seaworthy::review::RULES.len());
    assert!(results.len() >= 4, "{results:?}");
    let mut fingerprints = BTreeSet::new();
    for result in results {
        let index = result["ruleIndex"].as_u64().context("ruleIndex")?;
        assert_eq!(rules[usize::try_from(index)?]["id"], result["ruleId"]);
        let place = &result["locations"][0]["physicalLocation"];
        let uri = place["artifactLocation"]["uri"].as_str().context("uri")?;
        ensure!(!uri.starts_with('/') && !uri.contains([' ', '\\']), "{uri} is no relative reference");
        ensure!(place["region"]["startLine"].as_u64() > Some(0), "{result}");
        let fingerprint = result["partialFingerprints"]["seaworthyReview/v1"].as_str().context("fingerprint")?;
        ensure!(fingerprints.insert(fingerprint), "{fingerprint} twice");
    }
    ensure!(results.iter().any(|it| it.to_string().contains("my%20app/Dockerfile")), "{results:?}");
    Ok(())
}

#[test]
fn fingerprints_stay_when_lines_move() -> Result<()> {
    let sandbox = shop()?;
    let fingerprints = |report: &Value| -> BTreeSet<String> {
        let findings = report["findings"].as_array().into_iter().flatten();
        findings.filter_map(|finding| Some(finding["fingerprint"].as_str()?.to_owned())).collect()
    };
    let before = printed(&sandbox, &["review", "shop", "--json"])?;
    let text = sandbox.read("shop/docker-compose.yml")?;
    sandbox.write("shop/docker-compose.yml", &format!("# A note.\n\n{text}"))?;
    let after = printed(&sandbox, &["review", "shop", "--json"])?;
    assert_ne!(before["findings"], after["findings"]);
    assert_eq!(fingerprints(&before), fingerprints(&after));
    Ok(())
}
