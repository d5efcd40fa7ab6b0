//! Flag over answers file over preset over default, each value with its origin.

use anyhow::Result;
use serde_json::{Value, json};

use super::sandbox::Sandbox;

const PRESET: &str = "schema = 1\n[scale]\npeak-rps = 100\nteam-size = 3\nregions = 1\n";
const ANSWERS: &str = "schema = 1\n[project]\nname = \"orders\"\n[scale]\npeak-rps = 200\nteam-size = 5\n";

fn answers(layers: &[&str]) -> Result<Value> {
    let sandbox = Sandbox::new()?;
    sandbox.write("team.toml", PRESET)?;
    if layers.contains(&"file") {
        sandbox.write("orders/seaworthy.toml", ANSWERS)?;
    }
    let mut arguments = vec!["plan", "orders", "--json"];
    if layers.contains(&"preset") {
        arguments.extend(["--preset", "team.toml"]);
    }
    if layers.contains(&"flag") {
        arguments.extend(["--set", "scale.peak-rps=1", "--set", "scale.peak-rps=300"]);
    }
    Ok(sandbox.json(&arguments)?["answers"].take())
}

#[test]
fn each_layer_wins_over_the_ones_below() -> Result<()> {
    let from_file = |line| json!({ "from": "file", "path": "orders/seaworthy.toml", "line": line });
    let from_preset = |line| json!({ "from": "preset", "name": "team.toml", "line": line });
    let cases = [
        (&["flag", "file", "preset"][..], json!(300), json!({ "from": "flag" })),
        (&["file", "preset"], json!(200), from_file(5)),
        (&["preset"], json!(100), from_preset(3)),
        (&[], json!(50), json!({ "from": "default" })),
    ];
    for (layers, value, origin) in cases {
        let answers = answers(layers)?;
        assert_eq!(answers["scale.peak-rps"], json!({ "value": value, "origin": origin }), "{layers:?}");
    }
    Ok(())
}

#[test]
fn a_layer_leaves_what_it_does_not_name() -> Result<()> {
    let answers = answers(&["flag", "file", "preset"])?;
    assert_eq!(answers["scale.team-size"]["origin"]["line"], 6);
    assert_eq!(answers["scale.regions"]["origin"]["from"], "preset");
    assert_eq!(answers["scale.availability"]["origin"]["from"], "default");
    assert_eq!(answers["project.name"]["origin"]["from"], "file");
    Ok(())
}

#[test]
fn a_default_follows_the_answers_above_it() -> Result<()> {
    let answers = answers(&["flag"])?;
    assert_eq!(answers["scale.trough-rps"], json!({ "value": 30, "origin": { "from": "default" } }));
    assert_eq!(answers["project.name"], json!({ "value": "orders", "origin": { "from": "directory" } }));
    Ok(())
}

#[test]
fn an_answer_of_a_file_that_can_change_nothing_is_told_and_dropped() -> Result<()> {
    let sandbox = Sandbox::new()?;
    sandbox.write("team.toml", "schema = 1\n[scale]\ndb-max-connections = 50\n")?;
    let outcome = sandbox.succeed(&["plan", "--preset", "./team.toml", "--json", "--set", "stack.database=none"])?;
    let plan: Value = serde_json::from_str(&outcome.stdout)?;
    assert_eq!(plan["answers"]["scale.db-max-connections"], Value::Null);
    let told = "warning: preset ./team.toml:3: scale.db-max-connections = 50 changes nothing: it is for a database, and stack.database is none";
    assert_eq!(outcome.stderr.trim(), told);
    Ok(())
}
