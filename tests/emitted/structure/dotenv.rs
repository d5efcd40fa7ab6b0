//! An `.env` file, read by the rules that `docker compose` and `node --env-file` share; what only one of them
//! would take is an error.

use anyhow::{Context, Result, bail, ensure};

use super::{Part, part};

pub(crate) fn parts(text: &str) -> Result<Vec<Part>> {
    text.lines()
        .map(|line| match line.strip_prefix('#') {
            Some(comment) => Ok(part("#", comment)),
            None if line.is_empty() => Ok(part("", "")),
            None => assignment(line).map(|(key, value)| part(key, value)),
        })
        .collect()
}

/// `KEY` and its value.
pub(crate) fn assignment(line: &str) -> Result<(&str, &str)> {
    let (key, written) = line.split_once('=').with_context(|| format!("{line:?} has no '='"))?;
    let in_name = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    ensure!(!key.is_empty() && key.chars().all(in_name), "{key:?} is no name");
    Ok((key, value(written)?))
}

fn value(written: &str) -> Result<&str> {
    for (quote, forbidden) in [('\'', "'"), ('"', "\"$\\")] {
        if let Some(rest) = written.strip_prefix(quote) {
            let inner = rest.strip_suffix(quote).with_context(|| format!("{written:?} does not end in its quote"))?;
            ensure!(!inner.contains(|c| forbidden.contains(c)), "{written:?} is read differently by different readers");
            return Ok(inner);
        }
    }
    if written.contains(|c: char| c.is_whitespace() || "'\"`$\\#".contains(c)) {
        bail!("{written:?} needs quotes");
    }
    Ok(written)
}
