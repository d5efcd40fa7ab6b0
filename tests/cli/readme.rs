//! What README.md shows of commands that need nothing but the tool is what they print. Spaces and line breaks do not count, and
//! `...` stands for anything.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

use super::sandbox::{SEAWORTHY, Sandbox, outcome};

/// Commands that ask nothing, install nothing and depend on no files but those of the preset.
const SHOWN: &[&str] = &["plan", "simulate", "why"];

#[test]
fn commands_print_what_the_readme_says() -> Result<()> {
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md"))?;
    let sandbox = Sandbox::new()?;
    sandbox.succeed(&["new", "there", "--preset", "at-scale", "--no-install", "-y"])?;
    let mut wrong = Vec::new();
    let mut seen = Vec::new();
    for (line, arguments, shown) in blocks(&readme) {
        seen.push(arguments[0]);
        let folder = sandbox.path(if arguments[0] == "why" { "there" } else { "." });
        let outcome = outcome(sandbox.command(SEAWORTHY)?.args(&arguments).current_dir(folder))?;
        let printed = words(&format!("{}{}", outcome.stdout, outcome.stderr));
        if let Some(missing) = first_missing(&shown, &printed) {
            wrong.push(format!("README.md:{line}: `seaworthy {}` does not print: {missing}", arguments.join(" ")));
        }
    }
    ensure!(SHOWN.iter().all(|name| seen.contains(name)), "README.md shows only {seen:?} of {SHOWN:?}");
    ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

#[test]
fn what_is_not_printed_is_found() -> Result<()> {
    let readme = "    $ seaworthy plan --preset api\n    Pool: 8 ... of\n      100\n\n    more\n\ntext\n    $ seaworthy new a\n    b\n";
    let blocks = blocks(readme);
    let (line, arguments, shown) = blocks.first().context("a block")?;
    assert_eq!((blocks.len(), *line, arguments.join(" ")), (1, 1, "plan --preset api".to_owned()));
    assert_eq!(first_missing(shown, &words("Pool:  8 connections of 100 more")), None);
    assert_eq!(first_missing(shown, &words("more Pool: 8 connections of 100")), Some("more".to_owned()));
    assert_eq!(first_missing(shown, &words("Pool: 9 connections of 100 more")), Some("Pool: 8".to_owned()));
    Ok(())
}

/// Number of the line, arguments and what is shown below, of each command that is followed.
fn blocks(readme: &str) -> Vec<(usize, Vec<&str>, Vec<&str>)> {
    let mut found = Vec::new();
    let mut lines = readme.lines().zip(1..).peekable();
    while let Some((line, number)) = lines.next() {
        let Some(command) = line.strip_prefix("    $ seaworthy ") else { continue };
        let arguments: Vec<&str> = command.split_whitespace().collect();
        let mut shown = Vec::new();
        let is_shown = |line: &str| (line.is_empty() || line.starts_with("    ")) && !line.starts_with("    $ ");
        while let Some((more, _)) = lines.next_if(|(line, _)| is_shown(line)) {
            shown.push(more);
        }
        if SHOWN.contains(&arguments[0]) {
            found.push((number, arguments, shown));
        }
    }
    found
}

/// The first piece between `...` and line ends that is not there, or not in its turn.
fn first_missing(shown: &[&str], printed: &str) -> Option<String> {
    let mut rest = printed;
    let pieces = shown.iter().flat_map(|line| line.split("...")).map(words).filter(|piece| !piece.is_empty());
    for piece in pieces {
        match rest.find(&piece) {
            Some(at) => rest = &rest[at + piece.len()..],
            None => return Some(piece),
        }
    }
    None
}

fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
