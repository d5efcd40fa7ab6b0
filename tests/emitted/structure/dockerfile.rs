//! A Dockerfile as its instructions and their words.

use anyhow::{Result, ensure};

use super::{Part, part};

const INSTRUCTIONS: [&str; 13] = [
    "FROM",
    "WORKDIR",
    "RUN",
    "COPY",
    "VOLUME",
    "ENV",
    "ARG",
    "LABEL",
    "USER",
    "EXPOSE",
    "HEALTHCHECK",
    "ENTRYPOINT",
    "CMD",
];

pub(crate) fn parts(text: &str) -> Result<Vec<Part>> {
    let mut parts = Vec::new();
    for instruction in instructions(text) {
        let (name, rest) = instruction.split_once(' ').unwrap_or((&instruction, ""));
        ensure!(INSTRUCTIONS.contains(&name), "{name:?} is no instruction");
        parts.push(part(name, ""));
        for word in words(rest)? {
            match word.split_once('=') {
                Some((key, value)) if name == "LABEL" || name == "ENV" => parts.push(part(key, value)),
                _ => parts.push(part(word, "")),
            }
        }
    }
    Ok(parts)
}

/// Whole instructions, continued lines joined and comments dropped.
fn instructions(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = String::new();
    for line in text.lines().filter(|line| !line.trim_start().starts_with('#')) {
        if let Some(more) = line.strip_suffix('\\') {
            open.push_str(more);
        } else {
            open.push_str(line);
            if !open.trim().is_empty() {
                found.push(open.trim().to_owned());
            }
            open.clear();
        }
    }
    found
}

/// Words as the builder splits them: blanks separate, quotes hold together, a backslash escapes.
fn words(text: &str) -> Result<Vec<String>> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quote = None;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (None | Some('"'), '\\') => word.extend(chars.next().map(|escaped| ['\\', escaped]).into_iter().flatten()),
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), _) if open == c => quote = None,
            (None, ' ') => {
                if !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
            }
            (Some('"'), '$') if text.contains("description=") => {
                ensure!(
                    chars.as_str().starts_with("{SOURCE}") || chars.as_str().starts_with("{REVISION}"),
                    "{text:?} expands a variable"
                );
                word.push(c);
            }
            _ => word.push(c),
        }
    }
    ensure!(quote.is_none(), "{text:?} has an open quote");
    if !word.is_empty() {
        words.push(word);
    }
    Ok(words)
}
