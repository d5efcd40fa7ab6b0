//! Everything that one set of answers comes to: the rendered files and our own bookkeeping.

use std::collections::BTreeMap;

use anyhow::Context;

use crate::apply::with_lock;
use crate::failure::refused;
use crate::plan::{Plan, Repository};
use crate::render::file_set::{EmittedFile, FileSet, Mode, Policy};
use crate::render::{render, render_repository};
use crate::spec::file::{ANSWERS_FILE, Layer, Source, read};
use crate::spec::repository::id_prefix;
use crate::spec::{Answers, Existing, Origin, Spec, schema, write};

/// All files for a plan. `existing` is the text of an answers file that is there already; it stays as
/// it is, comments included.
///
/// # Errors
/// Exit 5 when `existing` does not say by itself what was decided; exit 1 for a fault of the templates.
pub fn files(spec: &Spec, answers: &Answers, plan: &Plan, existing: Option<&str>) -> anyhow::Result<FileSet> {
    with_lock(without_lock(plan, answers_text(spec, answers, existing, false)?)?)
}

/// The text of the answers file: `existing`, one that is there already, as it is; or one made from the answers. `several`: the
/// service lies beside others in the repository.
///
/// # Errors
/// Exit 5 when `existing` does not say by itself what was decided.
pub fn answers_text(spec: &Spec, answers: &Answers, existing: Option<&str>, several: bool) -> anyhow::Result<String> {
    let Some(text) = existing else {
        return Ok(if several { write::service_file(&spec.app_dir, answers) } else { write::answers_file(answers) });
    };
    check_says_it_all(text, spec)?;
    Ok(text.to_owned())
}

/// All files for a plan and the text of its answers file, without the record of what was emitted.
///
/// # Errors
/// Exit 1 for a fault of the templates.
pub fn without_lock(plan: &Plan, answers_text: String) -> anyhow::Result<FileSet> {
    let rendered = render(plan).context("rendering the templates")?;
    rendered.with(vec![
        text_file("answers", ANSWERS_FILE, answers_text, Policy::Once),
        text_file("schema", ".seaworthy/schema.json", schema::json_schema(), Policy::Managed),
    ])
}

/// All files of several services and of what they share, without the record of what was emitted. `list` is the text of the root's
/// answers file, and `answers_texts` has that of each service, in the order of their plans.
///
/// # Errors
/// Exit 1 for a fault of the templates.
pub fn several(
    repository: &Repository,
    plans: &[Plan],
    list: String,
    answers_texts: Vec<String>,
) -> anyhow::Result<FileSet> {
    let like = plans.first().context("there is no service")?;
    let mut files = render_repository(repository, like).context("rendering the templates")?.with(vec![
        text_file("answers", ANSWERS_FILE, list, Policy::Once),
        text_file("schema", ".seaworthy/schema.json", schema::json_schema(), Policy::Managed),
    ])?;
    for (plan, text) in plans.iter().zip(answers_texts) {
        let folder = &plan.place.folder;
        let (id, path) = (format!("{}answers", id_prefix(folder)), format!("{folder}/{ANSWERS_FILE}"));
        let own = render(plan).with_context(|| format!("rendering the templates of {folder}"))?;
        files = files.with(own.files().to_vec())?.with(vec![text_file(&id, &path, text, Policy::Once)])?;
    }
    Ok(files)
}

fn text_file(id: &str, path: &str, text: String, policy: Policy) -> EmittedFile {
    EmittedFile { id: id.to_owned(), path: path.to_owned(), contents: text.into_bytes(), mode: Mode::Regular, policy }
}

/// An answers file is what later runs start from, so it has to hold every answer that was used.
fn check_says_it_all(text: &str, spec: &Spec) -> anyhow::Result<()> {
    let mut alone = read(&Source { name: ANSWERS_FILE, text, layer: Layer::AnswersFile })?;
    alone.complete_with_defaults();
    let declared = alone.env().iter().map(|entry| (&entry.name, entry)).collect::<BTreeMap<_, _>>();
    let code_alone = alone.existing().map(Existing::entries).unwrap_or_default();
    let alone = alone.by_key();
    // A default that differs only follows from another answer that does.
    let answers = spec.answers.iter().filter(|(key, answer)| {
        answer.origin != Origin::Default && alone.get(*key).map(|it| &it.value) != Some(&answer.value)
    });
    let variables =
        spec.env.iter().filter(|entry| !declared.get(&entry.name).is_some_and(|it| it.says_the_same(entry)));
    let code = spec.existing.as_ref().map(Existing::entries).unwrap_or_default();
    let code = code.into_iter().filter(|entry| !code_alone.contains(entry));
    let missing: Vec<String> = answers
        .map(|(key, answer)| format!("  {key} = {} ({})", answer.value, answer.origin))
        .chain(code.map(|(key, value)| format!("  [existing] {key} = {value}")))
        .chain(variables.map(|entry| format!("  [[env]] {} ({})", entry.name, entry.origin)))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(refused(format!(
        "{ANSWERS_FILE} is there and says something else; later runs would start from it. Nothing was written. \
         Put these answers into it, or give none that differ:\n{}",
        missing.join("\n")
    )))
}
