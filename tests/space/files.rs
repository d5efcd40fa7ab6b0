//! What every file of every tree has to be: readable as what its name says, finished, and right about other files.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::references;
use crate::structure;

/// Bookkeeping of the tool: copies and hashes of the other files.
const BOOKKEEPING: &[&str] = &[".seaworthy/base/", ".seaworthy/lock.toml"];

/// The emitted files of a tree by path.
pub(crate) fn read(root: &Path) -> Result<BTreeMap<String, String>> {
    let mut files = BTreeMap::new();
    gather(root, root, &mut files)?;
    Ok(files)
}

fn gather(root: &Path, folder: &Path, files: &mut BTreeMap<String, String>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            gather(root, &path, files)?;
            continue;
        }
        let name = path.strip_prefix(root)?.to_string_lossy().into_owned();
        if !BOOKKEEPING.iter().any(|prefix| name.starts_with(prefix)) {
            let text = fs::read_to_string(&path).with_context(|| format!("{name} is no text"))?;
            files.insert(name, text);
        }
    }
    Ok(())
}

/// Checks files, each content under each name once.
#[derive(Default)]
pub(crate) struct Checker {
    seen: BTreeSet<(String, String)>,
    pub(crate) files: usize,
}

impl Checker {
    /// Checks one tree.
    pub(crate) fn check(&mut self, files: &BTreeMap<String, String>) -> Result<()> {
        references::check(files)?;
        for (path, text) in files {
            self.files += 1;
            if self.seen.insert((path.clone(), text.clone())) {
                check(path, text).with_context(|| path.clone())?;
            }
        }
        Ok(())
    }

    /// Files that differ.
    pub(crate) fn distinct(&self) -> usize {
        self.seen.len()
    }
}

fn check(path: &str, text: &str) -> Result<()> {
    structure::parts(path, text)?;
    is_finished(text)?;
    if path.ends_with(".sh") {
        let output = Command::new("bash").args(["-n", "-c", text]).output().context("running bash")?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(())
}

fn is_finished(text: &str) -> Result<()> {
    for (index, line) in text.lines().enumerate() {
        ensure!(!line.ends_with([' ', '\t']), "line {} ends in a blank: {line:?}", index + 1);
        // Nothing that is typed into these trees holds them.
        let leftover = ["[= ", " =]", "[% ", " %]", "[# ", " #]"].into_iter().find(|it| line.contains(it));
        ensure!(leftover.is_none(), "line {} has template syntax in it: {line:?}", index + 1);
    }
    ensure!(text.ends_with('\n') && !text.ends_with("\n\n"), "must end in one line feed");
    ensure!(
        !text.contains('\r') && !text.starts_with('\n'),
        "has a carriage return in it, or starts with an empty line"
    );
    Ok(())
}

#[test]
fn what_is_wrong_is_found() {
    for (path, text) in [
        ("a.yaml", "a: [\n"),
        ("a.yaml", "a: b\na: c: d\n"),
        ("package.json", "{,}\n"),
        ("seaworthy.toml", "a = \n"),
        (".env.example", "export A=b\n"),
        ("Dockerfile", "FORM x\n"),
        ("deploy.sh", "if true; then\n"),
        ("README.md", "# A \n"),
        ("README.md", "# [= name =]\n"),
        ("README.md", "# A\n\n"),
        ("README.md", "# A"),
    ] {
        assert!(check(path, text).is_err(), "{path}: {text:?}");
    }
}
