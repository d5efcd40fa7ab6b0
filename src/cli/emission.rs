//! What the answers of a repository come to now, for the commands that compare it with what is there.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context;

use super::answers;
use super::directory::with_directory_name;
use super::several::{self, Named};
use crate::apply::{OnDisk, Target};
use crate::emit;
use crate::failure::{refused, usage};
use crate::merge::find_marker;
use crate::plan::{self, Plan, plan};
use crate::render::file_set::FileSet;
use crate::spec::file::{self, ANSWERS_FILE, Layer, Source};
use crate::spec::repository::id_prefix;
use crate::spec::{Answers, Origin, Spec, Value, edit, repository};
use crate::upgrade::{self, Options, Prepared};

/// The files that a repository's answers come to, without a lock.
pub(super) struct Emission {
    pub(super) files: FileSet,
    /// The answers of each service.
    pub(super) specs: Vec<Spec>,
    /// What follows from them.
    pub(super) plans: Vec<Plan>,
    /// Answers files as they were read, by path.
    pub(super) answers_before: BTreeMap<String, String>,
    /// What the ids of services start with that were not named.
    others: Vec<String>,
}

impl Emission {
    /// Where it runs: the platform, or those of all services.
    pub(super) fn platform(&self) -> String {
        let mut names: Vec<&str> = Vec::new();
        for plan in &self.plans {
            if !names.contains(&plan.platform.name) {
                names.push(plan.platform.name);
            }
        }
        names.join(", ")
    }

    /// Says what the answers of the service that was named, or of all, say without any effect.
    fn warn(&self, service: Option<&str>) {
        let named = self.specs.iter().filter(|spec| service.is_none_or(|folder| spec.app_dir == folder));
        named.for_each(answers::warn);
    }

    /// What a person types to install.
    pub(super) fn install_by_hand(&self) -> &str {
        self.plans.first().map_or("", |plan| plan.packages.install_by_hand.as_str())
    }

    /// Whether a file is of a service that was not named.
    fn is_other(&self, id: &str) -> bool {
        self.others.iter().any(|prefix| id.starts_with(prefix))
    }

    /// Compares it with what is there. Writes nothing.
    ///
    /// # Errors
    /// As [`upgrade::prepare`].
    pub(super) fn compare(&self, root: &Path, options: &Options) -> anyhow::Result<Prepared> {
        if self.others.is_empty() {
            return upgrade::prepare(root, &self.files, options);
        }
        let files = upgrade::narrow(&upgrade::open(root)?, &self.files, |id| self.is_other(id))?;
        Ok(upgrade::prepare(root, &files, options)?.told_without(|id| self.is_other(id)))
    }
}

/// Looks at what a directory on the command line means, and reads its answers.
///
/// # Errors
/// As [`upgrade::open`] and [`of`].
pub(super) fn open(directory: &Path, set: &[String]) -> anyhow::Result<(PathBuf, Emission)> {
    let Named { root, service } = several::named(directory)?;
    let emission = of_service(&upgrade::open(&root)?, service.as_deref(), set)?;
    emission.warn(service.as_deref());
    Ok((root, emission))
}

/// Reads the answers of a tree. Writes nothing.
///
/// # Errors
/// Exit 2 for answers that are missing, invalid or do not fit each other; exit 5 for conflict markers in their
/// file.
pub(super) fn of(target: &Target) -> anyhow::Result<Emission> {
    let emission = of_service(target, None, &[])?;
    emission.warn(None);
    Ok(emission)
}

/// The same with the answers of `--set` over them, for all services or the one in a folder.
fn of_service(target: &Target, service: Option<&str>, set: &[String]) -> anyhow::Result<Emission> {
    let list = read(target, ANSWERS_FILE)?;
    let Some(folders) = repository::services(&shown(target.root(), ANSWERS_FILE), &list)? else {
        let (spec, before, after) =
            read_service(target, ANSWERS_FILE, set, |answers| Ok(with_directory_name(answers, target.root())))?;
        let plan = plan(&spec)?;
        return Ok(Emission {
            files: emit::without_lock(&plan, after)?,
            specs: vec![spec],
            plans: vec![plan],
            answers_before: BTreeMap::from([(ANSWERS_FILE.to_owned(), before)]),
            others: Vec::new(),
        });
    };
    if let (None, Some(assignment)) = (service, set.first()) {
        return Err(usage(format!(
            "--set {assignment}: each service of this repository has answers of its own; name the folder of one: {}",
            folders.join(", ")
        )));
    }
    let Answered { specs, texts, before: answers_before } =
        answered(target, &folders, |folder| if service == Some(folder) { set } else { &[] })?;
    let (shared, plans) = plan::repository::plans(&specs)?;
    let others = folders.iter().filter(|folder| service.is_some_and(|named| named != folder.as_str()));
    let others = others.map(|folder| id_prefix(folder)).collect();
    Ok(Emission { files: emit::several(&shared, &plans, list, texts)?, specs, plans, answers_before, others })
}

/// The answers of several services, in the order of their list.
struct Answered {
    specs: Vec<Spec>,
    /// With the answers of `--set`.
    texts: Vec<String>,
    /// As they were read, by path.
    before: BTreeMap<String, String>,
}

fn answered<'a>(target: &Target, folders: &[String], set: impl Fn(&str) -> &'a [String]) -> anyhow::Result<Answered> {
    let mut answered = Answered { specs: Vec::new(), texts: Vec::new(), before: BTreeMap::new() };
    for folder in folders {
        let path = format!("{folder}/{ANSWERS_FILE}");
        let (spec, before, after) = read_service(target, &path, set(folder), |answers| within(answers, folder, &path))?;
        answered.specs.push(spec);
        answered.texts.push(after);
        answered.before.insert(path, before);
    }
    Ok(answered)
}

/// One more service beside those that the repository has.
pub(super) struct Added {
    /// All files; those of the other services as they were emitted last.
    pub(super) files: FileSet,
    /// Of the new service.
    pub(super) plan: Plan,
    /// The list of services as it was read.
    pub(super) list_before: String,
}

/// Puts a service beside those that are there. `text` is that of its answers.
///
/// # Errors
/// As [`of`], and exit 2 for names that another one has.
pub(super) fn with_service(target: &Target, spec: &Spec, text: String) -> anyhow::Result<Added> {
    let list_before = read(target, ANSWERS_FILE)?;
    let folders = repository::services(&shown(target.root(), ANSWERS_FILE), &list_before)?.unwrap_or_default();
    let Answered { mut specs, mut texts, .. } = answered(target, &folders, |_| &[])?;
    specs.push(spec.clone());
    texts.push(text);
    let (shared, mut plans) = plan::repository::plans(&specs)?;
    let list = repository::with(&list_before, &spec.app_dir)?;
    let files = emit::several(&shared, &plans, list, texts)?;
    let files = upgrade::narrow(target, &files, |id| folders.iter().any(|it| id.starts_with(&id_prefix(it))))?;
    let plan = plans.pop().context("there is no service")?;
    Ok(Added { files, plan, list_before })
}

/// The answers of a service in a folder say that folder, if they say one.
///
/// # Errors
/// Exit 2 when they name another one.
pub(super) fn within(mut answers: Answers, folder: &str, path: &str) -> anyhow::Result<Answers> {
    match answers.text("stack.app-dir").filter(|it| !it.is_empty()) {
        Some(other) if other != folder => Err(usage(format!(
            "{path}: stack.app-dir: this file has the answers of {folder}, where it lies, and names {other:?}; leave the key out"
        ))),
        _ => {
            answers.set("stack.app-dir", Value::Text(folder.to_owned()), Origin::Directory);
            Ok(answers)
        }
    }
}

/// The answers in one file, its text, and the text with the answers of `--set`.
fn read_service(
    target: &Target,
    path: &str,
    set: &[String],
    complete: impl Fn(Answers) -> anyhow::Result<Answers>,
) -> anyhow::Result<(Spec, String, String)> {
    let shown = shown(target.root(), path);
    let before = read(target, path)?;
    let source = |text| Source { name: &shown, text, layer: Layer::AnswersFile };
    let mut flags = Answers::default();
    for assignment in set {
        flags.set_from_flag(assignment)?;
    }
    let mut answers = file::read(&source(&before))?;
    let changed = changed(&answers, &flags);
    let after = if changed.is_empty() { before.clone() } else { edit::set_answers(&before, &borrowed(&changed))? };
    answers.overlay(flags);
    let spec = Spec::new(complete(answers)?)?;
    // What is written has to be read again by the next run.
    file::read(&source(&after))?;
    Ok((spec, before, after))
}

/// The answers of the flags that say something else than the file.
fn changed(answers: &Answers, flags: &Answers) -> Vec<(&'static str, Value)> {
    let is_new = |(key, value): &(&'static str, Value)| answers.get(key).is_none_or(|known| known.value != *value);
    flags.by_key().into_iter().map(|(key, answer)| (key, answer.value)).filter(is_new).collect()
}

fn borrowed<'a>(answers: &'a [(&'static str, Value)]) -> Vec<(&'a str, &'a Value)> {
    answers.iter().map(|(key, value)| (*key, value)).collect()
}

/// The path of an answers file as the user would write it.
fn shown(root: &Path, path: &str) -> String {
    let path = if root == Path::new(".") { Path::new(path).to_owned() } else { root.join(path) };
    path.display().to_string()
}

/// The text of an answers file.
///
/// # Errors
/// Exit 2 where it is missing or no text; exit 5 for conflict markers.
pub(super) fn read(target: &Target, path: &str) -> anyhow::Result<String> {
    let shown = shown(target.root(), path);
    let bytes = match target.read(path)? {
        OnDisk::File(bytes) => bytes,
        OnDisk::Absent => {
            return Err(usage(format!(
                "{shown} is missing, and everything follows from it. Bring it back as it was committed: \
                 `git checkout HEAD -- {path}`"
            )));
        }
        OnDisk::Other(reason) => return Err(refused(format!("{shown}: {reason}; put a regular file there"))),
    };
    if let Some(line) = find_marker(&bytes) {
        return Err(refused(format!("{shown}:{line}: conflict markers are in it. Resolve them, and run it again.")));
    }
    String::from_utf8(bytes).map_err(|_| usage(format!("{shown} is not UTF-8 text; save it as UTF-8")))
}
