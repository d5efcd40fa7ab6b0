//! Readers that go away early.

use std::process::Stdio;

use anyhow::{Context, Result};

use super::sandbox::{SEAWORTHY, Sandbox};

#[test]
fn a_closed_pipe_ends_the_output_and_not_the_run() -> Result<()> {
    let sandbox = Sandbox::new()?;
    for arguments in [&["man"][..], &["completions", "zsh"], &["plan", "--json"], &["preset", "list"], &["--help"]] {
        let mut child =
            sandbox.command(SEAWORTHY)?.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        drop(child.stdout.take());
        let output = child.wait_with_output()?;
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{arguments:?}");
    }
    Ok(())
}

/// What is said to people may get lost; what was asked for is done all the same.
#[test]
fn nobody_has_to_listen() -> Result<()> {
    let sandbox = Sandbox::new()?;
    let mut child = sandbox
        .command(SEAWORTHY)?
        .args(["new", "orders", "--preset", "minimal", "-y", "--no-install"])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()?;
    drop(child.stderr.take().context("stderr is a pipe")?);
    assert_eq!(child.wait()?.code(), Some(0));
    assert!(sandbox.path("orders/Dockerfile").is_file());
    Ok(())
}

#[test]
fn a_full_disk_is_told() -> Result<()> {
    let sandbox = Sandbox::new()?;
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full")?;
    let output = sandbox.command(SEAWORTHY)?.args(["plan"]).stdout(full).stderr(Stdio::piped()).output()?;
    let said = String::from_utf8(output.stderr)?;
    assert_eq!(output.status.code(), Some(1));
    assert!(said.starts_with("error: cannot write to stdout: "), "{said}");
    Ok(())
}
