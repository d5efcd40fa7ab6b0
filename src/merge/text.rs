//! What is the user's of every text, whatever a merge does to its lines: the byte order mark, the line
//! endings and whether the last line ends in one.

use super::diff;

const BOM: &str = "\u{feff}";

/// Byte order mark, line endings and final newline of a text.
#[derive(Debug)]
pub(super) struct Shape<'a> {
    body: &'a str,
    bom: bool,
    /// Of most lines; LF when there are as many of each.
    crlf: bool,
    final_newline: bool,
}

impl<'a> Shape<'a> {
    /// The shape of a text.
    pub(super) fn of(text: &'a str) -> Self {
        let body = text.strip_prefix(BOM).unwrap_or(text);
        let all = body.matches('\n').count();
        let crlf = body.matches("\r\n").count();
        Self {
            body,
            bom: body.len() < text.len(),
            crlf: crlf > all - crlf,
            // An empty text has no last line to say it.
            final_newline: body.is_empty() || body.ends_with('\n'),
        }
    }

    /// Gives a text in [`normal`] form this shape. Where the endings are mixed, each line keeps its own, and
    /// new ones get that of most.
    pub(super) fn put_on(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len() + text.len() / 16 + BOM.len());
        if self.bom {
            out.push_str(BOM);
        }
        let lines = diff::split(text);
        let own = if self.is_mixed() { self.endings_of(&lines) } else { vec![None; lines.len()] };
        for (index, (line, ending)) in lines.iter().zip(own).enumerate() {
            out.push_str(line);
            if index + 1 < lines.len() || self.final_newline {
                out.push_str(if ending.unwrap_or(self.crlf) { "\r\n" } else { "\n" });
            }
        }
        out
    }

    fn is_mixed(&self) -> bool {
        let crlf = self.body.matches("\r\n").count();
        crlf > 0 && crlf < self.body.matches('\n').count()
    }

    /// For each line whether it ended in CRLF before; None for one that is new.
    fn endings_of(&self, lines: &[&str]) -> Vec<Option<bool>> {
        let before = normal(self.body);
        let crlf: Vec<Option<bool>> =
            self.body.split_inclusive('\n').map(|line| line.ends_with('\n').then(|| line.ends_with("\r\n"))).collect();
        let mut own = vec![None; lines.len()];
        for (from, to) in diff::Runs::new(&diff::split(&before), lines).pairs() {
            own[to] = crlf[from];
        }
        own
    }
}

/// The text without byte order mark, with LF endings, and with a final one if there is any line.
pub(super) fn normal(text: &str) -> String {
    let mut out = text.strip_prefix(BOM).unwrap_or(text).replace("\r\n", "\n");
    if !out.is_empty() && !out.ends_with('\n') {
        out.push('\n');
    }
    out
}

/// Whether two files are the same but for byte order mark, line endings and final newline. Bytes that
/// are not UTF-8 must be equal.
#[must_use]
pub fn same_text(a: &[u8], b: &[u8]) -> bool {
    if a == b {
        return true;
    }
    match (std::str::from_utf8(a), std::str::from_utf8(b)) {
        (Ok(a), Ok(b)) => normal(a) == normal(b),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reshaped(yours: &str, text: &str) -> String {
        Shape::of(yours).put_on(text)
    }

    #[test]
    fn a_text_without_changes_comes_back_byte_for_byte() {
        for text in
            ["", "\n", "a", "a\n", "a\r\nb", "\u{feff}a\r\nb\r\n", "a\r\nb\nc\r\n", "a\rb\r\r\n", "\r\n\n", "a\r"]
        {
            assert_eq!(reshaped(text, &normal(text)), text, "{text:?}");
        }
    }

    #[test]
    fn new_lines_end_as_most_do() {
        assert_eq!(reshaped("a\r\nb\r\n", "a\nnew\nb\n"), "a\r\nnew\r\nb\r\n");
        assert_eq!(reshaped("a\nb\r\nc\r\n", "new\na\nb\nmore\nc\n"), "new\r\na\nb\r\nmore\r\nc\r\n");
        assert_eq!(reshaped("a\r\nb\n", "a\nnew\nb\n"), "a\r\nnew\nb\n");
    }

    #[test]
    fn a_missing_final_newline_stays_missing() {
        assert_eq!(reshaped("a", "a\nb\n"), "a\nb");
        assert_eq!(reshaped("a\r\nb", "b\nc\n"), "b\r\nc");
        assert_eq!(reshaped("", "a\n"), "a\n");
        assert_eq!(reshaped("a", ""), "");
    }

    #[test]
    fn only_the_shape_is_left_out_of_the_comparison() {
        assert!(same_text(b"a\r\nb", "\u{feff}a\nb\n".as_bytes()));
        assert!(same_text(b"", b""));
        assert!(!same_text(b"a\n", b"a\n\n"));
        assert!(!same_text(b"a", b"a "));
        assert!(same_text(b"\xff", b"\xff"));
        assert!(!same_text(b"\xff\r\n", b"\xff\n"));
    }
}
