//! The options that answer questions, shared by the commands that make a plan.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use anyhow::Context;

use crate::emit::ANSWERS_FILE;
use crate::spec::file::{self, Layer, Source};
use crate::spec::{Answers, presets};

/// Where answers come from, besides the interview.
#[derive(Debug, clap::Args)]
pub(super) struct AnswerArgs {
    /// Start from a preset: a name that `preset list` shows, or the path of a TOML file
    #[arg(long, value_name = "NAME|FILE")]
    pub(super) preset: Option<String>,

    /// Answer one question, for example `--set scale.peak-rps=200`; may be repeated, and wins over files
    #[arg(long, value_name = "KEY=VALUE")]
    pub(super) set: Vec<String>,
}

impl AnswerArgs {
    /// Flags over the answers file in `directory`, if there is one, over the preset.
    ///
    /// # Errors
    /// Exit 2 for invalid answers, exit 1 for files that cannot be read.
    pub(super) fn layered(&self, directory: Option<&Path>) -> anyhow::Result<Answers> {
        let mut answers = match &self.preset {
            Some(preset) => presets::load(preset)?,
            None => Answers::default(),
        };
        if let Some(directory) = directory
            && let Some(in_file) = answers_file(&directory.join(ANSWERS_FILE))?
        {
            answers.overlay(in_file);
        }
        let mut flags = Answers::default();
        for assignment in &self.set {
            flags.set_from_flag(assignment)?;
        }
        answers.overlay(flags);
        Ok(answers)
    }
}

fn answers_file(path: &Path) -> anyhow::Result<Option<Answers>> {
    let name = path.display().to_string();
    match fs::read_to_string(path) {
        Ok(text) => file::read(&Source { name: &name, text: &text, layer: Layer::AnswersFile }).map(Some),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read the answers file {name}")),
    }
}
