//! The JSON that other programs read. Fields may be added; these stay.
//!
//! `new --json` prints one object:
//!
//! - `schema`: 1
//! - `directory`: as it was given
//! - `outcome`: `written`, `unchanged` or `dry-run`
//! - `platform`: `compose`, `cloud-run` or `kubernetes`
//! - `install`: `done`, `failed`, `skipped`, or null where there was nothing to install
//! - `answers`: by key, each with `value` and `origin.from`: `flag`, `file`, `preset`, `interview`,
//!   `directory` or `default`; a file has `path` and `line`, a preset `name` and `line`
//! - `changes`: an array ordered by path, each with `path`, `id`, `class` (`create`, `unchanged`,
//!   `blocked`), `reason`, `mode` (`regular`, `executable`), `bytes` and `policy` (`merge`, `once`,
//!   `managed`)
//!
//! `simulate --json` prints `schema`, `project`, `platform`, `inputs`, `steady`, `scenarios` (`kind`, `points` and others),
//! `verdict` and `left_out`.
//!
//! `plan --json` prints `schema`, `answers` and the plan; `decisions` holds `key`, `title`, `value`, `unit`,
//! `reason`, `inputs`, `rejected` (`option`, `why`) and `flips`; `costs` holds `as_of`, `prices_from`, `prices_to`, `currency`, `components`
//! (`name`, `basis`, `cost`, `text`), `total`, `total_text`, `not_priced`, `alternatives` (`direction`, `platform`, `total`, `text`) and
//! `assumptions`; a `cost` and a `total` are `low` and `high` in whole dollars a month, or null where there is no price.
//!
//! `why FILE:LINE --json` prints `schema`, `file`, `line`, `text`, `place` (`emitted`, `yours` or `emitted-earlier`), `emitted` (the lines that it is or
//! stands for: `line`, `text`), `id`, `template`, `policy`, `comment`, `decisions` as in `plan`, `follows_from` (keys of decisions), `answers`
//! (`key`, `value`, `origin`) that change the line, `variables` and `file_because`, the answers without which the file would not be there.
//! `why FILE --json` prints `schema`, `file`, `id`, `template` and `lines`, each with `line`, `text`, `place` and the keys of `decisions`;
//! `why KEY --json` prints `schema`, and `decision` and `lines` or `answer` and `decisions`.

use anyhow::{Context, Result};
use serde_json::Value;

use super::sandbox::Sandbox;

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().map(|object| object.keys().map(String::as_str).collect()).unwrap_or_default()
}

#[test]
fn new_reports_every_file() -> Result<()> {
    let sandbox = Sandbox::new()?;
    let report = sandbox.json(&["new", "orders", "--preset", "minimal", "-y", "--no-install", "--json"])?;
    assert_eq!(keys(&report), ["schema", "directory", "outcome", "platform", "install", "answers", "changes"]);
    assert_eq!(report["schema"], 1);
    assert_eq!(report["directory"], "orders");
    assert_eq!(report["platform"], "compose");
    assert_eq!(report["install"], "skipped");
    let changes = report["changes"].as_array().context("changes is an array")?;
    for change in changes {
        assert_eq!(keys(change), ["path", "id", "class", "reason", "mode", "bytes", "policy"]);
        assert_eq!(change["class"], "create");
    }
    let tree = sandbox.tree("orders")?;
    let told: Vec<&str> = changes.iter().filter_map(|change| change["path"].as_str()).collect();
    assert_eq!(told, tree.keys().map(String::as_str).collect::<Vec<_>>());
    for change in changes {
        let (mode, contents) = &tree[change["path"].as_str().context("a path")?];
        assert_eq!(change["bytes"], contents.len());
        assert_eq!(change["mode"] == "executable", mode & 0o111 != 0, "{change}");
    }
    Ok(())
}

#[test]
fn a_second_run_is_unchanged() -> Result<()> {
    let sandbox = Sandbox::new()?;
    let arguments = ["new", "orders", "--preset", "minimal", "-y", "--no-install", "--json"];
    sandbox.succeed(&arguments)?;
    let before = sandbox.tree("orders")?;
    let report = sandbox.json(&arguments)?;
    assert_eq!(report["outcome"], "unchanged");
    assert_eq!(report["install"], Value::Null);
    let classes: Vec<&Value> = report["changes"].as_array().context("changes")?.iter().map(|it| &it["class"]).collect();
    assert!(classes.iter().all(|class| **class == "unchanged"));
    assert_eq!(sandbox.tree("orders")?, before);
    Ok(())
}

#[test]
fn simulate_shows_what_goes_in_and_what_comes_out() -> Result<()> {
    let sandbox = Sandbox::new()?;
    let arguments = ["simulate", "--preset", "at-scale", "--json", "--svg", "chart.svg"];
    let report = sandbox.json(&arguments)?;
    assert_eq!(
        keys(&report),
        ["schema", "project", "platform", "inputs", "steady", "scenarios", "verdict", "left_out"]
    );
    for input in report["inputs"].as_array().context("inputs")? {
        assert_eq!(keys(input), ["title", "value", "reason"]);
        assert_ne!(input["reason"], "");
    }
    let scenarios = report["scenarios"].as_array().context("scenarios")?;
    let kinds: Vec<&Value> = scenarios.iter().map(|it| &it["kind"]).collect();
    assert_eq!(kinds, ["rise", "lost-instance", "deploy"]);
    for point in scenarios.iter().filter_map(|it| it["points"].as_array()).flatten() {
        assert_eq!(
            keys(point),
            ["second", "load", "capacity", "instances", "p50_ms", "p95_ms", "p99_ms", "failed_percent"]
        );
        let number = |key: &str| point[key].as_f64().unwrap_or(f64::NAN);
        assert!(number("p50_ms") <= number("p95_ms") && number("p95_ms") <= number("p99_ms"), "{point}");
        assert!((0.0..=100.0).contains(&number("failed_percent")), "{point}");
    }
    assert_eq!(report["verdict"]["holds"], true);
    // The same answers give the same bytes.
    assert_eq!(sandbox.json(&arguments)?, report);
    let (_, chart) = &sandbox.tree(".")?["chart.svg"];
    let chart = String::from_utf8(chart.clone())?;
    assert!(chart.starts_with("<svg ") && chart.contains("<title") && chart.contains("<desc"), "{chart}");
    assert!(!chart.contains("NaN") && !chart.contains("inf"), "{chart}");
    Ok(())
}

#[test]
fn plan_explains_every_decision() -> Result<()> {
    let sandbox = Sandbox::new()?;
    let plan = sandbox.json(&["plan", "--preset", "at-scale", "--json"])?;
    assert_eq!(keys(&plan)[..2], ["schema", "answers"]);
    assert_eq!(plan["platform"]["name"], "kubernetes");
    let decisions = plan["decisions"].as_array().context("decisions")?;
    assert!(decisions.iter().any(|decision| decision["key"] == "platform.name"));
    for decision in decisions {
        assert_eq!(keys(decision), ["key", "title", "value", "unit", "reason", "inputs", "rejected", "flips"]);
        assert_ne!(decision["reason"], "");
    }
    let costs = &plan["costs"];
    assert_eq!(costs["currency"], "USD");
    for component in costs["components"].as_array().context("components")? {
        assert_eq!(keys(component), ["name", "basis", "cost", "text"]);
        assert!(component["cost"].is_null() || component["cost"]["low"].as_u64() <= component["cost"]["high"].as_u64());
    }
    assert_eq!(costs["alternatives"][0]["platform"], "ECS on Fargate");
    Ok(())
}

#[test]
fn why_names_the_decisions_behind_a_line() -> Result<()> {
    let sandbox = Sandbox::new()?;
    sandbox.succeed(&["new", "orders", "--preset", "minimal", "-y", "--no-install"])?;
    let ask = |subject: &str| sandbox.json(&["why", "--directory", "orders", subject, "--json"]);
    let (_, compose) = &sandbox.tree("orders")?["deploy/compose/compose.yaml"];
    let text = String::from_utf8(compose.clone())?;
    let line = text.lines().position(|line| line.contains("stop_grace_period: 30s")).context("a grace period")? + 1;
    let report = ask(&format!("orders/deploy/compose/compose.yaml:{line}"))?;
    let expected = [
        "schema",
        "file",
        "line",
        "text",
        "place",
        "emitted",
        "id",
        "template",
        "policy",
        "comment",
        "decisions",
        "follows_from",
        "answers",
        "variables",
        "file_because",
    ];
    assert_eq!(keys(&report), expected);
    assert_eq!((&report["line"], &report["place"]), (&line.into(), &"emitted".into()));
    assert_eq!(report["decisions"][0]["key"], "timeouts.grace_seconds");
    let of_file = ask("orders/deploy/compose/compose.yaml")?;
    assert_eq!(keys(&of_file), ["schema", "file", "id", "template", "lines"]);
    assert_eq!(of_file["lines"][line - 1]["decisions"][0], "timeouts.grace_seconds");
    let of_key = ask("timeouts.grace_seconds")?;
    assert_eq!(keys(&of_key), ["schema", "decision", "lines"]);
    assert_eq!(keys(&ask("scale.peak-rps")?), ["schema", "answer", "decisions"]);
    Ok(())
}

#[test]
fn nothing_but_the_result_is_on_stdout() -> Result<()> {
    let sandbox = Sandbox::new()?;
    let outcome = sandbox.succeed(&["new", "orders", "--preset", "minimal", "-y", "--no-install"])?;
    assert_eq!(outcome.stdout, "");
    assert!(outcome.stderr.contains("Wrote "));
    let failed = sandbox.run(&["new", "orders", "--preset", "minimal", "-y", "--json", "--set", "scale.regions=0"])?;
    assert_eq!((failed.code, failed.stdout.as_str()), (Some(2), ""));
    Ok(())
}
