//! What the answers of a repository come to now, for the commands that compare it with what is there.

use std::path::Path;

use super::directory::with_directory_name;
use crate::apply::{OnDisk, Target};
use crate::emit;
use crate::failure::{refused, usage};
use crate::merge::find_marker;
use crate::plan::{Plan, plan};
use crate::render::file_set::FileSet;
use crate::spec::file::{self, ANSWERS_FILE, Layer, Source};
use crate::spec::{Answers, Spec, Value, edit};

/// The files that a repository's answers come to, without a lock.
pub(super) struct Emission {
    pub(super) files: FileSet,
    pub(super) plan: Plan,
    /// The answers file as it was read.
    pub(super) answers_before: String,
}

/// Reads the answers of a tree, with those of `--set` over them. Writes nothing.
///
/// # Errors
/// Exit 2 for answers that are missing, invalid or do not fit each other; exit 5 for conflict markers in their
/// file.
pub(super) fn of(target: &Target, set: &[String]) -> anyhow::Result<Emission> {
    let shown = shown(target.root());
    let before = read(target, &shown)?;
    let source = |text| Source { name: &shown, text, layer: Layer::AnswersFile };
    let mut flags = Answers::default();
    for assignment in set {
        flags.set_from_flag(assignment)?;
    }
    let mut answers = file::read(&source(&before))?;
    let changed = changed(&answers, &flags);
    let after = if changed.is_empty() { before.clone() } else { edit::set_answers(&before, &borrowed(&changed))? };
    answers.overlay(flags);
    let spec = Spec::new(with_directory_name(answers, target.root()))?;
    let plan = plan(&spec)?;
    // What is written has to be read again by the next run.
    file::read(&source(&after))?;
    Ok(Emission { files: emit::without_lock(&plan, after)?, plan, answers_before: before })
}

/// The answers of the flags that say something else than the file.
fn changed(answers: &Answers, flags: &Answers) -> Vec<(&'static str, Value)> {
    let is_new = |(key, value): &(&'static str, Value)| answers.get(key).is_none_or(|known| known.value != *value);
    flags.by_key().into_iter().map(|(key, answer)| (key, answer.value)).filter(is_new).collect()
}

fn borrowed<'a>(answers: &'a [(&'static str, Value)]) -> Vec<(&'a str, &'a Value)> {
    answers.iter().map(|(key, value)| (*key, value)).collect()
}

/// The path of the answers file as the user would write it.
fn shown(root: &Path) -> String {
    let path = if root == Path::new(".") { Path::new(ANSWERS_FILE).to_owned() } else { root.join(ANSWERS_FILE) };
    path.display().to_string()
}

fn read(target: &Target, shown: &str) -> anyhow::Result<String> {
    let bytes = match target.read(ANSWERS_FILE)? {
        OnDisk::File(bytes) => bytes,
        OnDisk::Absent => {
            return Err(usage(format!(
                "{shown} is missing, and everything follows from it. Bring it back as it was committed: \
                 `git checkout HEAD -- {ANSWERS_FILE}`"
            )));
        }
        OnDisk::Other(reason) => return Err(refused(format!("{shown}: {reason}; put a regular file there"))),
    };
    if let Some(line) = find_marker(&bytes) {
        return Err(refused(format!("{shown}:{line}: conflict markers are in it. Resolve them, and run it again.")));
    }
    String::from_utf8(bytes).map_err(|_| usage(format!("{shown} is not UTF-8 text; save it as UTF-8")))
}
