//! `seaworthy preset list | show NAME | save FILE`

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Subcommand;

use super::answers::AnswerArgs;
use super::directory;
use crate::failure::{DONE, refused, usage};
use crate::spec::{Spec, presets, write};
use crate::{text, ui};

/// List, show or save presets: sets of answers to start from.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List the presets that come with the tool
    List,
    /// Print a preset
    Show {
        /// A name that `preset list` shows
        name: String,
    },
    /// Write answers as a preset: those of seaworthy.toml in this directory, a preset and --set
    Save {
        /// The file to make; it must not exist yet
        file: PathBuf,
        #[command(flatten)]
        answers: AnswerArgs,
    },
}

pub(super) fn run(args: Args) -> anyhow::Result<u8> {
    match args.action {
        Action::List => list()?,
        Action::Show { name } => ui::result(presets::find(&name)?.text)?,
        Action::Save { file, answers } => save(&file, &answers)?,
    }
    Ok(DONE)
}

fn list() -> anyhow::Result<()> {
    let lines = presets::built_in().into_iter().map(|preset| format!("{:<10} {}\n", preset.name, preset.summary()));
    ui::result(&lines.collect::<String>())
}

fn save(file: &Path, args: &AnswerArgs) -> anyhow::Result<()> {
    let mut answers = args.layered(Path::new("."))?;
    if answers.existing().is_none() {
        // Where a service of a workspace lies is not for others.
        answers.unset("stack.app-dir");
    }
    if answers.by_key().is_empty() && answers.env().is_empty() {
        return Err(usage(
            "preset save: there is nothing to save; run it where a seaworthy.toml is, or give --preset or --set",
        ));
    }
    // A preset has no project name; any will do to check that the rest fits together.
    super::answers::warn(&Spec::new(directory::with_any_name(answers.clone()))?);
    let created = OpenOptions::new().write(true).create_new(true).open(file);
    let mut opened = match created {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            return Err(refused(format!("preset save: {} is already there; name another file", file.display())));
        }
        other => other.with_context(|| format!("cannot create {}", file.display()))?,
    };
    opened.write_all(write::preset(&answers).as_bytes()).with_context(|| format!("cannot write {}", file.display()))?;
    ui::talk(&format!("Saved {}. Use it with --preset {}", file.display(), preset_argument(file)));
    Ok(())
}

/// A path that `--preset` cannot take for a name, as a word of a shell.
fn preset_argument(file: &Path) -> String {
    let is_path = file.components().count() > 1 || file.extension().is_some_and(|extension| extension == "toml");
    text::shell_path(&if is_path { file.to_owned() } else { Path::new(".").join(file) })
}
