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
//! - `changes` as of `new --json` and `left_out` (sentences), as a run with `-y` would write them; or `refused`, why it would not
//!
//! Without `--dry-run`: `schema`, `directory`, `outcome` (`written`), `platform`, `answers`, `changes` and `left_out`. Classes are
//! `create`, `kept`, `adopted` and `unchanged`; an answer's `origin.from` may be `detected`, with `path` and `line` (0 without one).

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
    assert_eq!(
        keys(&report),
        ["schema", "directory", "facts", "contradictions", "unknown", "limits", "looked", "refused"]
    );
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

/// A repository that can be fitted: no contradictions, and files of its own in some places.
fn fitting() -> Result<Sandbox> {
    let sandbox = shop()?;
    std::fs::remove_file(sandbox.path("shop/yarn.lock"))?;
    sandbox.write("shop/Dockerfile", "FROM node:24\nCMD [\"node\", \"server.js\"]\n")?;
    sandbox.write("shop/docker-compose.yml", "services:\n  web:\n    build: .\n")?;
    sandbox.write("shop/.env", "PAYMENT_SECRET=hunter2\n")?;
    sandbox.write("shop/pay.js", "module.exports = process.env.PAYMENT_SECRET ?? '';\n")?;
    Ok(sandbox)
}

fn classes(report: &Value, class: &str) -> Vec<String> {
    let changes = report["changes"].as_array().map(Vec::as_slice).unwrap_or_default();
    let of_class = changes.iter().filter(|change| change["class"] == class);
    of_class.filter_map(|change| change["path"].as_str().map(ToOwned::to_owned)).collect()
}

#[test]
fn nothing_of_theirs_changes_and_no_value_is_copied() -> Result<()> {
    let sandbox = fitting()?;
    let before = sandbox.tree("shop")?;
    let report = sandbox.json(&["init", "shop", "-y", "--json"])?;
    assert_eq!(keys(&report), ["schema", "directory", "outcome", "platform", "answers", "changes", "left_out"]);
    assert_eq!(classes(&report, "kept"), ["Dockerfile", "compose.yaml"]);
    let port = &report["answers"]["stack.port"];
    assert_eq!(port["origin"], serde_json::json!({ "from": "detected", "path": "server.js", "line": 1 }));
    let after = sandbox.tree("shop")?;
    for (path, file) in &before {
        ensure!(after.get(path) == Some(file), "{path} changed");
    }
    ensure!(!after.contains_key("compose.yaml"), "docker-compose.yml would not be read any more");
    let secret = |contents: &[u8]| String::from_utf8_lossy(contents).contains("hunter2");
    let copies: Vec<&String> = after
        .iter()
        .filter(|(path, (_, contents))| *path != ".env" && secret(contents))
        .map(|(path, _)| path)
        .collect();
    ensure!(copies.is_empty(), "the secret is in {copies:?}");
    let answers = sandbox.read("shop/seaworthy.toml")?;
    ensure!(answers.contains("name = \"PAYMENT_SECRET\"\nkind = \"secret\""), "{answers}");
    ensure!(answers.contains("[existing]\nstart = [\"server.js\"]"), "{answers}");

    // What was fitted is current, and stays so.
    sandbox.succeed(&["check", "shop"])?;
    sandbox.succeed(&["diff", "shop"])?;
    let again = sandbox.run(&["init", "shop", "-y"])?;
    ensure!(again.code == Some(5) && again.stderr.contains("seaworthy upgrade"), "{}", again.stderr);
    Ok(())
}

/// The repository with a script in package.json that runs at install.
fn with_install_script(script: &str) -> Result<Sandbox> {
    let sandbox = fitting()?;
    std::fs::remove_file(sandbox.path("shop/Dockerfile"))?;
    let manifest = sandbox.read("shop/package.json")?;
    sandbox.write("shop/package.json", &manifest.replace("\"start\"", &format!("{script}, \"start\"")))?;
    Ok(sandbox)
}

#[test]
fn scripts_that_run_at_install_find_the_files_they_need() -> Result<()> {
    let sandbox = with_install_script("\"postinstall\": \"patch-package\"")?;
    sandbox.succeed(&["init", "shop", "-y"])?;
    let answers = sandbox.read("shop/seaworthy.toml")?;
    ensure!(answers.contains("install = [\"postinstall\"]"), "{answers}");
    let image = sandbox.read("shop/Dockerfile")?;
    let at = |text: &str| image.find(text).with_context(|| format!("{text} is not in:\n{image}"));
    ensure!(at("COPY . ./")? < at("npm ci\n")?, "the patches come after the install:\n{image}");
    ensure!(at("npm ci\n")? < at("npm prune --omit=dev")?, "{image}");
    ensure!(!image.contains("AS dependencies"), "a stage that nothing uses:\n{image}");
    Ok(())
}

#[test]
fn what_an_image_cannot_install_is_refused_with_its_place() -> Result<()> {
    let sandbox = with_install_script("\"postinstall\": \"husky install\"")?;
    let refused = sandbox.run(&["init", "shop", "-y"])?;
    let wanted = ["package.json:3", "Git hooks", "`prepare` is the place"];
    ensure!(refused.code == Some(2) && wanted.iter().all(|it| refused.stderr.contains(it)), "{}", refused.stderr);

    let sandbox = fitting()?;
    sandbox.write("shop/binding.gyp", "{}\n")?;
    let refused = sandbox.run(&["init", "shop", "-y"])?;
    let wanted = ["binding.gyp", "needs a compiler"];
    ensure!(refused.code == Some(2) && wanted.iter().all(|it| refused.stderr.contains(it)), "{}", refused.stderr);
    Ok(())
}

#[test]
fn files_of_theirs_are_adopted_or_compared_where_they_say_so() -> Result<()> {
    let sandbox = fitting()?;
    let report = sandbox.json(&["init", "shop", "-y", "--json", "--taken", "adopt"])?;
    assert_eq!(classes(&report, "adopted"), ["Dockerfile"]);
    sandbox.succeed(&["diff", "shop"])?;
    ensure!(sandbox.read("shop/Dockerfile")?.starts_with("FROM node:24\n"), "an adopted file changed");

    let sandbox = fitting()?;
    sandbox.json(&["init", "shop", "-y", "--json", "--taken", "beside"])?;
    ensure!(sandbox.read("shop/Dockerfile.seaworthy")?.contains("HEALTHCHECK"), "nothing lies beside it");
    ensure!(sandbox.read("shop/Dockerfile")?.starts_with("FROM node:24\n"), "a file changed");
    Ok(())
}

#[test]
fn a_dry_run_tells_what_a_run_writes() -> Result<()> {
    let sandbox = fitting()?;
    let before = sandbox.tree("shop")?;
    let dry = sandbox.json(&["init", "shop", "--dry-run", "--json"])?;
    ensure!(before == sandbox.tree("shop")?, "a dry run wrote");
    let run = sandbox.json(&["init", "shop", "-y", "--json"])?;
    assert_eq!(dry["changes"], run["changes"]);
    assert_eq!(dry["left_out"], run["left_out"]);
    Ok(())
}

#[test]
fn a_start_that_people_say_wins_over_what_is_detected() -> Result<()> {
    let sandbox = fitting()?;
    let answers =
        "schema = 1\n[project]\nname = \"shop\"\n[stack]\nnode = \"24\"\n[existing]\nstart = [\"other.js\"]\n";
    sandbox.write("shop/seaworthy.toml", answers)?;
    std::fs::remove_file(sandbox.path("shop/Dockerfile"))?;
    let refused = sandbox.run(&["init", "shop", "-y"])?;
    ensure!(refused.code == Some(5) && refused.stderr.contains("PAYMENT_SECRET"), "{}", refused.stderr);
    Ok(())
}

#[test]
fn a_dockerfile_of_theirs_is_told_how_it_must_start() -> Result<()> {
    for taken in ["keep", "adopt"] {
        let sandbox = fitting()?;
        let report = sandbox.json(&["init", "shop", "-y", "--json", "--taken", taken])?;
        let start = r#"CMD ["node", "--import", "./deploy/image/probes.mjs", "server.js"]"#;
        ensure!(report["left_out"].to_string().replace("\\\"", "\"").contains(start), "{}", report["left_out"]);
    }
    let sandbox = fitting()?;
    std::fs::remove_file(sandbox.path("shop/Dockerfile"))?;
    let report = sandbox.json(&["init", "shop", "-y", "--json"])?;
    ensure!(!report["left_out"].to_string().contains("Your Dockerfile"), "{}", report["left_out"]);
    Ok(())
}
