//! What a file means to its reader, as a list of tokens: text that people typed may change leaves, never the list.

pub(crate) mod dockerfile;
pub(crate) mod dotenv;
pub(crate) mod markdown;
pub(crate) mod tree;
pub(crate) mod typescript;
pub(crate) mod yaml;

use anyhow::{Context, Result, ensure};

/// One part of a file: what stands there whatever was typed, and what may be typed text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Part {
    /// Key, instruction, tag or code.
    pub(crate) fixed: String,
    /// Value or text.
    pub(crate) leaf: String,
}

pub(crate) fn part(fixed: impl Into<String>, leaf: impl Into<String>) -> Part {
    Part { fixed: fixed.into(), leaf: leaf.into() }
}

/// The parts of a file, read as what its name says it is.
pub(crate) fn parts(path: &str, text: &str) -> Result<Vec<Part>> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let extension = name.rsplit('.').next().unwrap_or_default();
    match (name, extension) {
        (_, "yml" | "yaml") => yaml::parts(text),
        // JSON with comments; nothing is printed into it.
        _ if name.starts_with("tsconfig") => Ok(lines(text)),
        (_, "json") => tree::json(text),
        (_, "toml") => tree::toml(text),
        (_, "ts") => typescript::parts(text),
        (_, "md") => Ok(markdown::parts(text)),
        ("Dockerfile", _) => dockerfile::parts(text),
        (_, "example") => dotenv::parts(text),
        _ => Ok(lines(text)),
    }
    .with_context(|| format!("{path} cannot be read"))
}

fn lines(text: &str) -> Vec<Part> {
    text.lines().map(|line| part(line, "")).collect()
}

/// Checks that two files differ in leaves only, and there only where the plain one holds `marker`.
pub(crate) fn ensure_alike(path: &str, plain: &str, other: &str, marker: &str) -> Result<()> {
    let (plain, other) = (parts(path, plain)?, parts(path, other)?);
    for (index, (mine, theirs)) in plain.iter().zip(&other).enumerate() {
        ensure!(!mine.fixed.contains(marker), "{path}: typed text stands in {:?}, outside of any leaf", mine.fixed);
        ensure!(mine.fixed == theirs.fixed, "{path}, part {index}: {:?} became {:?}", mine.fixed, theirs.fixed);
        ensure!(
            mine.leaf == theirs.leaf || mine.leaf.contains(marker),
            "{path}, part {index} ({}): {:?} became {:?}",
            mine.fixed,
            mine.leaf,
            theirs.leaf
        );
    }
    ensure!(plain.len() == other.len(), "{path}: {} parts became {}", plain.len(), other.len());
    Ok(())
}
