//! Each row of the cover as a tree on disk, made by the binary as a user would, and checked.
//!
//! `SEAWORTHY_SPACE` names a folder that keeps the trees, for the validators and the container engine.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use seaworthy::review::{self, Read};
use serde_json::json;

use crate::cover::Row;
use crate::files::{self, Checker};
use crate::model::label;
use crate::row::answered;
use crate::space::{Space, space};

#[test]
#[allow(clippy::print_stdout, reason = "the counts are part of the result")]
fn every_row_is_a_tree_without_a_finding() -> Result<()> {
    let space = space()?;
    let scratch = tempfile::tempdir()?;
    let kept = std::env::var_os("SEAWORTHY_SPACE").map(PathBuf::from);
    let folder = kept.as_deref().unwrap_or(scratch.path());
    fs::create_dir_all(folder)?;
    let mut checker = Checker::default();
    let mut failures = Vec::new();
    for (number, row) in space.cover.rows.iter().enumerate() {
        let target = folder.join(format!("tree-{number:03}"));
        if let Err(error) = emit(space, row, &target).and_then(|()| check(&target, &mut checker)) {
            failures.push(format!("tree-{number:03}: {error:#}\n    {}", described(space, row)));
        }
    }
    let counts = json!({
        "step": "space",
        "trees": space.cover.rows.len(),
        "pairs_covered": space.pairs.len() - space.cover.impossible.len(),
        "pairs_refused": space.cover.impossible.len(),
        "files": checker.files,
        "distinct_files": checker.distinct(),
        "rules": review::RULES.len(),
    });
    println!("{counts}");
    report(&counts)?;
    ensure!(failures.is_empty(), "{} trees:\n{}", failures.len(), failures.join("\n"));
    // What other tests start from is whole.
    Ok(fs::write(folder.join("complete"), "")?)
}

/// What was answered, for a failure.
fn described(space: &Space, row: &Row) -> String {
    let given = space.factors.iter().zip(row).filter(|(_, level)| **level > 0);
    given.map(|(factor, level)| label(factor, *level)).collect::<Vec<_>>().join(", ")
}

fn emit(space: &Space, row: &Row, target: &Path) -> Result<()> {
    if target.exists() {
        fs::remove_dir_all(target)?;
    }
    let arguments = answered(&space.factors, row).prepare(target)?;
    let mut command = Command::new(env!("CARGO_BIN_EXE_seaworthy"));
    command.arg("new").arg(target).args(["--yes", "--no-install"]).args(&arguments);
    let output = command.output().context("running new")?;
    if !output.status.success() {
        bail!("{}: {}\n{arguments:?}", output.status, String::from_utf8_lossy(&output.stderr));
    }
    Ok(())
}

fn check(target: &Path, checker: &mut Checker) -> Result<()> {
    checker.check(&files::read(target)?)?;
    let report = review::check(target)?;
    // Nothing found must not mean nothing read.
    let Read { dockerfiles, compose, workflows, env_keys, .. } = report.read;
    ensure!(dockerfiles > 0 && compose > 0 && workflows > 1 && env_keys > 5, "the review read only {:?}", report.read);
    let findings: Vec<String> = report.findings.iter().map(ToString::to_string).collect();
    ensure!(findings.is_empty(), "{}", findings.join("\n"));
    Ok(())
}

/// Appends to the counts of the whole run.
fn report(counts: &serde_json::Value) -> Result<()> {
    let Some(path) = std::env::var_os("SEAWORTHY_COUNTS") else { return Ok(()) };
    let mut file = fs::File::options().append(true).create(true).open(path)?;
    Ok(writeln!(file, "{counts}")?)
}
