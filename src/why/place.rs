//! Where a line of the user's file stands in what is emitted.

use std::ops::Range;

use crate::merge::{Piece, pieces};

/// The place of one line. All lines are counted from 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// It is this line of what is emitted.
    Emitted(usize),
    /// The user wrote it in place of these lines; empty where it was only added.
    Yours(Range<usize>),
    /// It was emitted, and is not any more: an upgrade would change these lines into others.
    Earlier(Range<usize>),
}

/// Finds the line of `yours`, with what was emitted last (`base`) and what is emitted now.
#[must_use]
pub fn place(yours: &str, base: Option<&str>, emitted: &str, line: usize) -> Place {
    let instead = match find(yours, emitted, line) {
        Ok(line) => return Place::Emitted(line),
        Err(instead) => instead,
    };
    match base.map(|base| find(yours, base, line)) {
        Some(Ok(_)) => Place::Earlier(instead),
        _ => Place::Yours(instead),
    }
}

/// The same line in the other text, or the lines in whose place it stands.
fn find(yours: &str, other: &str, line: usize) -> Result<usize, Range<usize>> {
    for piece in pieces(yours, other) {
        match piece {
            Piece::Same { first, second } if first.contains(&line) => return Ok(second.start + line - first.start),
            Piece::Other { first, second } if first.contains(&line) => {
                // As many lines as there were: each stands for its own.
                let own = second.start + line - first.start;
                return Err(if first.len() == second.len() { own..own + 1 } else { second });
            }
            _ => {}
        }
    }
    Err(0..0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const EMITTED: &str = "a\nb: 1\nc: 2\nd\n";

    #[test]
    fn lines_are_found_behind_the_users_edits() {
        let yours = "mine\na\nb: 1\nc: 9\nd\nend\n";
        let at = |line| place(yours, Some(EMITTED), EMITTED, line);
        assert_eq!(at(0), Place::Yours(0..0));
        assert_eq!(at(1), Place::Emitted(0));
        assert_eq!(at(3), Place::Yours(2..3));
        assert_eq!(at(4), Place::Emitted(3));
        assert_eq!(at(5), Place::Yours(4..4));
    }

    #[test]
    fn line_endings_and_a_mark_in_front_are_no_edit() {
        let yours = format!("\u{feff}{}", EMITTED.replace('\n', "\r\n"));
        assert_eq!(place(&yours, None, EMITTED, 0), Place::Emitted(0));
        assert_eq!(place(&yours, None, EMITTED, 3), Place::Emitted(3));
    }

    #[test]
    fn what_was_emitted_earlier_is_not_the_users() {
        assert_eq!(place("a\nb: 0\n", Some("a\nb: 0\n"), "a\nb: 1\n", 1), Place::Earlier(1..2));
        assert_eq!(place("a\nb: 7\n", Some("a\nb: 0\n"), "a\nb: 1\n", 1), Place::Yours(1..2));
    }
}
