//! Versions as tags, ranges and comments write them, and which of two is newer.

use std::cmp::Ordering;

/// A version: `v4`, `4.1.2`, `^13.2.0`, `17.11-trixie`, `v1.25.2-p0`, `5.0.0-rc.1`, `11.19.1+sha512.0ab`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Version<'a> {
    numbers: Vec<Number<'a>>,
    /// Its word and its numbers; None for a release.
    prerelease: Option<(Stage, Vec<Number<'a>>)>,
    /// What was built: `-trixie`, `-alpine#`. Two versions with different ones do not compare.
    flavour: String,
    /// The numbers of the flavour, one for each `#`.
    revisions: Vec<Number<'a>>,
}

/// How far a prerelease is, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Nightly,
    Alpha,
    Beta,
    Candidate,
}

/// Decimal digits without leading zeros, of any length: first by how many, then as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Number<'a>(usize, &'a str);

impl<'a> Number<'a> {
    fn new(digits: &'a str) -> Self {
        let digits = digits.trim_start_matches('0');
        Self(digits.len(), digits)
    }
}

impl<'a> Version<'a> {
    /// None for what does not start with a number, an operator and a `v` apart: `latest`, `main`, a commit.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let bare = split_operator(text).1;
        let bare = bare.strip_prefix(['v', 'V']).unwrap_or(bare);
        let numbers_end = end_of_numbers(bare);
        let (numbers, rest) = bare.split_at(numbers_end);
        if numbers.is_empty() || is_commit(bare) || !rest.chars().all(is_version_character) {
            return None;
        }
        let mut version = Self {
            numbers: numbers.split('.').map(Number::new).collect(),
            prerelease: None,
            flavour: String::new(),
            revisions: Vec::new(),
        };
        // A build says nothing about the order.
        let rest = rest.split('+').next().unwrap_or_default();
        let rest = if matches!(rest, ".x" | ".X" | ".*" | ".") { "" } else { rest };
        rest.split(['-', '_']).filter(|part| !part.is_empty()).for_each(|part| version.add(part));
        Some(version)
    }

    fn add(&mut self, part: &'a str) {
        let word = &part[..part.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(part.len())];
        let numbers = || part.split(|c: char| !c.is_ascii_digit()).filter(|digits| !digits.is_empty()).map(Number::new);
        if let Some(stage) = stage(word).filter(|_| self.prerelease.is_none()) {
            self.prerelease = Some((stage, numbers().collect()));
            return;
        }
        self.flavour.push('-');
        let mut rest = part;
        while let Some(at) = rest.find(|c: char| c.is_ascii_digit()) {
            let end = end_of_numbers(&rest[at..]) + at;
            self.flavour.push_str(&rest[..at]);
            self.flavour.push('#');
            rest = &rest[end..];
        }
        self.flavour.push_str(rest);
        self.revisions.extend(numbers());
    }

    /// Which of two is newer; None when that cannot be said. Where one says less, as `v4` beside `v4.1.2`,
    /// neither is.
    pub(super) fn compare(&self, other: &Self) -> Option<Ordering> {
        if self.flavour != other.flavour {
            return None;
        }
        let by_number = by_component(&self.numbers, &other.numbers);
        if by_number != Ordering::Equal || self.numbers.len() != other.numbers.len() {
            return Some(by_number);
        }
        let by_stage = match (&self.prerelease, &other.prerelease) {
            (None, None) => Ordering::Equal,
            (None, Some(_)) => Ordering::Greater,
            (Some(_), None) => Ordering::Less,
            (Some((ours, numbers)), Some((theirs, other))) => ours.cmp(theirs).then(numbers.cmp(other)),
        };
        Some(by_stage.then_with(|| by_component(&self.revisions, &other.revisions)))
    }
}

/// By the components that both have.
fn by_component(ours: &[Number<'_>], theirs: &[Number<'_>]) -> Ordering {
    ours.iter().zip(theirs).map(|(a, b)| a.cmp(b)).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
}

/// A range in two: its operator with the spaces after it, and the rest.
pub(super) fn split_operator(text: &str) -> (&str, &str) {
    text.split_at(text.len() - text.trim_start_matches(['^', '~', '>', '<', '=', '!', ' ']).len())
}

/// Where `1.22.3` ends: digits, with single dots between them.
fn end_of_numbers(text: &str) -> usize {
    let bytes = text.as_bytes();
    let is_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let mut end = 0;
    while is_digit(end) || (end > 0 && bytes.get(end) == Some(&b'.') && is_digit(end + 1)) {
        end += 1;
    }
    end
}

/// Whether the text is a git commit, which may well start with digits.
pub(super) fn is_commit(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn is_version_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || "._+-*".contains(c)
}

fn stage(word: &str) -> Option<Stage> {
    match word.to_ascii_lowercase().as_str() {
        "nightly" | "dev" | "canary" | "snapshot" | "next" | "insiders" => Some(Stage::Nightly),
        "alpha" | "a" => Some(Stage::Alpha),
        "beta" | "b" | "pre" | "preview" => Some(Stage::Beta),
        "rc" => Some(Stage::Candidate),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(ours: &str, theirs: &str) -> Option<Ordering> {
        let order = |a: &str, b: &str| Version::parse(a)?.compare(&Version::parse(b)?);
        assert_eq!(order(ours, theirs), order(theirs, ours).map(Ordering::reverse), "{ours} {theirs}");
        order(ours, theirs)
    }

    #[test]
    fn the_newer_one_has_the_greater_number() {
        for (newer, older) in [
            ("v4.10.0", "v4.9.9"),
            ("25", "24"),
            ("5.0", "v4.1.2"),
            ("^13.3.0", "~13.2.9"),
            ("18.0-trixie", "17.11-trixie"),
            ("v1.25.2-p1", "v1.25.2-p0"),
            ("24-alpine3.21", "24-alpine3.9"),
            ("1.0.0", "1.0.0-rc.1"),
            ("1.0.0-rc.2", "1.0.0-rc.1"),
            ("1.0.0-rc1", "1.0.0-beta.12"),
            ("18rc1-trixie", "18beta2-trixie"),
            ("18-trixie", "18rc1-trixie"),
            ("10000000000000000000000000", "9999999999999999999999999"),
            ("2026.01.10", "2025.12.31"),
            ("11.20.0+sha512.aa", "11.19.1+sha512.ff"),
        ] {
            assert_eq!(order(newer, older), Some(Ordering::Greater), "{newer} {older}");
        }
    }

    #[test]
    fn equal_ones_may_be_written_in_several_ways() {
        for (a, b) in [
            ("v4", "v4.1.2"),
            ("24-trixie-slim", "24.1-trixie-slim"),
            ("v1.2.3", "1.2.3"),
            ("1.02", "1.2"),
            ("1.2.x", "1.2"),
            ("1.0.0+a", "1.0.0+b"),
        ] {
            assert_eq!(order(a, b), Some(Ordering::Equal), "{a} {b}");
        }
    }

    #[test]
    fn what_was_built_must_match() {
        for (a, b) in [("24-trixie", "25-bookworm"), ("24", "25-slim"), ("latest", "1"), ("1-alpine", "1-alpine3.20")] {
            assert_eq!(order(a, b), None, "{a} {b}");
        }
        for text in ["", "v", "main", "3d3c42e5aac5ba805825da76410c181273ba90b1", ">=1 <2", "1 || 2", "1/2", "x.1"] {
            assert_eq!(Version::parse(text), None, "{text}");
        }
    }
}
