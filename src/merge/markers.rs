//! Conflict markers in the style that git calls diff3.

use std::collections::{BTreeMap, BTreeSet};

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

    /// Whether one of these signs, in a later line, makes both of them markers. A row of equals signs alone
    /// underlines a heading in Markdown.
    fn is_followed_by(self, later: &BTreeSet<char>) -> bool {
        let followers: &[char] = match self.sign {
            '<' => &['|', '=', '>'],
            '|' => &['='],
            '=' => &['>'],
            _ => &[],
        };
        followers.iter().any(|sign| later.contains(sign))
    }
}

/// The line, counted from 1, of the first conflict marker that we or git left: of a whole conflict, or of
/// what remains of one that is half resolved.
#[must_use]
pub fn find_marker(bytes: &[u8]) -> Option<usize> {
    let text = String::from_utf8_lossy(bytes);
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let mut first = None;
    // By length, what comes later.
    let mut later: BTreeMap<usize, BTreeSet<char>> = BTreeMap::new();
    for (index, line) in split(text).into_iter().enumerate().rev() {
        let Some(marker) = Marker::of(line) else { continue };
        let later = later.entry(marker.length).or_default();
        if marker.is_plain() || marker.is_followed_by(later) {
            first = Some(index + 1);
        }
        later.insert(marker.sign);
    }
    first
}

#[cfg(test)]
mod tests {
    use super::*;

    const LABELS: Labels<'_> = Labels { yours: "yours", base: "seaworthy 0.1.0", theirs: "seaworthy 0.2.0" };

    #[test]
    fn a_conflict_shows_all_three() {
        let markers = Markers::for_texts(&["a\n"], &LABELS);
        let expected = "<<<<<<< yours\nA\n||||||| seaworthy 0.1.0\na\n=======\n>>>>>>> seaworthy 0.2.0\n";
        assert_eq!(markers.conflict(&["a"], &["A"], &[]), expected);
        assert_eq!(find_marker(expected.as_bytes()), Some(1));
    }

    #[test]
    fn markers_are_longer_where_a_line_looks_like_one() {
        for (text, length) in [
            ("Heading\n=======\n", 8),
            ("<<<<<<< HEAD\n", 8),
            ("======= \n========\r\n", 9),
            ("==========\n=======x\n ======= \n", 7),
        ] {
            let conflict = Markers::for_texts(&["", text], &LABELS).conflict(&[], &["a"], &[]);
            assert!(conflict.starts_with(&("<".repeat(length) + " yours\n")), "{text:?}: {conflict}");
            assert!(find_marker((text.to_owned() + &conflict).as_bytes()).is_some());
        }
    }

    #[test]
    fn a_label_stays_on_its_line() {
        let labels = Labels { yours: "a\nb", base: "", ..LABELS };
        let conflict = Markers::for_texts(&[], &labels).conflict(&[], &[], &[]);
        assert!(conflict.starts_with("<<<<<<< a b\n|||||||\n======="), "{conflict}");
    }

    #[test]
    fn leftovers_of_a_conflict_are_found() {
        for (text, line) in [
            ("a\r\n<<<<<<< HEAD\r\nb\r\n=======\r\nc\r\n>>>>>>> main\r\n", 2),
            ("a\n=======\nc\n>>>>>>> topic\n", 2),
            ("<<<<<<< topic\nc\n=======\n", 1),
            ("c\n>>>>>>> seaworthy 0.2.0\n", 2),
            ("\u{feff}<<<<<<< yours", 1),
            ("\n\n|||||||\n=======\n", 3),
            ("=======\n<<<<<<<<< a\n>>>>>>>>> b\n", 2),
        ] {
            assert_eq!(find_marker(text.as_bytes()), Some(line), "{text:?}");
        }
    }

    #[test]
    fn ordinary_text_has_no_markers() {
        for text in [
            "",
            "Heading\n=======\n\nOther\n=======\n",
            "<<<<<< a\n======\n>>>>>> b\n",
            "  <<<<<<< HEAD\n  >>>>>>> b\n",
            "<<<<<<<<\n=======\n>>>>>>>>>\n",
            ">>>>>>> quoted mail\n=======\n",
            "=======>\n<<<<<<<x\n",
        ] {
            assert_eq!(find_marker(text.as_bytes()), None, "{text:?}");
        }
        assert_eq!(find_marker(b"\xff\n<<<<<<< HEAD\n"), Some(2));
    }
}
