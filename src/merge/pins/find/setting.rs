//! Versions of tools: `NPM_VERSION=11.19.1`, `version: v1.36.3`, `node-version: [22, 24]`, `npm@11.19.1`.

use std::ops::Range;

use super::{Kind, Slot, Version, word_end};
use crate::merge::pins::version::split_operator;

/// Settings that are named by something else than `version`.
const KEYS: [&str; 3] = ["rev", "targetrevision", "node"];

/// Versions of a format or an interface, which no bot bumps.
const FORMATS: [&str; 8] = ["api", "schema", "format", "config", "lockfile", "protocol", "manifest", "tls"];

/// The versions that keys in this line have.
pub(super) fn slots(index: usize, line: &str) -> Vec<Slot<'_>> {
    let mut found = Vec::new();
    for (at, _) in line.match_indices([':', '=']) {
        let Some(key) = key_before(&line[..at]).filter(|key| names_a_version(key)) else { continue };
        let value = line[at + 1..].trim_start();
        let start = line.len() - value.len();
        if let Some((list, _)) = value.strip_prefix('[').and_then(|list| list.split_once(']')) {
            let ranges = elements(line, start + 1, list).into_iter();
            found.extend(ranges.map(|range| of_list(index, line, range, key)));
        } else {
            found.extend(setting(index, line, start, key));
        }
    }
    found.extend(flag(index, line));
    found
}

/// `--version 1.2.3`, without an equals sign.
fn flag(index: usize, line: &str) -> Option<Slot<'_>> {
    let at = line.find("version ").filter(|_| line.contains("--"))?;
    let key = key_before(&line[..at + "version".len()])?;
    let is_flag = line[..at + "version".len() - key.len()].ends_with("--");
    is_flag.then(|| setting(index, line, at + "version ".len(), key)).flatten()
}

/// The word before a separator, its quotes apart.
fn key_before(text: &str) -> Option<&str> {
    let text = text.trim_end();
    let text = text.strip_suffix(['"', '\'']).unwrap_or(text);
    let start =
        text.rfind(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '_' | '-' | '.')).map_or(0, |at| at + 1);
    Some(text[start..].trim_start_matches('-')).filter(|key| !key.is_empty())
}

fn names_a_version(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    (key.ends_with("version") && !FORMATS.iter().any(|format| key.contains(format))) || KEYS.contains(&key.as_str())
}

/// The version at this place of the line. One that is a single number must be a tool's: `version: 2` is that
/// of a format.
fn setting<'a>(index: usize, line: &'a str, start: usize, key: &str) -> Option<Slot<'a>> {
    let range = version_at(line, start)?;
    let text = &line[range.clone()];
    let is_telling = text.contains('.') || text.starts_with('v') || !key.eq_ignore_ascii_case("version");
    is_telling.then(|| Slot::plain(index, line, range, Kind::Setting, key))
}

/// The bytes of the version at this place of the line, its operator included where it is quoted.
fn version_at(line: &str, start: usize) -> Option<Range<usize>> {
    let value = line.get(start..)?;
    let quoted = value.strip_prefix(['"', '\'']);
    let value = quoted.unwrap_or(value);
    let start = line.len() - value.len();
    let operator = if quoted.is_some() { split_operator(value).0.len() } else { 0 };
    let end = start + operator + word_end(&value[operator..]);
    Version::parse(&line[start..end]).map(|_| start..end)
}

/// The versions in a list that stands between brackets, from `start` on. None of them when one is no version.
fn elements(line: &str, start: usize, list: &str) -> Vec<Range<usize>> {
    let mut at = start;
    let range = |element: &str| {
        let from = at + element.len() - element.trim_start().len();
        at += element.len() + 1;
        version_at(line, from)
    };
    list.split(',').map(range).collect::<Option<_>>().unwrap_or_default()
}

fn of_list<'a>(index: usize, line: &'a str, range: Range<usize>, key: &str) -> Slot<'a> {
    Slot::plain(index, line, range, Kind::Setting, format!("{key}[]"))
}

/// Packages by name and version, as `npm@11.19.1` or `example.com/tool@v1.2.3`.
pub(super) fn packages(index: usize, line: &str) -> Vec<Slot<'_>> {
    let package = |(at, _): (usize, &str)| {
        let is_name = |c: char| c.is_ascii_alphanumeric() || "._/@-".contains(c);
        let name = &line[line[..at].rfind(|c: char| !is_name(c)).map_or(0, |before| before + 1)..at];
        let end = at + 1 + word_end(&line[at + 1..]);
        let version = &line[at + 1..end];
        let is_address = version.split(['-', '+']).next().is_some_and(|numbers| numbers.matches('.').count() > 2);
        let is_package = !name.is_empty() && !is_address && Version::parse(version).is_some();
        is_package.then(|| Slot::plain(index, line, at + 1..end, Kind::Setting, format!("{name}@")))
    };
    line.match_indices('@').filter_map(package).collect()
}

/// Knows in which list of versions the lines of a block list stand:
///
/// ```yaml
/// node-version:
///   - 22
///   - 24
/// ```
#[derive(Default)]
pub(super) struct ListContext {
    /// Indentation and name of the key that a list belongs to.
    key: Option<(usize, String)>,
}

impl ListContext {
    /// The version that is an element of the list which this line belongs to.
    pub(super) fn slots<'a>(&mut self, index: usize, line: &'a str) -> Vec<Slot<'a>> {
        let text = line.trim();
        let indent = line.len() - line.trim_start().len();
        if text.is_empty() || text.starts_with('#') {
            return Vec::new();
        }
        if let Some(opened) = text.strip_suffix('[').unwrap_or(text).trim_end().strip_suffix([':', '=']) {
            self.key = key_before(opened).filter(|key| names_a_version(key)).map(|key| (indent, key.to_owned()));
            return Vec::new();
        }
        let Some((_, key)) = self.key.as_ref().filter(|(outer, _)| indent >= *outer) else {
            self.key = None;
            return Vec::new();
        };
        let element = text.strip_prefix('-').unwrap_or(text).trim_start();
        let start = indent + text.len() - element.len();
        let slot = version_at(line, start).map(|range| of_list(index, line, range, key));
        if slot.is_none() {
            self.key = None;
        }
        slot.into_iter().collect()
    }
}
