//! Plan -> files, through the embedded templates. Pure: touches no disk.

mod commonjs;
mod engine;
pub mod file_set;
mod summary;
mod view;
mod zod;

use anyhow::Context;
use include_dir::{Dir, include_dir};
use minijinja::value::Serde;
use minijinja::{Environment, Value, context};
use serde_json::Value as Json;

use crate::catalogue::{self, Output};
use crate::plan::{Plan, Repository};
use file_set::{EmittedFile, FileSet};

static TEMPLATES: Dir = include_dir!("$CARGO_MANIFEST_DIR/templates");

/// Renders every file that the plan calls for.
///
/// # Errors
/// When a template is wrong, with its name and line: a fault of the tool, never of the answers.
pub fn render(plan: &Plan) -> anyhow::Result<FileSet> {
    Renderer::new()?.render(plan, &|_| true, None)
}

/// The templates, read once for several plans.
pub struct Renderer {
    engine: Environment<'static>,
}

impl Renderer {
    /// # Errors
    /// A fault of the tool.
    pub fn new() -> anyhow::Result<Self> {
        Ok(Self { engine: engine::engine()? })
    }

    /// Renders the files whose ids are wanted. One value of the plan may be set by its path, for example `scale.max_replicas`; a path that
    /// the plan does not have changes nothing.
    ///
    /// # Errors
    /// As [`render`].
    pub fn render(
        &self,
        plan: &Plan,
        wanted: &dyn Fn(&str) -> bool,
        instead: Option<(&str, &Json)>,
    ) -> anyhow::Result<FileSet> {
        let mut view = view::view(plan)?;
        if let Some((path, value)) = instead
            && let Some((first, rest)) = path.split_once('.')
            && let Some(place) =
                view.get_mut(first).and_then(|it| it.pointer_mut(&format!("/{}", rest.replace('.', "/"))))
        {
            *place = value.clone();
        }
        // Converted once: every template sees the same values.
        let view = Value::from(Serde(view));
        let outputs = catalogue::outputs(plan);
        let wanted = outputs.iter().filter(|output| wanted(&output.id));
        let files = wanted
            .map(|output| render_output(&self.engine, &view, output).map(|file| in_modules_of(plan, output, file)));
        FileSet::new(files.collect::<anyhow::Result<Vec<_>>>()?)
    }
}

/// Renders what several services of one repository share. `like` is the plan of one of them.
///
/// # Errors
/// As [`render`].
pub fn render_repository(repository: &Repository, like: &Plan) -> anyhow::Result<FileSet> {
    let view = Value::from(Serde(view::of_repository(repository, like)?));
    let engine = engine::engine()?;
    let files =
        catalogue::of_repository(repository.workspace.is_some()).map(|output| render_output(&engine, &view, &output));
    FileSet::new(files.collect::<anyhow::Result<_>>()?)
}

fn render_output(engine: &Environment, view: &Value, output: &Output) -> anyhow::Result<EmittedFile> {
    let name = output.row.template;
    let contents = if name.ends_with(".j2") {
        let template = engine.get_template(name).with_context(|| format!("reading the template {name}"))?;
        let rendered = match output.environment {
            Some(environment) => template.render(context! { environment => Serde(environment), ..view.clone() }),
            None => template.render(view.clone()),
        };
        rendered.with_context(|| format!("rendering the template {name}"))?.into_bytes()
    } else {
        source(name).with_context(|| format!("the template {name} is not embedded"))?.to_vec()
    };
    Ok(EmittedFile {
        id: output.id.clone(),
        path: output.path.clone(),
        contents,
        mode: output.row.mode(),
        policy: output.row.policy,
    })
}

/// JavaScript is written as modules, and a repository may have `CommonJS`.
fn in_modules_of(plan: &Plan, output: &Output, file: EmittedFile) -> EmittedFile {
    let is_commonjs = output.row.is_javascript_of_ops() && plan.existing.ops.as_ref().is_some_and(|it| it.commonjs);
    if !is_commonjs {
        return file;
    }
    EmittedFile { contents: commonjs::of(&String::from_utf8_lossy(&file.contents)).into_bytes(), ..file }
}

/// The bytes of an embedded template.
fn source(name: &str) -> Option<&'static [u8]> {
    TEMPLATES.get_file(name).map(include_dir::File::contents)
}

/// The text of a template, with or without its `.j2`.
#[cfg(test)]
pub(crate) fn source_text(name: &str) -> Option<&'static str> {
    let bytes = source(name).or_else(|| source(&format!("{name}.j2")))?;
    std::str::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests;
