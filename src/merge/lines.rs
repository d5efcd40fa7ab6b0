//! The merge by line: two differences from the base, walked side by side, with the rules of
//! `git merge-file --diff3`. Changes that overlap or touch are one conflict, unless both sides come to
//! the same lines.

use std::iter::Peekable;
use std::ops::Range;
use std::vec::IntoIter;

use super::diff::{Algorithm, Hunk, hunks, split};
use super::markers::Markers;
use super::{Labels, StructuredMerge, TextSides};

/// Merges by line. What conflicts stands between diff3 markers.
///
/// Where lines repeat there is more than one difference of two texts; a conflict that only one way to find
/// it has is none.
pub(super) fn merge(sides: &TextSides<'_>, labels: &Labels<'_>) -> StructuredMerge {
    let merged = merge_by(Algorithm::Histogram, sides, labels);
    if merged.conflicts == 0 {
        return merged;
    }
    let other = merge_by(Algorithm::Myers, sides, labels);
    if other.conflicts == 0 { other } else { merged }
}

fn merge_by(algorithm: Algorithm, sides: &TextSides<'_>, labels: &Labels<'_>) -> StructuredMerge {
    let [base, yours, theirs] = [sides.base, sides.yours, sides.theirs].map(split);
    let markers = Markers::for_texts(&[sides.base, sides.yours, sides.theirs], labels);
    let [mut yours_changes, mut theirs_changes] =
        [&yours, &theirs].map(|side| Changes::new(hunks(algorithm, &base, side)));
    let (mut text, mut conflicts, mut done) = (String::with_capacity(sides.yours.len()), 0, 0);
    while let Some(group) = next_group(&mut yours_changes, &mut theirs_changes) {
        push(&mut text, &base[done..group.base.start]);
        done = group.base.end;
        let [b, y, t] = [&base[group.base], &yours[group.yours], &theirs[group.theirs]];
        if let Some(lines) = resolved(b, y, t) {
            push(&mut text, lines);
        } else {
            conflicts += 1;
            text.push_str(&markers.conflict(b, y, t));
        }
    }
    push(&mut text, &base[done..]);
    StructuredMerge { text, conflicts, notes: Vec::new() }
}

/// One conflict from the first line to the last that is not the same on all sides.
pub(super) fn conflict(sides: &TextSides<'_>, labels: &Labels<'_>) -> StructuredMerge {
    let texts = [sides.base, sides.yours, sides.theirs];
    let [base, yours, theirs] = texts.map(split);
    let shortest = base.len().min(yours.len()).min(theirs.len());
    let is_common = |at: &usize| base[*at] == yours[*at] && base[*at] == theirs[*at];
    let head = (0..shortest).take_while(is_common).count();
    let is_common = |at: &usize| {
        let line = base[base.len() - at];
        line == yours[yours.len() - at] && line == theirs[theirs.len() - at]
    };
    let tail = (1..=shortest - head).take_while(is_common).count();
    let [b, y, t] = [&base, &yours, &theirs].map(|lines| &lines[head..lines.len() - tail]);
    let mut text = String::new();
    push(&mut text, &base[..head]);
    text.push_str(&Markers::for_texts(&texts, labels).conflict(b, y, t));
    push(&mut text, &base[base.len() - tail..]);
    StructuredMerge { text, conflicts: 1, notes: Vec::new() }
}

/// What stands in the result, if that is clear.
fn resolved<'a, 'b>(base: &'b [&'a str], yours: &'b [&'a str], theirs: &'b [&'a str]) -> Option<&'b [&'a str]> {
    if yours == theirs || theirs == base {
        Some(yours)
    } else if yours == base {
        Some(theirs)
    } else {
        None
    }
}

fn push(text: &mut String, lines: &[&str]) {
    for line in lines {
        text.push_str(line);
        text.push('\n');
    }
}

/// A part of the base that changes reach, and what each side has there.
struct Group {
    base: Range<usize>,
    yours: Range<usize>,
    theirs: Range<usize>,
}

/// The next changes that overlap or touch each other; None when there are no more.
fn next_group(yours: &mut Changes, theirs: &mut Changes) -> Option<Group> {
    let start = yours.start().into_iter().chain(theirs.start()).min()?;
    let (yours_start, theirs_start) = (yours.side_of(start), theirs.side_of(start));
    let mut end = start;
    while let Some(hunk) = yours.take_up_to(end).or_else(|| theirs.take_up_to(end)) {
        end = end.max(hunk.before.end);
    }
    Some(Group { base: start..end, yours: yours_start..yours.side_of(end), theirs: theirs_start..theirs.side_of(end) })
}

/// The hunks of one side that are still to come, and where the lines after the last one stand.
struct Changes {
    hunks: Peekable<IntoIter<Hunk>>,
    base: usize,
    side: usize,
}

impl Changes {
    fn new(hunks: Vec<Hunk>) -> Self {
        Self { hunks: hunks.into_iter().peekable(), base: 0, side: 0 }
    }

    fn start(&mut self) -> Option<usize> {
        self.hunks.peek().map(|hunk| hunk.before.start)
    }

    /// The next hunk, if it starts at this line of the base or before it.
    fn take_up_to(&mut self, end: usize) -> Option<Hunk> {
        let hunk = self.hunks.next_if(|hunk| hunk.before.start <= end)?;
        (self.base, self.side) = (hunk.before.end, hunk.after.end);
        Some(hunk)
    }

    /// Where a line of the base stands on this side, when no hunk comes before it.
    fn side_of(&self, base: usize) -> usize {
        self.side + base - self.base
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LABELS: Labels<'_> = Labels { yours: "yours", base: "old", theirs: "new" };

    fn merged(base: &str, yours: &str, theirs: &str) -> (String, usize) {
        let text = |lines: &str| lines.chars().flat_map(|line| [line, '\n']).collect::<String>();
        let [base, yours, theirs] = [base, yours, theirs].map(text);
        let merged = merge(&TextSides { base: &base, yours: &yours, theirs: &theirs }, &LABELS);
        (merged.text.replace('\n', ""), merged.conflicts)
    }

    #[test]
    fn changes_in_different_places_are_both_there() {
        for (base, yours, theirs, result) in [
            ("abc", "Abc", "abC", "AbC"),
            ("abc", "xabc", "abcy", "xabcy"),
            ("abcde", "acde", "abcd", "acd"),
            // The same change on both sides, also beside one of a single side.
            ("abc", "aXc", "aXc", "aXc"),
            ("abc", "aXXc", "aXXcy", "aXXcy"),
            ("", "a", "a", "a"),
            ("abc", "", "", ""),
            // Taken out and put elsewhere, while the other side changed something else.
            ("abcdefg", "adefgbc", "abcdEfg", "adEfgbc"),
        ] {
            assert_eq!(merged(base, yours, theirs), (result.to_owned(), 0), "{base} {yours} {theirs}");
            assert_eq!(merged(base, theirs, yours).1, 0);
        }
    }

    #[test]
    fn a_conflict_of_everything_leaves_out_what_is_common() {
        let sides = TextSides { base: "a\nb\nc\n", yours: "a\nx\nb\nc\n", theirs: "a\nb\ny\nc\n" };
        let expected = "a\n<<<<<<< yours\nx\nb\n||||||| old\nb\n=======\nb\ny\n>>>>>>> new\nc\n";
        assert_eq!(conflict(&sides, &LABELS).text, expected);
        let sides = TextSides { base: "a\na\n", yours: "a\n", theirs: "a\na\na\n" };
        assert_eq!(conflict(&sides, &LABELS).text, "a\n<<<<<<< yours\n||||||| old\na\n=======\na\na\n>>>>>>> new\n");
    }

    #[test]
    fn changes_that_touch_conflict() {
        for (base, yours, theirs, result) in [
            ("abc", "aXc", "aYc", "a<<<<<<< yoursX||||||| oldb=======Y>>>>>>> newc"),
            ("ab", "Ab", "aB", "<<<<<<< yoursAb||||||| oldab=======aB>>>>>>> new"),
            ("ab", "axb", "ayb", "a<<<<<<< yoursx||||||| old=======y>>>>>>> newb"),
            ("abc", "ac", "aXc", "a<<<<<<< yours||||||| oldb=======X>>>>>>> newc"),
            ("", "a", "b", "<<<<<<< yoursa||||||| old=======b>>>>>>> new"),
        ] {
            assert_eq!(merged(base, yours, theirs), (result.to_owned(), 1), "{base} {yours} {theirs}");
        }
    }
}
