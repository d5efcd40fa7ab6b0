//! GitHub's API through the program `gh`: it holds the sign-in, so that this tool sees no token.

use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, anyhow};
use serde_json::Value as Json;

/// Exit code of `gh` when nobody is signed in (its manual, "exit codes").
const NOT_SIGNED_IN: i32 = 4;

/// The version of the API that the calls are written for.
const VERSION: &str = "X-GitHub-Api-Version: 2022-11-28";

/// What GitHub says where the plan of a repository has no such rule.
const OF_THE_PLAN: [&str; 2] = ["billing plan", "Upgrade to GitHub"];

/// A repository, by the directory of a clone of it.
#[derive(Debug)]
pub struct Gh {
    directory: PathBuf,
}

impl Gh {
    /// The repository that the remote of `directory` names.
    #[must_use]
    pub fn new(directory: &Path) -> Self {
        Self { directory: directory.to_owned() }
    }

    /// What stands at `path`; none where there is nothing.
    ///
    /// # Errors
    /// When `gh` is not installed, nobody is signed in, or GitHub refuses.
    pub fn get(&self, path: &str) -> anyhow::Result<Option<Json>> {
        let answer = self.call(&["api", "--header", VERSION, path], None)?;
        match answer {
            Answer::Ok(text) => read(path, &text).map(Some),
            Answer::Refused(message) if message.contains("HTTP 404") => Ok(None),
            Answer::Refused(message) => Err(refused(&format!("cannot read {path}"), &message)),
        }
    }

    /// The entries below `key` of all pages at `path`, or of the pages themselves where they are lists; nothing where there is nothing.
    ///
    /// # Errors
    /// As [`Gh::get`].
    pub fn list(&self, path: &str, key: Option<&str>) -> anyhow::Result<Vec<Json>> {
        let answer = self.call(&["api", "--header", VERSION, "--paginate", "--slurp", path], None)?;
        let text = match answer {
            Answer::Ok(text) => text,
            Answer::Refused(message) if message.contains("HTTP 404") => return Ok(Vec::new()),
            Answer::Refused(message) => return Err(refused(&format!("cannot read {path}"), &message)),
        };
        let pages = read(path, &text)?;
        let entries = pages.as_array().into_iter().flatten().map(|page| key.map_or(page, |key| &page[key]).as_array());
        let entries: Option<Vec<_>> = entries.collect();
        let entries = entries.with_context(|| format!("GitHub's answer to {path} is no list; run it again"))?;
        Ok(entries.into_iter().flatten().cloned().collect())
    }

    /// Sends `body`.
    ///
    /// # Errors
    /// As [`Gh::get`], with `what` was being done.
    pub fn send(&self, what: &str, method: &str, path: &str, body: &Json) -> anyhow::Result<()> {
        let arguments = ["api", "--header", VERSION, "--method", method, "--input", "-", path];
        match self.call(&arguments, Some(&body.to_string()))? {
            Answer::Ok(_) => Ok(()),
            Answer::Refused(message) => Err(refused(&format!("cannot {what}"), &message)),
        }
    }

    fn call(&self, arguments: &[&str], input: Option<&str>) -> anyhow::Result<Answer> {
        let mut child = Command::new("gh")
            .args(arguments)
            .current_dir(&self.directory)
            .env("GH_PROMPT_DISABLED", "1")
            .env("NO_COLOR", "1")
            .stdin(if input.is_some() { Stdio::piped() } else { Stdio::null() })
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| not_started(&self.directory, error))?;
        if let (Some(text), Some(mut stdin)) = (input, child.stdin.take()) {
            // One that has ended already says why by itself.
            let _ = stdin.write_all(text.as_bytes());
        }
        let output = child.wait_with_output().context("cannot follow `gh`")?;
        if output.status.success() {
            return Ok(Answer::Ok(String::from_utf8_lossy(&output.stdout).into_owned()));
        }
        let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        if output.status.code() == Some(NOT_SIGNED_IN) {
            return Err(anyhow!(
                "nobody is signed in to GitHub: {}; run `gh auth login`",
                crate::text::one_line(&said)
            ));
        }
        Ok(Answer::Refused(said))
    }
}

/// How a call ended.
enum Answer {
    Ok(String),
    Refused(String),
}

fn read(path: &str, text: &str) -> anyhow::Result<Json> {
    serde_json::from_str(text).with_context(|| format!("GitHub's answer to {path} is not JSON; run it again"))
}

fn not_started(directory: &Path, error: std::io::Error) -> anyhow::Error {
    if error.kind() == ErrorKind::NotFound && directory.is_dir() {
        return anyhow!(
            "`gh` is not installed; install it from https://cli.github.com and run `gh auth login`, or make the settings \
             by hand as `seaworthy setup github` without --apply lists them"
        );
    }
    anyhow::Error::new(error).context(format!("cannot run `gh` in {}", directory.display()))
}

fn refused(what: &str, message: &str) -> anyhow::Error {
    let message = crate::text::one_line(message);
    if OF_THE_PLAN.iter().any(|words| message.contains(words)) {
        return anyhow!(
            "{what}: {message}\nThe plan of this repository has no such rule. On private repositories required reviewers need \
             GitHub Enterprise; environments and rules of branches need GitHub Pro or Team. With Pro or Team, answer \
             deploy.approval = \"pull-request\" and run `seaworthy upgrade`"
        );
    }
    anyhow!("{what}: {message}")
}
