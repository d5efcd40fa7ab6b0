//! The `seaworthy` command: parse, run, map the outcome to an exit code.

use std::process::ExitCode;

use clap::Parser;
use seaworthy::cli::Cli;
use seaworthy::{failure, ui};

fn main() -> ExitCode {
    match seaworthy::cli::run(Cli::parse()) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            ui::error(&error);
            ExitCode::from(failure::exit_code(&error))
        }
    }
}
