//! Plan -> files, through the embedded templates. Pure: touches no disk.

mod engine;
pub mod file_set;
mod view;
mod zod;

use anyhow::Context;
use include_dir::{Dir, include_dir};
use minijinja::value::Serde;

use crate::catalogue::{self, Output};
use crate::plan::Plan;
use file_set::{EmittedFile, FileSet};

static TEMPLATES: Dir = include_dir!("$CARGO_MANIFEST_DIR/templates");

/// Renders every file that the plan calls for.
///
/// # Errors
/// When a template is wrong, with its name and line: a fault of the tool, never of the answers.
pub fn render(plan: &Plan) -> anyhow::Result<FileSet> {
    let view = view::view(plan)?;
    let engine = engine::engine();
    let files = catalogue::outputs(plan)
        .iter()
        .map(|output| render_output(&engine, &view, output))
        .collect::<anyhow::Result<Vec<_>>>()?;
    FileSet::new(files)
}

fn render_output(
    engine: &minijinja::Environment,
    view: &serde_json::Map<String, serde_json::Value>,
    output: &Output,
) -> anyhow::Result<EmittedFile> {
    let name = output.row.template;
    let contents = if name.ends_with(".j2") {
        let mut context = view.clone();
        if let Some(environment) = output.environment {
            context.insert("environment".to_owned(), serde_json::to_value(environment)?);
        }
        let template = engine.get_template(name).with_context(|| format!("reading the template {name}"))?;
        template
            .render(minijinja::Value::from(Serde(&context)))
            .with_context(|| format!("rendering the template {name}"))?
            .into_bytes()
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

/// The bytes of an embedded template.
fn source(name: &str) -> Option<&'static [u8]> {
    TEMPLATES.get_file(name).map(include_dir::File::contents)
}
