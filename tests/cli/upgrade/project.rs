//! A repository that `new` made, and that can be made to look as if an older version had made it.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};

use crate::sandbox::{Outcome, Sandbox, Tree, outcome};

/// The target of the tests, in its sandbox.
pub(crate) struct Project {
    pub(crate) sandbox: Sandbox,
}

impl Project {
    /// What `new` writes for the smallest preset.
    pub(crate) fn new() -> Result<Self> {
        Self::with(&["--preset", "minimal"])
    }

    pub(crate) fn with(options: &[&str]) -> Result<Self> {
        let sandbox = Sandbox::new()?;
        sandbox.succeed(&[&["new", "orders", "-y", "--no-install"], options].concat())?;
        Ok(Self { sandbox })
    }

    /// The same, committed to a git repository of its own.
    pub(crate) fn committed() -> Result<Self> {
        let project = Self::new()?;
        project.git(&["init", "--quiet", "--initial-branch=main"])?;
        project.commit()?;
        Ok(project)
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.sandbox.path("orders").join(path)
    }

    pub(crate) fn read(&self, path: &str) -> Result<String> {
        self.sandbox.read(&format!("orders/{path}"))
    }

    pub(crate) fn write(&self, path: &str, text: &str) -> Result<()> {
        self.sandbox.write(&format!("orders/{path}"), text)
    }

    /// Replaces text that has to be there, once.
    pub(crate) fn edit(&self, path: &str, from: &str, to: &str) -> Result<()> {
        let text = self.read(path)?;
        ensure!(text.contains(from), "{path} does not hold {from:?}");
        self.write(path, &text.replacen(from, to, 1))
    }

    pub(crate) fn remove(&self, path: &str) -> Result<()> {
        Ok(fs::remove_file(self.path(path))?)
    }

    pub(crate) fn exists(&self, path: &str) -> bool {
        fs::symlink_metadata(self.path(path)).is_ok()
    }

    /// Makes a file what an older version emitted: with `old` in the place of `now`, on disk and in the record.
    pub(crate) fn age(&self, id: &str, path: &str, now: &str, old: &str) -> Result<()> {
        let current = self.read(path)?;
        ensure!(current.contains(now), "{path} does not hold {now:?}");
        self.emitted_before(id, path, &current.replacen(now, old, 1))
    }

    /// Makes the record say that `text` was emitted, and puts it on disk.
    pub(crate) fn emitted_before(&self, id: &str, path: &str, text: &str) -> Result<()> {
        self.write(path, text)?;
        let lock = self.read(".seaworthy/lock.toml")?;
        let base = self.read(&format!(".seaworthy/base/{id}"))?;
        self.write(&format!(".seaworthy/base/{id}"), text)?;
        self.write(".seaworthy/lock.toml", &lock.replace(&sha256(&base), &sha256(text)))
    }

    /// Runs `seaworthy` in the directory of the project.
    pub(crate) fn run(&self, arguments: &[&str]) -> Result<Outcome> {
        let mut command = self.sandbox.command(crate::sandbox::SEAWORTHY)?;
        outcome(command.current_dir(self.path("")).args(arguments))
    }

    /// The same, for a run that has to end with this code.
    pub(crate) fn ends(&self, code: i32, arguments: &[&str]) -> Result<Outcome> {
        let outcome = self.run(arguments)?;
        ensure!(
            outcome.code == Some(code),
            "{arguments:?} ended with {:?} and not {code}:\n{}{}",
            outcome.code,
            outcome.stdout,
            outcome.stderr
        );
        Ok(outcome)
    }

    /// What a run with this code printed as JSON.
    pub(crate) fn json(&self, code: i32, arguments: &[&str]) -> Result<serde_json::Value> {
        let outcome = self.ends(code, arguments)?;
        serde_json::from_str(&outcome.stdout).with_context(|| format!("{arguments:?} printed {}", outcome.stdout))
    }

    pub(crate) fn tree(&self) -> Result<Tree> {
        let mut tree = self.sandbox.tree("orders")?;
        tree.retain(|path, _| !path.starts_with(".git/"));
        Ok(tree)
    }

    pub(crate) fn git(&self, arguments: &[&str]) -> Result<String> {
        let mut command = self.sandbox.command("git")?;
        let who = ["-c", "user.name=Test", "-c", "user.email=test@example.com"];
        let outcome = outcome(command.current_dir(self.path("")).args(who).args(arguments))?;
        ensure!(outcome.code == Some(0), "git {arguments:?}: {}", outcome.stderr);
        Ok(outcome.stdout)
    }

    pub(crate) fn commit(&self) -> Result<()> {
        self.git(&["add", "--all"])?;
        self.git(&["commit", "--quiet", "--message", "x"]).map(drop)
    }
}

fn sha256(text: &str) -> String {
    use sha2::{Digest, Sha256};
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}

/// The text with single spaces, for lines in columns.
pub(crate) fn words(text: &str) -> String {
    let line = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ") + "\n";
    text.lines().map(line).collect()
}

/// The paths in which two trees differ.
pub(crate) fn differing<'a>(one: &'a Tree, other: &'a Tree) -> Vec<&'a str> {
    let paths = one.keys().chain(other.keys().filter(|path| !one.contains_key(*path)));
    paths.filter(|path| one.get(*path) != other.get(*path)).map(String::as_str).collect()
}
