//! A place in a text where a version stands.

use std::cmp::Ordering;
use std::ops::Range;

use super::version::Version;

/// What kind of version it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// What follows the `@` of a GitHub action, with the version in the comment behind it.
    Action,
    /// What follows the name of an image: `:tag`, `@sha256:...` or both.
    Image,
    /// The tag of an image in a line of its own.
    Tag,
    /// The digest of an image in a line of its own.
    Digest,
    /// The version of a tool or a package, or a range.
    Setting,
}

/// One version in one line.
#[derive(Debug, Clone)]
pub(super) struct Slot<'a> {
    /// Index of the line.
    pub(super) line: usize,
    /// Its bytes in the line.
    pub(super) range: Range<usize>,
    pub(super) kind: Kind,
    /// What it is the version of.
    pub(super) key: String,
    pub(super) value: Value<'a>,
    /// What stands between the two parts of the value.
    pub(super) gap: &'a str,
}

/// What a bot replaces as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Value<'a> {
    /// The version itself, or a commit.
    pub(super) reference: &'a str,
    /// The version that the commit has, by the comment behind it; may be empty.
    pub(super) comment: &'a str,
}

impl<'a> Slot<'a> {
    /// A slot whose value is one word of the line.
    pub(super) fn plain(line: usize, text: &'a str, range: Range<usize>, kind: Kind, key: impl Into<String>) -> Self {
        let value = Value { reference: &text[range.clone()], comment: "" };
        Self { line, range, kind, key: key.into(), value, gap: "" }
    }

    /// The text of this place with the value of another slot in it, quoted and spaced as this one is.
    pub(super) fn with(&self, other: &Slot<'_>) -> String {
        self.with_reference(other, other.value.reference)
    }

    /// The same, with another way to write the version.
    pub(super) fn with_reference(&self, other: &Slot<'_>, reference: &str) -> String {
        let (quote, own_gap) = self.split_gap();
        let comment = other.value.comment;
        let gap = match (comment, own_gap) {
            ("", _) => "",
            (_, "") => other.split_gap().1,
            (_, gap) => gap,
        };
        format!("{reference}{quote}{gap}{comment}")
    }

    /// The quote that ends the reference, and what follows it up to the comment.
    fn split_gap(&self) -> (&'a str, &'a str) {
        self.gap.split_at(self.gap.len() - self.gap.trim_start_matches(['"', '\'']).len())
    }

    /// Which of two is newer; None when that cannot be said.
    pub(super) fn compare(&self, other: &Self) -> Option<Ordering> {
        Version::parse(self.version())?.compare(&Version::parse(other.version())?)
    }

    /// The version in it, for people and for comparison.
    pub(super) fn version(&self) -> &'a str {
        let Value { reference, comment } = self.value;
        match self.kind {
            Kind::Action if comment.is_empty() => reference,
            Kind::Action => comment.rsplit(['=', '@']).next().unwrap_or(comment),
            Kind::Image => reference.strip_prefix(':').and_then(|tag| tag.split('@').next()).unwrap_or(reference),
            Kind::Tag | Kind::Digest | Kind::Setting => reference,
        }
    }
}

/// The lines with a NUL, which text has none of, for each slot.
pub(super) fn masked(lines: &[&str], slots: &[Slot<'_>]) -> Vec<String> {
    replaced(lines, slots, |slot| format!("\0{}", slot.split_gap().0))
}

/// The lines with other text in the place of each slot. Slots are in order.
pub(super) fn replaced(lines: &[&str], slots: &[Slot<'_>], mut text: impl FnMut(&Slot<'_>) -> String) -> Vec<String> {
    let mut slots = slots.iter().peekable();
    let mut replaced_line = |(index, line): (usize, &&str)| {
        let (mut out, mut done) = (String::with_capacity(line.len()), 0);
        while let Some(slot) = slots.next_if(|slot| slot.line == index) {
            out.push_str(&line[done..slot.range.start]);
            out.push_str(&text(slot));
            done = slot.range.end;
        }
        out.push_str(&line[done..]);
        out
    };
    lines.iter().enumerate().map(&mut replaced_line).collect()
}
