//! The options that answer questions, shared by the commands that make a plan.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::spec::file::{self, ANSWERS_FILE, Layer, Source};
use crate::spec::{Answers, Spec, presets};
use crate::ui;

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
    pub(super) fn layered(&self, directory: &Path) -> anyhow::Result<Answers> {
        let mut answers = match &self.preset {
            Some(preset) => presets::load(preset)?,
            None => Answers::default(),
        };
        if let Some(in_file) = answers_file(directory)? {
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

/// Says what files answer without any effect.
pub(super) fn warn(spec: &Spec) {
    for warning in spec.warnings() {
        ui::talk(&format!("warning: {warning}"));
    }
}

/// The answers file of a directory, if there is one.
fn answers_file(directory: &Path) -> anyhow::Result<Option<Answers>> {
    let path = if directory == Path::new(".") { PathBuf::from(ANSWERS_FILE) } else { directory.join(ANSWERS_FILE) };
    if fs::metadata(&path).is_err_and(|error| matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)) {
        return Ok(None);
    }
    let name = path.display().to_string();
    let text = file::load(&path).with_context(|| format!("cannot read the answers file {name}"))?;
    file::read(&Source { name: &name, text: &text, layer: Layer::AnswersFile }).map(Some)
}
