//! The lines of a text: which are blank or comments, and how far they are indented.

use std::ops::Range;

use super::tree::Line;

/// The lines of a text without their LF.
pub(super) struct Lines<'a>(pub(super) Vec<&'a str>);

impl Lines<'_> {
    /// A line; nothing where a parser sees one more, after the end or by a line break that is none here.
    pub(super) fn text(&self, line: usize) -> &str {
        self.0.get(line).copied().unwrap_or_default()
    }

    /// The comments and blank lines at the end of a block that are its own, by their indentation.
    pub(super) fn claimed(&self, gap: Range<usize>, column: usize, next: isize) -> usize {
        let least = column.cast_signed().max(next + 1);
        let mut claimed = gap.start;
        for line in gap.take_while(|line| self.is_blank(*line) || indent(self.text(*line)).cast_signed() >= least) {
            if !self.is_blank(line) {
                claimed = line + 1;
            }
        }
        claimed
    }

    /// Comments and blank lines, and nothing else.
    pub(super) fn gap(&self, lines: Range<usize>, column: usize) -> Option<Vec<Line>> {
        lines.map(|line| self.is_gap(line).then(|| self.loose(line, column))).collect()
    }

    pub(super) fn is_blank(&self, line: usize) -> bool {
        self.text(line).trim().is_empty()
    }

    pub(super) fn is_gap(&self, line: usize) -> bool {
        self.is_blank(line) || self.text(line).trim_start().starts_with('#')
    }

    /// A line whose indentation means nothing.
    pub(super) fn loose(&self, line: usize, column: usize) -> Line {
        let text = self.text(line);
        if self.is_blank(line) {
            return Line { shift: 0, text: text.to_owned() };
        }
        Line { shift: indent(text).cast_signed() - column.cast_signed(), text: text.trim_start_matches(' ').to_owned() }
    }

    /// A line from `column` on, whatever stands before: dashes, for one.
    pub(super) fn from(&self, line: usize, column: usize) -> Line {
        Line { shift: 0, text: self.text(line).get(column..).unwrap_or_default().to_owned() }
    }

    /// A line whose indentation beyond `column` is text.
    pub(super) fn exact(&self, line: usize, column: usize) -> Line {
        let text = self.text(line);
        if self.is_blank(line) || indent(text) < column {
            return self.loose(line, column);
        }
        Line { shift: 0, text: text[column..].to_owned() }
    }
}

/// The leading spaces of a line.
pub(super) fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// A line from `column` on, and the comment in it that starts at `from` or later, with the blanks before it.
pub(super) fn split_comment(line: &str, column: usize, from: usize) -> (Line, String) {
    let rest = line.get(from..).unwrap_or_default();
    let is_start = |(at, _): &(usize, &str)| rest[..*at].ends_with([' ', '\t']);
    let comment = rest.match_indices('#').find(is_start).map_or(rest.len(), |(at, _)| at);
    let code_end = from + rest[..comment].trim_end().len();
    let code = line.get(column..code_end).unwrap_or_default().to_owned();
    (Line { shift: 0, text: code }, line.get(code_end..).unwrap_or_default().to_owned())
}
