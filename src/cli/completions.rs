//! `seaworthy completions SHELL`

use clap_complete::{Shell, generate};

use crate::failure::DONE;
use crate::ui;

/// Print a completion script.
///
/// For bash: `seaworthy completions bash > ~/.local/share/bash-completion/completions/seaworthy`
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The shell that shall complete
    shell: Shell,
}

pub(super) fn run(args: &Args) -> anyhow::Result<u8> {
    let mut script = Vec::new();
    generate(args.shell, &mut super::command(), "seaworthy", &mut script);
    ui::result_bytes(&script)?;
    Ok(DONE)
}
