//! Finds the versions in a text.

mod action;
mod image;
mod package;
mod setting;

use super::slot::{Kind, Slot};
use super::version::Version;

/// Files that hold nothing but a version.
const VERSION_FILES: [&str; 5] = [".nvmrc", ".node-version", ".python-version", ".ruby-version", ".terraform-version"];

/// Code and prose, where only what can be nothing else is taken for a pin.
const CODE: [&str; 9] = ["ts", "tsx", "mts", "cts", "js", "jsx", "mjs", "cjs", "md"];

/// Bytes of the longest line that is looked at: a longer one is data, and nobody bumps a version in it.
const LONGEST_LINE: usize = 2000;

/// The versions in the lines of a file, in order and without overlap.
pub(super) fn slots<'a>(path: &str, lines: &[&'a str]) -> Vec<Slot<'a>> {
    let name = path.rsplit('/').next().unwrap_or(path);
    if name == "package.json" {
        return package::slots(lines);
    }
    if VERSION_FILES.contains(&name) {
        return whole_lines(lines);
    }
    let is_code = name.rsplit_once('.').is_some_and(|(_, extension)| CODE.contains(&extension));
    let mut list = setting::ListContext::default();
    let mut all = Vec::new();
    for (index, line) in lines.iter().enumerate().filter(|(_, line)| line.len() <= LONGEST_LINE) {
        let mut found = Vec::new();
        if line.bytes().any(|byte| byte.is_ascii_digit()) {
            add(&mut found, action::slots(index, line));
            add(&mut found, image::slots(index, line));
            if !is_code {
                add(&mut found, setting::slots(index, line));
            }
            add(&mut found, setting::packages(index, line));
        }
        if !is_code {
            add(&mut found, list.slots(index, line));
        }
        found.sort_by_key(|slot| slot.range.start);
        all.append(&mut found);
    }
    all
}

/// Adds what does not overlap with what was found before.
fn add<'a>(found: &mut Vec<Slot<'a>>, more: Vec<Slot<'a>>) {
    for slot in more {
        let is_free = |other: &Slot<'_>| slot.range.end <= other.range.start || other.range.end <= slot.range.start;
        if found.iter().all(is_free) {
            found.push(slot);
        }
    }
}

fn whole_lines<'a>(lines: &[&'a str]) -> Vec<Slot<'a>> {
    let slot = |(index, line): (usize, &&'a str)| {
        let version = line.trim();
        let start = line.len() - line.trim_start().len();
        Version::parse(version)
            .map(|_| Slot::plain(index, line, start..start + version.len(), Kind::Setting, "version"))
    };
    lines.iter().enumerate().filter_map(slot).collect()
}

/// A space, a quote, or what encloses values.
fn ends_a_word(c: char) -> bool {
    c.is_whitespace() || "\"'`,;()[]{}<>|\\".contains(c)
}

/// Where the word at the start of a text ends.
fn word_end(text: &str) -> usize {
    text.find(ends_a_word).unwrap_or(text.len())
}

/// The value of a key at the start of a line, list dashes and quotes apart, and where it stands.
fn value_of<'a>(line: &'a str, key: &str) -> Option<(usize, &'a str)> {
    let rest = line.trim_start_matches([' ', '\t', '-']);
    let rest = rest.strip_prefix(['"', '\'']).unwrap_or(rest).strip_prefix(key)?;
    let rest = rest.strip_prefix(['"', '\'']).unwrap_or(rest).trim_start().strip_prefix(':')?;
    let value = rest.trim_start();
    let value = value.strip_prefix(['"', '\'']).unwrap_or(value);
    Some((line.len() - value.len(), value))
}
