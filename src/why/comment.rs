//! The comment that a line of an emitted file has beside it.

/// The comment on the line itself, directly above it, or above what it belongs to. `line` is counted from 0.
#[must_use]
pub fn comment_beside(text: &str, line: usize) -> Option<String> {
    let lines: Vec<&str> = text.lines().collect();
    let own = lines.get(line)?;
    if let Some((code, comment)) = own.rsplit_once(" # ")
        && !code.trim().is_empty()
    {
        return Some(comment.trim().to_owned());
    }
    let mut depth = depth(own);
    let mut is_behind_sibling = false;
    for above in (0..line).rev() {
        let text = lines[above];
        if text.trim().is_empty() {
            return None;
        }
        let indent = self::depth(text);
        if words(text).is_some() {
            if indent <= depth && !(is_behind_sibling && indent == depth) {
                return Some(block(&lines, above));
            }
        } else if indent < depth {
            (depth, is_behind_sibling) = (indent, false);
        } else if indent == depth {
            is_behind_sibling = true;
        }
    }
    None
}

fn depth(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// What a line of comment says; none for other lines.
fn words(line: &str) -> Option<&str> {
    let line = line.trim();
    let marks = ["//", "/**", "/*", "*/", "*", "#", "--", "<!--"];
    let rest = marks.iter().find_map(|mark| line.strip_prefix(mark))?;
    let rest = rest.trim_end_matches("*/").trim_end_matches("-->");
    (rest.is_empty() || rest.starts_with([' ', '*'])).then(|| rest.trim())
}

/// The whole comment that ends in a line.
fn block(lines: &[&str], last: usize) -> String {
    let first = (0..=last).rev().take_while(|index| words(lines[*index]).is_some()).last().unwrap_or(last);
    let words: Vec<&str> =
        lines[first..=last].iter().filter_map(|line| words(line)).filter(|it| !it.is_empty()).collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const YAML: &str = "\
# Of the file.
a: 1 # of a

# Of b,
# in two lines.
b:
  c: 2
  # Of d.
  d: 3
  e: 4
";

    #[test]
    fn a_line_has_its_own_comment_or_that_of_what_it_belongs_to() {
        let at = |line| comment_beside(YAML, line);
        assert_eq!(at(1).as_deref(), Some("of a"));
        assert_eq!(at(5).as_deref(), Some("Of b, in two lines."));
        assert_eq!(at(6).as_deref(), Some("Of b, in two lines."));
        assert_eq!(at(8).as_deref(), Some("Of d."));
        assert_eq!(at(9).as_deref(), Some("Of b, in two lines."));
        assert_eq!(at(99), None);
    }

    #[test]
    fn comments_of_code_are_found_too() {
        let code = "/** How long. */\nconst seconds = 3;\n\nconst other = 4;\n";
        assert_eq!(comment_beside(code, 1).as_deref(), Some("How long."));
        assert_eq!(comment_beside(code, 3), None);
    }
}
