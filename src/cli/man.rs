//! `seaworthy man`

use std::io;

use clap_mangen::Man;

use crate::failure::DONE;
use crate::ui;

/// Print the manual page, all commands in one page.
///
/// To read it: `seaworthy man | man -l -`
#[derive(Debug, clap::Args)]
pub(super) struct Args {}

pub(super) fn run(_: &Args) -> anyhow::Result<u8> {
    let mut page = Vec::new();
    let mut command = super::command();
    command.build();
    Man::new(command.clone()).render(&mut page)?;
    render_subcommands(&command, &mut page)?;
    ui::result_bytes(&page)?;
    Ok(DONE)
}

/// All commands below `command`, each right after the one that it belongs to.
fn render_subcommands(command: &clap::Command, page: &mut Vec<u8>) -> io::Result<()> {
    for subcommand in command.get_subcommands().filter(|subcommand| subcommand.get_name() != "help") {
        let man = Man::new(subcommand.clone());
        man.render_name_section(page)?;
        man.render_synopsis_section(page)?;
        man.render_description_section(page)?;
        man.render_options_section(page)?;
        render_subcommands(subcommand, page)?;
    }
    Ok(())
}
