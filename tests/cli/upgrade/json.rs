//! The JSON of these commands. Fields may be added; these stay.
//!
//! `diff`, `upgrade` and `check` print one object:
//!
//! - `schema`: 1
//! - `directory`: as it was given
//! - `outcome`: of `diff` `different` or `unchanged`; of `upgrade` `written`, `conflicts`, `unchanged` or `dry-run`; of
//!   `check` `drift` or `clean`
//! - `version`: `before`, of the tool that emitted last, and `now`
//! - `platform`: `compose`, `cloud-run` or `kubernetes`
//! - `changes`: an array ordered by path, each as that of `new` (see `json.rs` there), with these classes: `create`,
//!   `unchanged`, `update`, `merge`, `conflict`, `delete`, `kept`, `user-deleted`, `renamed`, `moved`, `pin-only`,
//!   `adopted`, `detached`, `blocked`. Where they say something it has `from` (where the file was), `conflicts` (how many
//!   are written), `line` (of the first marker that is there already) and `notes`
//! - `diff` adds `diffs` and `starters`: `path` and `diff` each
//! - `upgrade` adds `settled` (conflicts of an earlier run: `path`, `undone`), `starters` and `warnings`
//! - `check` adds `drift`: the paths to act on
//!
//! `resolve` prints `settled` and `open` (`path`, `line` or null) and `warnings`; `restore` prints `restored`; `adopt`
//! prints `adopted` (`path`, `already`, `conflicts`, `diff`); `detach` prints `detached` (`path`, `already`); `rebase`
//! prints `outcome` (`written`, `unchanged`, `dry-run`), `kept`, `rebuilt` (`path`, `differs`) and `lost`.

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::project::Project;

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().map(|object| object.keys().map(String::as_str).collect()).unwrap_or_default()
}

const COMMON: [&str; 6] = ["schema", "directory", "outcome", "version", "platform", "changes"];

fn change<'a>(report: &'a Value, path: &str) -> Result<&'a Value> {
    let changes = report["changes"].as_array().context("changes is an array")?;
    changes.iter().find(|change| change["path"] == path).with_context(|| format!("{path} is in no change"))
}

#[test]
fn every_command_prints_the_documented_fields() -> Result<()> {
    let project = Project::new()?;
    project.age("dockerfile", "Dockerfile", "WORKDIR /app\n", "WORKDIR /srv\n")?;
    project.edit("Dockerfile", "WORKDIR /srv\n", "WORKDIR /ours\n")?;

    let check = project.json(3, &["check", "--json"])?;
    assert_eq!(keys(&check), [&COMMON[..], &["drift"]].concat());
    assert_eq!((&check["outcome"], &check["drift"]), (&json!("drift"), &json!(["Dockerfile"])));
    let diff = project.json(3, &["diff", "--json"])?;
    assert_eq!(keys(&diff), [&COMMON[..], &["diffs", "starters"]].concat());
    assert_eq!(diff["diffs"][0]["path"], "Dockerfile");
    let dry = project.json(0, &["upgrade", "--dry-run", "--json"])?;
    assert_eq!(dry["outcome"], "dry-run");
    assert_eq!(dry["changes"], diff["changes"]);

    let upgrade = project.json(4, &["upgrade", "--json"])?;
    assert_eq!(keys(&upgrade), [&COMMON[..], &["settled", "starters", "warnings"]].concat());
    assert_eq!(upgrade["outcome"], "conflicts");
    assert_eq!(upgrade["changes"], diff["changes"]);
    let conflict = change(&upgrade, "Dockerfile")?;
    assert_eq!(
        (&conflict["class"], &conflict["conflicts"], &conflict["id"]),
        (&json!("conflict"), &json!(1), &json!("dockerfile"))
    );
    change(&upgrade, ".seaworthy/pending/dockerfile")?;

    let open = project.json(5, &["resolve", "--json"])?;
    assert_eq!(open["open"], json!([{ "path": "Dockerfile", "line": 2 }]));
    assert_eq!(change(&project.json(3, &["check", "--json"])?, "Dockerfile")?["line"], 2);
    project.write("Dockerfile", &project.read(".seaworthy/pending/dockerfile")?)?;
    let resolved = project.json(0, &["resolve", "--json"])?;
    assert_eq!(resolved["settled"], json!([{ "path": "Dockerfile", "undone": false }]));
    Ok(())
}

#[test]
fn the_commands_on_files_print_them() -> Result<()> {
    let project = Project::new()?;
    let detached = project.json(0, &["detach", "Dockerfile", "--json"])?;
    assert_eq!(detached["detached"], json!([{ "path": "Dockerfile", "already": false }]));
    assert_eq!(change(&project.json(0, &["check", "--json"])?, "Dockerfile")?["class"], "detached");
    let adopted = project.json(0, &["adopt", "Dockerfile", "--json"])?;
    assert_eq!(adopted["adopted"], json!([{ "path": "Dockerfile", "already": false, "conflicts": 0, "diff": "" }]));
    project.remove("Dockerfile")?;
    assert_eq!(project.json(0, &["restore", "Dockerfile", "--json"])?["restored"], json!(["Dockerfile"]));
    assert_eq!(project.json(0, &["rebase", "--json"])?["outcome"], "unchanged");
    project.remove(".seaworthy/base/dockerfile")?;
    let rebased = project.json(0, &["rebase", "--json"])?;
    assert_eq!(rebased["rebuilt"], json!([{ "path": "Dockerfile", "differs": false }]));
    Ok(())
}
