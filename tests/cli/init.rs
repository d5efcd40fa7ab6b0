//! `init --dry-run --json`. Fields may be added; these stay.
//!
//! It prints one object:
//!
//! - `schema`: 1
//! - `directory`: as it was given
//! - `facts`: each with `subject`, `folder` (of the application; empty for the root), `value`, `evidence` (`file`, and
//!   `line` and `text` where there are) and, where it answers a question, `answers` (`key`, `value` as `--set` takes it)
//! - `contradictions`: each with `subject`, `folder`, `message`, `evidence` and, where it leaves one open, `question`
//! - `unknown`: each with `subject`, `folder`, `reason` and, where it leaves one open, `question`
//! - `limits`: each with `file`, `reason` and, where there is one, `line`
//! - `looked`: `files`, `sources` and `skipped_folders`

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::sandbox::{SEAWORTHY, Sandbox, outcome};

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().map(|object| object.keys().map(String::as_str).collect()).unwrap_or_default()
}

/// A repository that somebody else wrote.
fn shop() -> Result<Sandbox> {
    let sandbox = Sandbox::new()?;
    sandbox.write(
        "shop/package.json",
        "{\n  \"name\": \"shop\",\n  \"scripts\": { \"start\": \"node server.js\" },\n  \
         \"dependencies\": { \"express\": \"^5.0.0\" }\n}\n",
    )?;
    sandbox.write("shop/server.js", "require('express')().listen(process.env.PORT || 3000);\n")?;
    sandbox.write("shop/package-lock.json", "{\n  \"lockfileVersion\": 3\n}\n")?;
    sandbox.write("shop/yarn.lock", "# yarn lockfile v1\n")?;
    Ok(sandbox)
}

#[test]
fn facts_come_with_their_evidence() -> Result<()> {
    let sandbox = shop()?;
    let report = sandbox.json(&["init", "shop", "--dry-run", "--json"])?;
    assert_eq!(keys(&report), ["schema", "directory", "facts", "contradictions", "unknown", "limits", "looked"]);
    assert_eq!((&report["schema"], &report["directory"]), (&1.into(), &"shop".into()));
    let facts = report["facts"].as_array().context("facts is an array")?;
    let port = facts.iter().find(|fact| fact["subject"] == "port").context("the port is told")?;
    assert_eq!(keys(port), ["subject", "folder", "value", "answers", "evidence"]);
    assert_eq!(port["answers"], serde_json::json!({ "key": "stack.port", "value": "3000" }));
    assert_eq!(port["evidence"][0]["file"], "server.js");
    assert_eq!(port["evidence"][0]["line"], 1);
    let torn = report["contradictions"].as_array().context("contradictions is an array")?;
    assert_eq!(keys(&torn[0]), ["subject", "folder", "message", "question", "evidence"]);
    assert_eq!(torn[0]["question"], "stack.package-manager");
    assert_eq!(keys(&report["unknown"][0]), ["subject", "folder", "reason", "question"]);
    assert_eq!(keys(&report["looked"]), ["files", "sources", "skipped_folders"]);
    Ok(())
}

#[test]
fn a_look_changes_nothing() -> Result<()> {
    let sandbox = shop()?;
    let before = sandbox.tree("shop")?;
    let outcome = outcome(sandbox.command(SEAWORTHY)?.args(["init", "--dry-run"]).current_dir(sandbox.path("shop")))?;
    ensure!(outcome.code == Some(0), "{}", outcome.stderr);
    ensure!(before == sandbox.tree("shop")?, "files changed");
    Ok(())
}
