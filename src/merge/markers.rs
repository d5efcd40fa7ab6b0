//! Conflict markers in the style that git calls diff3.

use super::Labels;
use super::diff::split;

/// Characters of a marker, unless the text has lines that look like one.
const LENGTH: usize = 7;

/// The markers of one file.
pub(super) struct Markers<'a> {
    length: usize,
    labels: &'a Labels<'a>,
}

impl<'a> Markers<'a> {
    /// Markers that no line of these texts can be taken for: longer ones where it is needed, as git does it
    /// with `conflict-marker-size`.
    pub(super) fn for_texts(texts: &[&str], labels: &'a Labels<'a>) -> Self {
        let mut taken: Vec<usize> =
            texts.iter().flat_map(|text| split(text)).filter_map(Marker::of).map(|marker| marker.length).collect();
        taken.sort_unstable();
        let length = taken.into_iter().fold(LENGTH, |length, taken| if taken == length { length + 1 } else { length });
        Self { length, labels }
    }

    /// A marked conflict, each line with its LF.
    pub(super) fn conflict(&self, base: &[&str], yours: &[&str], theirs: &[&str]) -> String {
        let Labels { yours: your_label, base: base_label, theirs: their_label } = *self.labels;
        let marker = |sign: char, label: &str| {
            let label = label.replace(['\n', '\r'], " ");
            let line = sign.to_string().repeat(self.length) + " " + &label;
            line.trim_end().to_owned()
        };
        let (open, middle) = (marker('<', your_label), marker('|', base_label));
        let (divider, close) = (marker('=', ""), marker('>', their_label));
        let parts: [&[&str]; 7] = [&[&open], yours, &[&middle], base, &[&divider], theirs, &[&close]];
        parts.into_iter().flatten().flat_map(|line| [*line, "\n"]).collect()
    }
}

/// A line that could be a marker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Marker<'a> {
    sign: char,
    length: usize,
    label: &'a str,
}

impl<'a> Marker<'a> {
    fn of(line: &'a str) -> Option<Self> {
        let line = line.strip_suffix('\r').unwrap_or(line);
        let sign = line.chars().next().filter(|sign| "<|=>".contains(*sign))?;
        let rest = line.trim_start_matches(sign);
        let length = line.len() - rest.len();
        let label = if rest.is_empty() { rest } else { rest.strip_prefix(' ')? };
        (length >= LENGTH).then_some(Self { sign, length, label })
    }

    /// Whether the label alone says that it is one: git's name for the current side, or ours.
    fn is_plain(self) -> bool {
        self.sign != '=' && (self.label == "yours" || self.label == "HEAD" || self.label.starts_with("seaworthy "))
    }

    /// Whether a line, after this one, makes both of them markers. A row of equals signs alone underlines a
    /// heading in Markdown.
    fn is_followed_by(self, other: Marker<'_>) -> bool {
        self.length == other.length
            && matches!((self.sign, other.sign), ('<', '|' | '=' | '>') | ('|', '=') | ('=', '>'))
    }
}

/// The line, counted from 1, of the first conflict marker that we or git left: of a whole conflict, or of
/// what remains of one that is half resolved.
#[must_use]
pub fn find_marker(bytes: &[u8]) -> Option<usize> {
    let text = String::from_utf8_lossy(bytes);
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let candidates: Vec<(usize, Marker<'_>)> =
        split(text).into_iter().enumerate().filter_map(|(index, line)| Some((index + 1, Marker::of(line)?))).collect();
    let is_marker = |at: usize| {
        let marker = candidates[at].1;
        marker.is_plain() || candidates[at + 1..].iter().any(|(_, later)| marker.is_followed_by(*later))
    };
    (0..candidates.len()).find(|at| is_marker(*at)).map(|at| candidates[at].0)
}
