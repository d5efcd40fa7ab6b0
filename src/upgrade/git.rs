//! What git knows about the tree. It is asked when it is there, and never needed.

use std::ffi::OsStr;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::render::file_set::Mode;

/// A directory in a git repository.
#[derive(Debug)]
pub struct Git {
    root: PathBuf,
    /// Where the directory is in the repository: empty, or with a slash at the end.
    prefix: String,
}

/// One path of the index, in one version.
pub struct Stage<'a> {
    /// 1 base, 2 yours, 3 theirs.
    pub number: u8,
    /// Its contents.
    pub contents: &'a [u8],
    /// Its permission bits.
    pub mode: Mode,
}

impl Git {
    /// The repository of a directory; nothing without git or outside of a repository.
    ///
    /// # Errors
    /// With what git said, when there is a repository that it does not want to read: one that another user owns,
    /// for example.
    pub fn find(root: &Path) -> Result<Option<Self>, String> {
        let git = Self { root: root.to_owned(), prefix: String::new() };
        let Ok(output) = git.run(["rev-parse", "--show-prefix"], None) else { return Ok(None) };
        if output.status.success() {
            let prefix = String::from_utf8_lossy(&output.stdout).trim_end_matches('\n').to_owned();
            return Ok(Some(Self { prefix, ..git }));
        }
        let said = said(&output);
        if said.contains("not a git repository") { Ok(None) } else { Err(said) }
    }

    /// Those of some paths whose contents no commit and no index has: changed, new or ignored ones.
    ///
    /// # Errors
    /// With what git said.
    pub fn uncommitted(&self, paths: &[&str]) -> Result<Vec<String>, String> {
        let options =
            ["status", "--porcelain=v1", "-z", "--no-renames", "--untracked-files=all", "--ignored=matching", "--"];
        let output = self.ask(options.iter().chain(paths), None)?;
        let dirty: Vec<&str> = output.split('\0').filter_map(|entry| entry.get(3..)).collect();
        let dirty = |path: &&&str| {
            let full = format!("{}{path}", self.prefix);
            dirty.iter().any(|entry| *entry == full || (entry.ends_with('/') && full.starts_with(entry)))
        };
        Ok(paths.iter().filter(dirty).map(|path| (*path).to_owned()).collect())
    }

    /// Those of some paths that the index knows.
    ///
    /// # Errors
    /// With what git said.
    pub fn tracked(&self, paths: &[&str]) -> Result<Vec<String>, String> {
        let output = self.ask(["ls-files", "-z", "--cached", "--"].iter().chain(paths), None)?;
        Ok(output.split_terminator('\0').map(ToOwned::to_owned).collect())
    }

    /// Gives a path unmerged entries, as a conflict of git's own would.
    ///
    /// # Errors
    /// With what git said.
    pub fn mark_unmerged(&self, path: &str, stages: &[Stage<'_>]) -> Result<(), String> {
        let full = format!("{}{path}", self.prefix);
        // The entry of the merged state goes first: both cannot stand together.
        let mut entries = format!("0 {}\t{full}\0", "0".repeat(40));
        for Stage { number, contents, mode } in stages {
            let filters = format!("--path={path}");
            let hash = self.ask(["hash-object", "-w", "--stdin", &filters], Some(contents))?;
            let mode = match mode {
                Mode::Regular => "100644",
                Mode::Executable => "100755",
            };
            entries.push_str(&format!("{mode} {} {number}\t{full}\0", hash.trim_end()));
        }
        self.ask(["update-index", "-z", "--index-info"], Some(entries.as_bytes())).map(drop)
    }

    /// Adds those of some paths to the index that are unmerged there; says which.
    ///
    /// # Errors
    /// With what git said.
    pub fn add_unmerged(&self, paths: &[&str]) -> Result<Vec<String>, String> {
        let output = self.ask(["ls-files", "-z", "--unmerged", "--"].iter().chain(paths), None)?;
        let mut unmerged: Vec<&str> =
            output.split_terminator('\0').filter_map(|entry| entry.split_once('\t')).map(|(_, path)| path).collect();
        unmerged.dedup();
        if !unmerged.is_empty() {
            self.ask(["add", "--all", "--"].iter().chain(&unmerged), None)?;
        }
        Ok(unmerged.into_iter().map(ToOwned::to_owned).collect())
    }

    /// Standard output of a run that has to succeed.
    fn ask<S: AsRef<OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = S>,
        input: Option<&[u8]>,
    ) -> Result<String, String> {
        let output = self.run(arguments, input).map_err(|error| error.to_string())?;
        if output.status.success() {
            Ok(String::from_utf8_lossy(&output.stdout).into_owned())
        } else {
            Err(said(&output))
        }
    }

    /// Runs git on the directory, with nothing of our own environment that could send it elsewhere, and without
    /// a terminal to ask at.
    fn run<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>, input: Option<&[u8]>) -> io::Result<Output> {
        let mut command = Command::new("git");
        let ours = std::env::vars_os().map(|(name, _)| name).filter(|name| name.to_string_lossy().starts_with("GIT_"));
        for name in ours {
            command.env_remove(name);
        }
        let mut child = command
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_OPTIONAL_LOCKS", "0")
            .env("LC_ALL", "C")
            // A file system monitor is a program that the repository's settings name.
            .args(["-c", "core.fsmonitor=false", "--literal-pathspecs", "--no-pager", "-C"])
            .arg(&self.root)
            .args(arguments)
            .stdin(if input.is_some() { Stdio::piped() } else { Stdio::null() })
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        if let (Some(input), Some(mut stdin)) = (input, child.stdin.take()) {
            // Git that ends early says why on its own.
            let _ = stdin.write_all(input);
        }
        child.wait_with_output()
    }
}

/// The last thing that git said, in one line.
fn said(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr);
    let line = text.lines().find(|line| line.starts_with("fatal:") || line.starts_with("error:"));
    line.or_else(|| text.lines().last()).unwrap_or("git failed and said nothing").to_owned()
}
