//! Failure messages, written down as the terminal shows them.
//!
//! A transcript holds cases. Each starts with `# what it shows` and an empty directory; each command
//! stands behind `$ `, its further lines behind `> `. What it prints follows, and its exit code when it is not 0.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use super::sandbox::{Sandbox, outcome};

#[test]
fn commands_print_what_the_transcripts_say() -> Result<()> {
    let update = std::env::var_os("UPDATE_TRANSCRIPTS").is_some();
    let mut stale = Vec::new();
    for path in transcripts()? {
        let expected = fs::read_to_string(&path)?;
        let actual = replay(&expected).with_context(|| format!("replaying {}", path.display()))?;
        if update {
            fs::write(&path, &actual)?;
        } else if actual != expected {
            stale.push(format!("{}:\n{}", path.display(), first_difference(&expected, &actual)));
        }
    }
    ensure!(
        stale.is_empty(),
        "{}\nIf this is what they shall print: UPDATE_TRANSCRIPTS=1 cargo test --test cli",
        stale.join("\n")
    );
    Ok(())
}

fn transcripts() -> Result<Vec<PathBuf>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/transcripts");
    let mut paths = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    paths.sort();
    ensure!(!paths.is_empty(), "there are no transcripts");
    Ok(paths)
}

/// The same transcript with what its commands print now.
fn replay(text: &str) -> Result<String> {
    let mut out = String::new();
    let mut sandbox = Sandbox::new()?;
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        if line.starts_with("# ") {
            sandbox = Sandbox::new()?;
            let space = if out.is_empty() { "" } else { "\n" };
            writeln!(out, "{space}{line}")?;
        } else if let Some(first) = line.strip_prefix("$ ") {
            let mut command = first.to_owned();
            while let Some(more) = lines.next_if(|line| line.starts_with('>')) {
                command = format!("{command}\n{}", more.trim_start_matches('>').trim_start_matches(' '));
            }
            writeln!(out, "$ {}", command.replace('\n', "\n> ").replace("\n> \n", "\n>\n"))?;
            out.push_str(&output_of(&command, &sandbox)?);
        }
    }
    Ok(out)
}

/// Both streams in the order of their writing, and the exit code.
fn output_of(command: &str, sandbox: &Sandbox) -> Result<String> {
    let script = format!("exec 2>&1\n{command}\n");
    let outcome = outcome(sandbox.command("/bin/sh")?.args(["-c", &script]))?;
    let root = sandbox.root().display().to_string();
    let mut out = with_placeholders(&outcome.stdout.replace(&root, "[DIR]"));
    if !out.is_empty() && !out.ends_with('\n') {
        out.push('\n');
    }
    if outcome.code != Some(0) {
        writeln!(out, "[exit {}]", outcome.code.map_or_else(|| "by signal".to_owned(), |code| code.to_string()))?;
    }
    Ok(out)
}

/// Counts of emitted files change with the templates, and say nothing here.
fn with_placeholders(text: &str) -> String {
    let lines = text.split_inclusive('\n').map(|line| match line.split_once(" files to ") {
        Some((before, after)) if before.starts_with("Wrote ") => format!("Wrote [N] files to {after}"),
        _ => line.to_owned(),
    });
    lines.collect()
}

fn first_difference(expected: &str, actual: &str) -> String {
    let pairs = expected.lines().map(Some).chain([None]).zip(actual.lines().map(Some).chain([None]));
    let different = pairs.enumerate().find(|(_, (expected, actual))| expected != actual);
    different.map_or_else(String::new, |(index, (expected, actual))| {
        let end = "(the end)";
        format!("  line {}\n  - {}\n  + {}", index + 1, expected.unwrap_or(end), actual.unwrap_or(end))
    })
}
