//! The line that brings `src/ops` into the entry point.

use super::edits::Edit;
use crate::detect::source::Source;
use crate::spec::Ops;

/// What is imported, from the file at `path`.
pub(super) fn specifier(path: &str, ops: &Ops) -> String {
    let from: Vec<&str> = path.rsplit_once('/').map_or(Vec::new(), |(folder, _)| folder.split('/').collect());
    let to: Vec<&str> = ops.folder.split('/').collect();
    let same = from.iter().zip(&to).take_while(|(one, other)| one == other).count();
    let up = "../".repeat(from.len() - same);
    let down = to[same..].join("/");
    format!("{}{down}/service{}", if up.is_empty() { "./" } else { &up }, ops.style.imports())
}

/// The statement without its `;`.
pub(super) fn statement(specifier: &str, names: &[&str], is_commonjs: bool) -> String {
    let names = names.join(", ");
    if is_commonjs {
        format!("const {{ {names} }} = require(\"{specifier}\")")
    } else {
        format!("import {{ {names} }} from \"{specifier}\"")
    }
}

/// The statement behind the last one of its kind at the top of the file.
pub(super) fn edit(source: &Source, original: &str, ops: &Ops, names: &[&str]) -> Edit {
    let statement = statement(&specifier(&source.path, ops), names, ops.style.is_commonjs());
    let found = if ops.style.is_commonjs() { last_require(source) } else { last_import(source) };
    match found {
        Some(end) => Edit::at(end, format!("\n{statement}{}", if ends_bare(source, end) { "" } else { ";" })),
        None => Edit::at(first_line(original), format!("{statement};\n")),
    }
}

/// Whether the statement that ends there has no `;`.
fn ends_bare(source: &Source, end: usize) -> bool {
    !source.bare[..end].trim_end().ends_with(';')
}

/// The end of the last import at the start of a line.
fn last_import(source: &Source) -> Option<usize> {
    let starts = source.words("import").filter(|at| *at == 0 || source.bare.as_bytes()[at - 1] == b'\n');
    let is_import =
        |at: &usize| source.bare[at + "import".len()..].starts_with([' ', '\t', '\n', '\r', '{', '"', '\'', '*']);
    let ends = starts.filter(is_import).filter_map(|at| {
        let rest = &source.bare[at..];
        let open = rest.find(['"', '\''])?;
        let quote = rest[open..].chars().next()?;
        let close = open + 1 + rest[open + 1..].find(quote)?;
        let line = rest[close..].find('\n').unwrap_or(rest.len() - close);
        Some(at + close + rest[close..close + line].trim_end().len())
    });
    ends.last()
}

/// The end of the last line of the first ones that are `const a = require("a");`.
fn last_require(source: &Source) -> Option<usize> {
    let mut found = None;
    let mut at = 0;
    for line in source.bare.split_inclusive('\n') {
        let is_declared = ["const ", "let ", "var "].iter().any(|word| line.starts_with(word));
        let is_whole = line.matches('(').count() == line.matches(')').count();
        let end = at + line.trim_end().len();
        if is_declared && line.contains("= require(") && is_whole && !line.trim_end().ends_with(',') {
            found = Some(end);
        } else if found.is_some() && !line.trim().is_empty() {
            break;
        }
        at += line.len();
    }
    found
}

/// Behind a first line for the shell, and behind directives.
fn first_line(original: &str) -> usize {
    let mut at = 0;
    for line in original.split_inclusive('\n') {
        let is_first = line.starts_with("#!") || line.trim_start().starts_with(['"', '\'']);
        if !is_first {
            break;
        }
        at += line.len();
    }
    at
}
