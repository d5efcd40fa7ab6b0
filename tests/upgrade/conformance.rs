//! Every case below `cases/`: a case is tested by being there.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;
use seaworthy::apply::with_lock;
use seaworthy::failure::{CONFLICTS, DONE, REFUSED, exit_code};
use seaworthy::upgrade::{Options, prepare};

use crate::case::Case;
use crate::counts::count;
use crate::tree::{Entry, Tree};

/// How many cases there are at least; a folder that was lost would go unnoticed.
const AT_LEAST: usize = 80;

#[test]
fn every_case_ends_as_it_says() -> Result<()> {
    let cases = Case::all()?;
    assert!(cases.len() >= AT_LEAST, "{} cases", cases.len());
    let mut failures = Vec::new();
    for case in &cases {
        let folder = tempfile::tempdir()?;
        let problems = run(case, folder.path()).unwrap_or_else(|error| vec![format!("{error:#}")]);
        if !problems.is_empty() {
            failures.push(format!("=== {}\n{}", case.name(), problems.join("\n")));
        }
    }
    assert!(failures.is_empty(), "{} of {} cases fail\n{}", failures.len(), cases.len(), failures.join("\n\n"));
    count(serde_json::json!({ "cases": cases.len() }))
}

/// Emits the base, makes the user's changes, upgrades twice; what was not as the case says.
fn run(case: &Case, root: &Path) -> Result<Vec<String>> {
    emitted(&with_lock(case.base()?)?).write(root)?;
    case.tree("yours")?.replace(root)?;
    let mut problems = Vec::new();
    let classes = classes(case, root)?;
    if !case.classes.is_empty() && classes != case.classes {
        problems.push(format!("classes: expected {:?}, found {classes:?}", case.classes));
    }
    let exit = upgrade(case, root)?;
    if exit != case.exit {
        problems.push(format!("exit code: expected {}, found {exit}", case.exit));
    }
    let found = Tree::read(root)?;
    if std::env::var_os("UPDATE_CASES").is_some() {
        let _ = std::fs::remove_dir_all(case.folder.join("expected"));
        found.write(&case.folder.join("expected"))?;
    }
    // The comparison with other tools measures this result as it measures theirs.
    if let Some(out) = std::env::var_os("CASES_OUT") {
        let out = Path::new(&out).join(case.name());
        std::fs::create_dir_all(&out)?;
        std::fs::write(out.join("exit"), exit.to_string())?;
        found.write(&out.join("tree"))?;
    }
    let difference = case.tree("expected")?.difference(&found);
    if !difference.is_empty() {
        problems.push(difference);
    }
    problems.extend(second(case, root, &found)?);
    Ok(problems)
}

/// A second run changes nothing; over conflicts and what is in the way it refuses.
fn second(case: &Case, root: &Path, first: &Tree) -> Result<Vec<String>> {
    let mut problems = Vec::new();
    let expected = if case.exit == DONE { DONE } else { REFUSED };
    let exit = upgrade(case, root)?;
    if exit != expected {
        problems.push(format!("exit code of a second run: expected {expected}, found {exit}"));
    }
    let difference = first.difference(&Tree::read(root)?);
    if !difference.is_empty() {
        problems.push(format!("a second run changes the tree: {difference}"));
    }
    if case.exit == CONFLICTS && exit == DONE {
        problems.push("a second run takes markers for a solution".to_owned());
    }
    Ok(problems)
}

fn upgrade(case: &Case, root: &Path) -> Result<u8> {
    let prepared = prepare(root, &case.theirs()?, &Options::default())?;
    match prepared.write() {
        Ok(run) => Ok(run.exit_code),
        Err(error) => Ok(exit_code(&error)),
    }
}

fn classes(case: &Case, root: &Path) -> Result<BTreeMap<String, String>> {
    let prepared = prepare(root, &case.theirs()?, &Options::default())?;
    let told = prepared.steps().iter().map(|step| &step.change);
    Ok(told.map(|change| (change.path.clone(), change.class.name().to_owned())).collect())
}

fn emitted(files: &seaworthy::render::file_set::FileSet) -> Tree {
    let entries = files.files().iter().map(|file| {
        let executable = file.mode == seaworthy::render::file_set::Mode::Executable;
        (file.path.clone(), Entry::File { contents: file.contents.clone(), executable })
    });
    Tree(entries.collect())
}
