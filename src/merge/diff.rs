//! The difference of two texts, line by line.

use std::collections::BTreeSet;
use std::ops::Range;

pub(super) use imara_diff::Algorithm;
use imara_diff::{Diff, InternedInput};

/// Lines that one text has in place of lines of another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Hunk {
    /// Indices of the lines of the first text.
    pub(super) before: Range<usize>,
    /// Indices of the lines of the second text.
    pub(super) after: Range<usize>,
}

/// The lines of a text without their LF. A final LF ends the last line and starts no new one.
pub(super) fn split(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').map(|line| line.strip_suffix('\n').unwrap_or(line)).collect()
}

/// Lines of two texts up to which the histogram is asked. It tells apart best where lines repeat, as they do
/// in workflows, and takes time that grows with the square of the changes.
const SHORT: usize = 4000;

/// What differs, in order. At least one line that both have stands between two hunks.
pub(super) fn hunks(algorithm: Algorithm, before: &[&str], after: &[&str]) -> Vec<Hunk> {
    let is_short = before.len() + after.len() <= SHORT;
    let algorithm = if is_short { algorithm } else { Algorithm::Myers };
    let mut input = InternedInput::default();
    input.update_before(before.iter().copied());
    input.update_after(after.iter().copied());
    let mut diff = Diff::compute(algorithm, &input);
    // As `git merge-file`: a hunk that could stand in several places stands in the last.
    diff.postprocess_no_heuristic(&input);
    let range = |range: Range<u32>| range.start as usize..range.end as usize;
    diff.hunks().map(|hunk| Hunk { before: range(hunk.before), after: range(hunk.after) }).collect()
}

/// Two texts cut into runs of lines that both have and what differs between them, in turn; the first and
/// the last run may be empty.
pub(super) struct Runs {
    /// One more than there are hunks. Each is as long on one side as on the other.
    pub(super) common: Vec<Hunk>,
    pub(super) hunks: Vec<Hunk>,
}

impl Runs {
    pub(super) fn new(before: &[&str], after: &[&str]) -> Self {
        let hunks = hunks(Algorithm::Histogram, before, after);
        let (mut common, mut from, mut to) = (Vec::with_capacity(hunks.len() + 1), 0, 0);
        for hunk in &hunks {
            common.push(Hunk { before: from..hunk.before.start, after: to..hunk.after.start });
            (from, to) = (hunk.before.end, hunk.after.end);
        }
        common.push(Hunk { before: from..before.len(), after: to..after.len() });
        Self { common, hunks }
    }

    /// Pairs of indices of the lines that both have, in order.
    pub(super) fn pairs(self) -> impl Iterator<Item = (usize, usize)> {
        self.common.into_iter().flat_map(|run| run.before.zip(run.after))
    }
}

/// Lines that two texts have in common, or that one has in place of those of the other; counted from 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// As many on both sides, and the same.
    Same {
        /// In the first text.
        first: Range<usize>,
        /// In the second text.
        second: Range<usize>,
    },
    /// Different.
    Other {
        /// In the first text.
        first: Range<usize>,
        /// In the second text.
        second: Range<usize>,
    },
}

/// Two texts in pieces, in order. Line endings and a byte order mark make no difference.
#[must_use]
pub fn pieces(first: &str, second: &str) -> Vec<Piece> {
    let plain = |text: &str| text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
    let (first, second) = (plain(first), plain(second));
    let runs = Runs::new(&split(&first), &split(&second));
    let mut hunks = runs.hunks.into_iter();
    let mut pieces = Vec::new();
    for run in runs.common {
        pieces.push(Piece::Same { first: run.before, second: run.after });
        pieces.extend(hunks.next().map(|it| Piece::Other { first: it.before, second: it.after }));
    }
    pieces
}

/// The lines of the first text that the second does not have, counted from 0.
#[must_use]
pub fn changed_lines(first: &str, second: &str) -> BTreeSet<usize> {
    let hunks = hunks(Algorithm::Histogram, &split(first), &split(second));
    hunks.into_iter().flat_map(|hunk| hunk.before).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_final_newline_ends_the_last_line() {
        assert_eq!(split("a\n\nb\n"), ["a", "", "b"]);
        assert_eq!(split("a\nb"), ["a", "b"]);
        assert_eq!(split("\n"), [""]);
        assert!(split("").is_empty());
    }

    #[test]
    fn hunks_and_common_lines_are_the_whole_text() {
        let (before, after) = (split("a\nb\nc\nd\n"), split("a\nx\ny\nd\ne\n"));
        assert_eq!(
            hunks(Algorithm::Histogram, &before, &after),
            [Hunk { before: 1..3, after: 1..3 }, Hunk { before: 4..4, after: 4..5 }]
        );
        assert_eq!(Runs::new(&before, &after).pairs().collect::<Vec<_>>(), [(0, 0), (3, 3)]);
    }
}
