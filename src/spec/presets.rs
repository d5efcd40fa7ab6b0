//! Presets: answers files that come with the tool, or that a team keeps.

use std::path::Path;

use anyhow::Context;
use include_dir::{Dir, include_dir};

use super::answers::Answers;
use super::file::{self, Layer, Source};
use super::nearest::nearest;
use crate::failure::usage;

static PRESETS: Dir = include_dir!("$CARGO_MANIFEST_DIR/presets");

/// A preset that comes with the tool.
#[derive(Debug, Clone, Copy)]
pub struct Preset {
    /// The name for `--preset`.
    pub name: &'static str,
    /// The file.
    pub text: &'static str,
}

impl Preset {
    /// The first comment line of the file: what it is for.
    #[must_use]
    pub fn summary(&self) -> &'static str {
        self.text.lines().next().unwrap_or_default().trim_start_matches(['#', ' '])
    }
}

/// All built-in presets, by name.
#[must_use]
pub fn built_in() -> Vec<Preset> {
    let mut presets: Vec<Preset> = PRESETS
        .files()
        .filter_map(|file| {
            let name = file.path().file_stem()?.to_str()?;
            Some(Preset { name, text: file.contents_utf8()? })
        })
        .collect();
    presets.sort_by_key(|preset| preset.name);
    presets
}

/// The built-in preset of a name.
///
/// # Errors
/// Exit 2 with the names there are.
pub fn find(name: &str) -> anyhow::Result<Preset> {
    built_in().into_iter().find(|preset| preset.name == name).ok_or_else(|| {
        let presets = built_in();
        let names: Vec<&str> = presets.iter().map(|preset| preset.name).collect();
        let hint =
            nearest(name, names.iter().copied()).map_or_else(String::new, |near| format!(". Did you mean \"{near}\"?"));
        usage(format!(
            "there is no preset \"{name}\"; built in are {}, and the path of a TOML file works too{hint}",
            names.join(", ")
        ))
    })
}

/// Reads a preset by name or, when it looks like a path, from disk.
///
/// # Errors
/// Exit 2 for an unknown name or wrong contents, or for one of several services; exit 1 when the file cannot be read.
pub fn load(name_or_path: &str) -> anyhow::Result<Answers> {
    let text = text(name_or_path)?;
    file::read(&Source { name: name_or_path, text: &text, layer: Layer::Preset })
}

/// The folder and the answers of each service of a preset that makes a workspace; none where it is of one service.
///
/// # Errors
/// As [`load`].
pub fn load_several(name_or_path: &str) -> anyhow::Result<Option<Vec<(String, Answers)>>> {
    let text = text(name_or_path)?;
    file::read_several(&Source { name: name_or_path, text: &text, layer: Layer::Preset })
}

fn text(name_or_path: &str) -> anyhow::Result<String> {
    let is_path = name_or_path.contains(['/', '\\'])
        || Path::new(name_or_path).extension().is_some_and(|extension| extension == "toml");
    if !is_path {
        return Ok(find(name_or_path)?.text.to_owned());
    }
    file::load(Path::new(name_or_path)).with_context(|| format!("cannot read the preset {name_or_path}"))
}
