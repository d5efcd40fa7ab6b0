//! The template engine: delimiters, strictness and filters.

use anyhow::Context;
use minijinja::syntax::SyntaxConfig;
use minijinja::{AutoEscape, Environment, ErrorKind, UndefinedBehavior};

use crate::text;

/// An engine that loads the embedded templates.
///
/// The delimiters are square brackets, since `${{ }}` belongs to GitHub, `{}` to everybody, and `<<` to
/// shell and YAML. A name that the view does not have is an error, never an empty string.
///
/// # Errors
/// When the delimiters contradict each other: a fault of the tool.
pub(super) fn engine() -> anyhow::Result<Environment<'static>> {
    let mut engine = Environment::new();
    engine.set_syntax(syntax().context("setting the delimiters of templates")?);
    engine.set_undefined_behavior(UndefinedBehavior::Strict);
    // Output formats differ; each print of free text names its own filter.
    engine.set_auto_escape_callback(|_| AutoEscape::None);
    engine.set_loader(load);
    add_filters(&mut engine);
    Ok(engine)
}

fn syntax() -> Result<SyntaxConfig, minijinja::Error> {
    SyntaxConfig::builder()
        .variable_delimiters("[=", "=]")
        .block_delimiters("[%", "%]")
        .comment_delimiters("[#", "#]")
        .trim_blocks(true)
        .lstrip_blocks(true)
        .keep_trailing_newline(true)
        .build()
}

/// An include may leave out `.j2`.
fn load(name: &str) -> Result<Option<String>, minijinja::Error> {
    super::source(name)
        .or_else(|| super::source(&format!("{name}.j2")))
        .map(|bytes| {
            String::from_utf8(bytes.to_vec())
                .map_err(|error| minijinja::Error::new(ErrorKind::BadSerialization, error.to_string()))
        })
        .transpose()
}

type Filter = fn(&str) -> String;

/// One filter a format: see [`text`].
fn add_filters(engine: &mut Environment<'static>) {
    let filters: [(&str, Filter); 9] = [
        ("comment", text::comment),
        ("docker", text::dockerfile_value),
        ("dotenv", text::dotenv_value),
        ("json", text::json_string),
        ("md", text::markdown),
        ("sh", text::shell_word),
        ("toml", text::toml_string),
        ("ts", text::typescript_string),
        ("yaml", text::json_string),
    ];
    for (name, filter) in filters {
        engine.add_filter(name, move |text: String| filter(&text));
    }
}
