//! Help, completions and the manual.

use std::io::Write;
use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use clap::ValueEnum;

use super::sandbox::{Outcome, Sandbox};

/// Runs a program with `text` on its standard input.
fn feed(sandbox: &Sandbox, program: &str, arguments: &[&str], text: &str) -> Result<Outcome> {
    let mut command = sandbox.command(program)?;
    let mut child =
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    child.stdin.take().context("stdin is a pipe")?.write_all(text.as_bytes())?;
    let output = child.wait_with_output()?;
    Ok(Outcome {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout)?,
        stderr: String::from_utf8(output.stderr)?,
    })
}

#[test]
fn there_are_completions_for_every_shell() -> Result<()> {
    let sandbox = Sandbox::new()?;
    for shell in clap_complete::Shell::value_variants() {
        let name = shell.to_string();
        let script = sandbox.succeed(&["completions", &name])?.stdout;
        for word in ["seaworthy", "preset", "no-install", "dry-run"] {
            assert!(script.contains(word), "{name} does not complete {word}");
        }
    }
    Ok(())
}

#[test]
fn bash_can_read_its_completions() -> Result<()> {
    let sandbox = Sandbox::new()?;
    let script = sandbox.succeed(&["completions", "bash"])?.stdout;
    let probe = format!(
        "set -eu\n{script}\nCOMP_WORDS=(seaworthy ne) COMP_CWORD=1\n_seaworthy seaworthy ne seaworthy\necho \"${{COMPREPLY[@]}}\""
    );
    let outcome = feed(&sandbox, "bash", &["--norc"], &probe)?;
    assert_eq!((outcome.stdout.trim(), outcome.stderr.as_str()), ("new", ""));
    Ok(())
}

#[test]
fn the_manual_renders_without_warnings() -> Result<()> {
    let sandbox = Sandbox::new()?;
    let page = sandbox.succeed(&["man"])?.stdout;
    assert_eq!(page.matches("\n.TH ").count() + usize::from(page.starts_with(".TH ")), 1);
    let Ok(rendered) = feed(&sandbox, "groff", &["-man", "-Tutf8", "-ww", "-z"], &page) else { return Ok(()) };
    ensure!(rendered.code == Some(0), "{}", rendered.stderr);
    assert_eq!(rendered.stderr, "");
    Ok(())
}

#[test]
fn the_manual_tells_every_command_and_option() -> Result<()> {
    let sandbox = Sandbox::new()?;
    let page = sandbox.succeed(&["man"])?.stdout.replace('\\', "");
    let mut root = seaworthy::cli::command();
    root.build();
    let mut open = vec![root];
    while let Some(command) = open.pop() {
        for argument in command.get_arguments().filter_map(|it| it.get_long()).filter(|long| *long != "help") {
            assert!(page.contains(&format!("--{argument}")), "{}: --{argument}", command.get_name());
        }
        let named = command.get_bin_name().unwrap_or_default().to_owned();
        assert!(page.contains(&named) || page.contains(&named.replace(' ', "-")), "{named}");
        open.extend(command.get_subcommands().filter(|it| it.get_name() != "help").cloned());
    }
    Ok(())
}

#[test]
fn help_tells_the_exit_codes_and_wraps() -> Result<()> {
    let sandbox = Sandbox::new()?;
    let help = sandbox.succeed(&["--help"])?.stdout;
    for word in ["Exit codes", "new", "plan", "review", "preset", "completions", "man"] {
        assert!(help.contains(word), "{word}");
    }
    for command in ["new", "plan", "review", "preset", "completions", "man"] {
        let help = sandbox.succeed(&[command, "--help"])?.stdout;
        let longest = help.lines().map(|line| line.chars().count()).max();
        assert!(longest <= Some(100), "{command} --help has a line of {longest:?} characters");
    }
    Ok(())
}
