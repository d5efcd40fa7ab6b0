//! The command line: one file a subcommand, its arguments first, then what it does.

mod adopt;
mod answers;
mod asking;
mod changes;
mod check;
mod completions;
mod detach;
mod diff;
mod directory;
mod emission;
mod entry;
mod init;
mod listing;
mod man;
mod named_files;
mod new;
mod own_code;
mod plan;
mod preset;
mod rebase;
mod recovery;
mod resolve;
mod restore;
mod review;
mod setup;
mod several;
mod simulate;
mod summary;
mod upgrade;
mod why;

use clap::{Parser, Subcommand};

/// Deployment files for a Node/TypeScript service, fitted to its stack and its scale.
///
/// Asks about the stack, the load and the team, decides the platform and the sizes with their reasons,
/// and writes a repository that builds, runs and deploys.
#[derive(Debug, Parser)]
#[command(name = "seaworthy", version, propagate_version = true, after_help = EXIT_CODES)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

const EXIT_CODES: &str = "Exit codes: 0 done, 1 failed or cancelled, 2 usage, invalid or missing answers, \
                          3 findings, drift, differences or sizes too small, 4 conflicts were written, \
                          5 refused (unresolved conflicts, a file in the way, uncommitted changes, an unsafe path)";

#[derive(Debug, Subcommand)]
enum Command {
    New(new::Args),
    Init(init::Args),
    Plan(plan::Args),
    Why(why::Args),
    Diff(diff::Args),
    Upgrade(upgrade::Args),
    Entry(entry::Args),
    Check(check::Args),
    Resolve(resolve::Args),
    Restore(restore::Args),
    Adopt(adopt::Args),
    Detach(detach::Args),
    Rebase(rebase::Args),
    Review(review::Args),
    Setup(setup::Args),
    Simulate(simulate::Args),
    Preset(preset::Args),
    Completions(completions::Args),
    Man(man::Args),
}

/// Runs a command; the number is the exit code.
///
/// # Errors
/// Whatever went wrong; [`crate::failure::exit_code`] gives its exit code.
pub fn run(cli: Cli) -> anyhow::Result<u8> {
    match cli.command {
        Command::New(args) => new::run(&args),
        Command::Init(args) => init::run(&args),
        Command::Entry(args) => entry::run(&args),
        Command::Plan(args) => plan::run(&args),
        Command::Why(args) => why::run(&args),
        Command::Diff(args) => diff::run(&args),
        Command::Upgrade(args) => upgrade::run(&args),
        Command::Check(args) => check::run(&args),
        Command::Resolve(args) => resolve::run(&args),
        Command::Restore(args) => restore::run(&args),
        Command::Adopt(args) => adopt::run(&args),
        Command::Detach(args) => detach::run(&args),
        Command::Rebase(args) => rebase::run(&args),
        Command::Review(args) => review::run(&args),
        Command::Setup(args) => setup::run(&args),
        Command::Simulate(args) => simulate::run(&args),
        Command::Preset(args) => preset::run(args),
        Command::Completions(args) => completions::run(&args),
        Command::Man(args) => man::run(&args),
    }
}

/// The whole command line, for completions, the manual and the tests of both.
#[must_use]
pub fn command() -> clap::Command {
    <Cli as clap::CommandFactory>::command()
}
