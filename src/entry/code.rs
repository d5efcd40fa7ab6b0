//! Small questions about a text in which comments and strings are blank.

use crate::detect::source::{Source, is_word};

/// The bracket that closes the one at `open`.
pub(super) fn closing(source: &Source, open: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, byte) in source.bare.bytes().enumerate().skip(open) {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}

/// Where the name starts that ends at `end`, and the name; nothing for a part of something longer.
pub(super) fn name_before(source: &Source, end: usize) -> Option<(usize, &str)> {
    let before = source.bare.get(..end)?;
    let start = before.rfind(|c: char| !is_word(c)).map_or(0, |at| at + 1);
    let name = before.get(start..)?;
    let is_member = before.get(..start)?.trim_end().ends_with('.');
    (!name.is_empty() && !name.starts_with(|c: char| c.is_ascii_digit()) && !is_member).then_some((start, name))
}

/// The start of the line that a place is in.
pub(super) fn line_start(source: &Source, at: usize) -> usize {
    source.bare.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |newline| newline + 1)
}

/// The blanks that the line at `start` begins with.
pub(super) fn indent(source: &Source, start: usize) -> &str {
    let rest = source.bare.get(start..).unwrap_or_default();
    &rest[..rest.len() - rest.trim_start_matches([' ', '\t']).len()]
}

/// The name in `const NAME = ` or `const NAME: Type = ` before `at`.
pub(super) fn declared_before(source: &Source, at: usize) -> Option<&str> {
    let start = line_start(source, at);
    let line = source.bare.get(start..at)?.trim_end().strip_suffix('=')?.trim();
    let line = line.strip_prefix("export ").unwrap_or(line);
    let rest = ["const ", "let ", "var "].iter().find_map(|word| line.strip_prefix(word))?.trim();
    let name = rest.split(':').next()?.trim();
    name.chars().all(is_word).then_some(name)
}

/// The end of the statement's line when nothing but `;` follows `after` on it.
pub(super) fn statement_end(source: &Source, after: usize) -> Option<usize> {
    let rest = source.bare.get(after..)?;
    let line = rest.split('\n').next()?;
    matches!(line.trim(), "" | ";").then_some(after + line.trim_end_matches('\r').len())
}

/// The start of the line of a statement that begins with `at`, or with `await` and the like before it.
pub(super) fn statement_start(source: &Source, at: usize) -> Option<usize> {
    let start = line_start(source, at);
    let before = source.bare.get(start..at)?.trim_start();
    let is_bare =
        before.split(' ').filter(|word| !word.is_empty()).all(|word| matches!(word, "await" | "void" | "return"));
    let is_kept = before.trim_end().trim_end_matches("await").trim_end().ends_with('=');
    let is_declared = is_kept && ["const ", "let ", "var "].iter().any(|word| before.starts_with(word));
    ((is_bare || is_declared) && follows_a_statement(source, start)).then_some(start)
}

/// Whether a line at `start` is a statement of its own, which may have another one before it.
fn follows_a_statement(source: &Source, start: usize) -> bool {
    let before = source.bare.get(..start).unwrap_or_default().trim_end();
    match before.chars().next_back() {
        None | Some(';' | '{' | '}' | '"' | '\'' | '`' | ']') => true,
        Some(')') => !closes_a_condition(before),
        Some(c) if is_word(c) => {
            let word = before.rsplit(|c: char| !is_word(c)).next().unwrap_or_default();
            !matches!(word, "else" | "do" | "return" | "await" | "void" | "typeof" | "new")
        }
        Some(_) => false,
    }
}

/// Whether the last bracket of a text belongs to `if (...)` or a loop.
fn closes_a_condition(text: &str) -> bool {
    let mut depth = 0_usize;
    for (at, byte) in text.bytes().enumerate().rev() {
        match byte {
            b')' => depth += 1,
            b'(' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            let before = text[..at].trim_end();
            let word = before.rsplit(|c: char| !is_word(c)).next().unwrap_or_default();
            return matches!(word, "if" | "while" | "for" | "with" | "switch" | "catch");
        }
    }
    true
}
