//! TypeScript as code, string literals and comments: enough to see text that leaves its literal.

use anyhow::{Result, bail, ensure};

use super::{Part, part};

pub(crate) fn parts(text: &str) -> Result<Vec<Part>> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let (fixed, length) = token(c, rest, &parts)?;
        let (token, after) = rest.split_at(length);
        match fixed {
            Some(kind) => parts.push(part(kind, token)),
            None => match parts.last_mut() {
                Some(Part { fixed, leaf }) if leaf.is_empty() => fixed.push_str(token),
                _ => parts.push(part(token, "")),
            },
        }
        rest = after;
    }
    Ok(parts)
}

/// The kind of a literal or comment, or `None` for code, and its length.
fn token(c: char, rest: &str, before: &[Part]) -> Result<(Option<&'static str>, usize)> {
    if rest.starts_with("//") {
        return Ok((Some("//"), rest.find(['\n', '\u{2028}', '\u{2029}']).unwrap_or(rest.len())));
    }
    if let Some(inner) = rest.strip_prefix("/*") {
        let Some(end) = inner.find("*/") else { bail!("a comment does not end: {rest:?}") };
        return Ok((Some("/*"), end + 4));
    }
    match c {
        '"' | '\'' => Ok((Some("text"), quoted(rest, c, false)?)),
        '`' => Ok((Some("template"), quoted(rest, c, true)?)),
        '/' if starts_a_pattern(before) => Ok((Some("pattern"), pattern(rest)?)),
        _ => Ok((None, c.len_utf8())),
    }
}

/// The length of a literal with its quotes.
fn quoted(text: &str, quote: char, may_span_lines: bool) -> Result<usize> {
    let mut escaped = false;
    for (index, c) in text.char_indices().skip(1) {
        ensure!(may_span_lines || c != '\n', "a literal does not end on its line: {text:?}");
        if escaped {
            escaped = false;
        } else if c == '\\' {
            escaped = true;
        } else if c == quote {
            return Ok(index + 1);
        }
    }
    bail!("a literal does not end: {text:?}")
}

/// A slash divides behind a value, and starts a pattern behind everything else.
fn starts_a_pattern(before: &[Part]) -> bool {
    let code = before.iter().rev().find(|part| part.leaf.is_empty()).map_or("", |part| part.fixed.trim_end());
    code.ends_with(|c| "(,=:[!&|?{};".contains(c)) || code.ends_with("return")
}

fn pattern(text: &str) -> Result<usize> {
    let mut escaped = false;
    let mut in_class = false;
    for (index, c) in text.char_indices().skip(1) {
        match c {
            '\n' => break,
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '[' => in_class = true,
            ']' => in_class = false,
            '/' if !in_class => return Ok(index + 1),
            _ => {}
        }
    }
    bail!("a pattern does not end: {text:?}")
}
