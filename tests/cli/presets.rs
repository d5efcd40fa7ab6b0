//! `preset list | show | save`, and presets as the start of `new`.

use anyhow::Result;
use serde_json::Value;

use super::sandbox::Sandbox;

const ANSWERS: &str = r#"schema = 1
[project]
name = "orders"
description = "Takes \"orders\"."
[stack]
redis = true
port = 4100
[scale]
peak-rps = 180
availability = "99.90"
[deploy]
environments = ["preview", "live"]
[[env]]
name = "MODE"
kind = "enum"
values = ["on", "off"]
default = "off"
description = "With a # and a \\ in it."
[[env]]
name = "STRIPE_KEY"
kind = "secret"
required-in = ["live"]
"#;

#[test]
fn every_listed_preset_can_be_shown_and_used() -> Result<()> {
    let sandbox = Sandbox::new()?;
    let listed = sandbox.succeed(&["preset", "list"])?.stdout;
    let names: Vec<&str> = listed.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(names, ["api", "at-scale", "minimal", "monorepo", "saas", "web"]);
    // That of several services only makes them: see workspace.rs.
    for name in names.into_iter().filter(|name| *name != "monorepo") {
        let shown = sandbox.succeed(&["preset", "show", name])?.stdout;
        sandbox.write("copy.toml", &shown)?;
        let by_name = values(&sandbox.json(&["plan", "x", "--preset", name, "--json"])?);
        let by_path = values(&sandbox.json(&["plan", "x", "--preset", "copy.toml", "--json"])?);
        assert_eq!(by_name, by_path);
    }
    Ok(())
}

/// With a preset, `-y` is not needed where there is no terminal: nothing is left to ask.
#[test]
fn a_built_in_preset_answers_every_question() -> Result<()> {
    let sandbox = Sandbox::new()?;
    for name in ["minimal", "api", "at-scale", "web", "saas", "monorepo"] {
        sandbox.succeed(&["new", name, "--preset", name, "--dry-run"])?;
    }
    Ok(())
}

#[test]
fn a_saved_preset_gives_the_same_answers() -> Result<()> {
    let sandbox = Sandbox::new()?;
    sandbox.write("orders/seaworthy.toml", ANSWERS)?;
    let saved = sandbox
        .command(super::sandbox::SEAWORTHY)?
        .current_dir(sandbox.path("orders"))
        .args(["preset", "save", "../team.toml"])
        .status()?;
    assert!(saved.success());
    let original = sandbox.json(&["plan", "orders", "--json"])?;
    let again = sandbox.json(&["new", "other", "--preset", "team.toml", "-y", "--no-install", "--json"])?;
    let (mut original_values, mut values_again) = (values(&original), values(&again));
    assert_eq!(original_values.remove("project.name"), Some("orders".into()));
    assert_eq!(values_again.remove("project.name"), Some("other".into()));
    assert_eq!(original_values, values_again);
    let env_again = sandbox.json(&["plan", "other", "--json"])?;
    let declared = |plan: &Value| -> Vec<Value> {
        plan["env"].as_array().into_iter().flatten().filter(|key| key["source"] == "user").cloned().collect()
    };
    assert_eq!(declared(&original).len(), 2);
    assert_eq!(declared(&original), declared(&env_again));
    Ok(())
}

#[test]
fn a_saved_preset_has_no_name_and_no_defaults() -> Result<()> {
    let sandbox = Sandbox::new()?;
    sandbox.succeed(&["preset", "save", "team.toml", "--set", "scale.peak-rps=70", "--set", "project.name=orders"])?;
    assert_eq!(sandbox.read("team.toml")?, "schema = 1\n\n[scale]\npeak-rps = 70\n");
    Ok(())
}

/// The values of all answers, whatever their origin.
fn values(report: &Value) -> serde_json::Map<String, Value> {
    let answers = report["answers"].as_object().cloned().unwrap_or_default();
    answers.into_iter().map(|(key, mut answer)| (key, answer["value"].take())).collect()
}
