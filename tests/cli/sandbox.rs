//! A temporary directory and an environment that says nothing about the machine of the test.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

/// The binary under test.
pub(crate) const SEAWORTHY: &str = env!("CARGO_BIN_EXE_seaworthy");

/// A directory for one test.
pub(crate) struct Sandbox {
    root: TempDir,
}

/// What a command did.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Path -> permission bits and contents.
pub(crate) type Tree = BTreeMap<String, (u32, Vec<u8>)>;

impl Sandbox {
    pub(crate) fn new() -> Result<Self> {
        Ok(Self { root: TempDir::with_prefix("seaworthy-test-")? })
    }

    pub(crate) fn root(&self) -> &Path {
        self.root.path()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> Result<()> {
        let path = self.path(name);
        fs::create_dir_all(path.parent().context("a file has a folder")?)?;
        Ok(fs::write(path, text)?)
    }

    pub(crate) fn read(&self, name: &str) -> Result<String> {
        fs::read_to_string(self.path(name)).with_context(|| format!("reading {name}"))
    }

    /// A command that sees nothing of the environment of the test run.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> Result<Command> {
        let bin = Path::new(SEAWORTHY).parent().context("the binary has a folder")?;
        let mut command = Command::new(program);
        command
            .current_dir(self.root())
            .env_clear()
            .env("PATH", format!("{}:/usr/local/bin:/usr/bin:/bin", bin.display()))
            .env("HOME", self.root())
            .env("LANG", "C.UTF-8")
            .env("NO_COLOR", "1")
            .env("TERM", "dumb")
            .stdin(Stdio::null());
        Ok(command)
    }

    /// Runs `seaworthy` without a terminal.
    pub(crate) fn run(&self, arguments: &[&str]) -> Result<Outcome> {
        outcome(self.command(SEAWORTHY)?.args(arguments))
    }

    /// The same, for what must succeed.
    pub(crate) fn succeed(&self, arguments: &[&str]) -> Result<Outcome> {
        let outcome = self.run(arguments)?;
        ensure!(outcome.code == Some(0), "{arguments:?} ended with {:?}:\n{}", outcome.code, outcome.stderr);
        Ok(outcome)
    }

    /// Standard output of a run that must succeed, as JSON.
    pub(crate) fn json(&self, arguments: &[&str]) -> Result<serde_json::Value> {
        let outcome = self.succeed(arguments)?;
        serde_json::from_str(&outcome.stdout).with_context(|| format!("{arguments:?} printed {}", outcome.stdout))
    }

    /// Every file below a directory; links are not followed.
    pub(crate) fn tree(&self, name: &str) -> Result<Tree> {
        let mut tree = Tree::new();
        gather(&self.path(name), "", &mut tree)?;
        Ok(tree)
    }
}

/// Runs a command to its end.
pub(crate) fn outcome(command: &mut Command) -> Result<Outcome> {
    let output = command.output().with_context(|| format!("running {command:?}"))?;
    Ok(Outcome {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout)?,
        stderr: String::from_utf8(output.stderr)?,
    })
}

fn gather(folder: &Path, prefix: &str, tree: &mut Tree) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("listing {}", folder.display()))? {
        let entry = entry?;
        let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
        let found = entry.metadata()?;
        if found.is_dir() {
            gather(&entry.path(), &format!("{path}/"), tree)?;
        } else {
            let contents = if found.is_file() { fs::read(entry.path())? } else { Vec::new() };
            tree.insert(path, (found.mode() & 0o777, contents));
        }
    }
    Ok(())
}
