//! Text that people typed, made safe for each format that it is printed into, the terminal included.
//!
//! One function per format. Every template that prints free text names one of them as a filter, and
//! the property test over hostile answers parses what comes out.

use std::path::Path;

/// Replaces each run of control and line-separating characters by one space and trims the ends.
///
/// Line breaks are what lets text escape from a comment, an `.env` line or a Dockerfile instruction.
#[must_use]
pub fn one_line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split(breaks_a_line).filter(|word| !word.is_empty()) {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out.trim().to_owned()
}

/// Whether some format that we emit ends a line, or hides text, at this character.
fn breaks_a_line(c: char) -> bool {
    // NEL and the two separators end lines in YAML 1.1 and JavaScript; the bidirectional controls
    // and zero-width characters make reviewed text differ from what is read; YAML refuses the two
    // noncharacters. All of them have four hexadecimal digits, which `json_string` counts on for TOML.
    let hidden = ['\u{61c}', '\u{180e}', '\u{2028}', '\u{2029}', '\u{feff}', '\u{fffe}', '\u{ffff}'];
    c.is_control()
        || hidden.contains(&c)
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
}

/// A JSON string literal, which is also a double-quoted YAML scalar and a TypeScript string.
#[must_use]
pub fn json_string(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if breaks_a_line(c) => push_utf16_escapes(&mut out, c),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

fn push_utf16_escapes(out: &mut String, c: char) {
    let mut units = [0_u16; 2];
    for unit in c.encode_utf16(&mut units) {
        out.push_str(&format!("\\u{unit:04x}"));
    }
}

/// A TypeScript string literal. `${` is escaped, although it means nothing in quotes: linters take it for
/// a template literal that somebody forgot to write.
#[must_use]
pub fn typescript_string(text: &str) -> String {
    json_string(text).replace("${", "\\u0024{")
}

/// A basic TOML string. TOML and JSON agree on every escape that [`json_string`] uses.
#[must_use]
pub fn toml_string(text: &str) -> String {
    json_string(text)
}

/// One shell word in single quotes.
#[must_use]
pub fn shell_word(text: &str) -> String {
    format!("'{}'", one_line(text).replace('\'', "'\\''"))
}

/// A path as one word of a POSIX shell, quoted only where it must be; never one that is taken for an option.
#[must_use]
pub fn shell_path(path: &Path) -> String {
    let shown = path.display().to_string();
    let is_plain = |c: char| c.is_alphanumeric() || "/._-".contains(c);
    if shown.starts_with('-') {
        shell_word(&format!("./{shown}"))
    } else if shown.chars().all(is_plain) {
        shown
    } else {
        shell_word(&shown)
    }
}

/// The value of a line in an `.env` file that `docker compose` and `node --env-file` read alike.
///
/// Plain where every character is inert in both; else in single quotes, in which both take every
/// character for itself. Neither can escape a single quote there. Double quotes can hold one, as long
/// as nothing else has a meaning in them; where something has, it becomes a typographic one.
#[must_use]
pub fn dotenv_value(text: &str) -> String {
    let line = one_line(text);
    let inert = |c: char| c.is_ascii_alphanumeric() || "_@%+=:,./*?&~-".contains(c);
    if line.chars().all(inert) {
        line
    } else if line.contains('\'') && can_stand_in_dotenv(&line) {
        format!("\"{line}\"")
    } else {
        format!("'{}'", line.replace('\'', "\u{2019}"))
    }
}

/// Whether [`dotenv_value`] keeps every character.
#[must_use]
pub fn can_stand_in_dotenv(text: &str) -> bool {
    !(text.contains('\'') && text.contains(['"', '$', '\\']))
}

/// Columns of the narrowest terminal that we print for.
const TERMINAL_WIDTH: usize = 79;

/// Words in lines that fit into a terminal, each line behind `indent`.
#[must_use]
pub fn wrapped<'a>(words: impl Iterator<Item = &'a str>, space: &str, indent: &str) -> String {
    let mut out = indent.to_owned();
    let mut column = indent.len();
    for word in words {
        let width = word.chars().count();
        if column > indent.len() && column + space.len() + width > TERMINAL_WIDTH {
            out.push('\n');
            out.push_str(indent);
            column = indent.len();
        } else if column > indent.len() {
            out.push_str(space);
            column += space.len();
        }
        out.push_str(word);
        column += width;
    }
    out
}

/// The text of a `#`, `//` or `/* */` comment: one line that cannot close the comment.
///
/// TypeScript and Biome take orders from comments that start with `@ts-` or `biome-`; a quote in
/// front makes them text.
#[must_use]
pub fn comment(text: &str) -> String {
    let line = one_line(text).replace("*/", "* /");
    let first = line.trim_start_matches(['/', '*', ' ']);
    if first.starts_with('@') || first.starts_with("biome-") { format!("'{line}'") } else { line }
}

/// Markdown text on one line, with every character escaped that Markdown or HTML could take for markup.
#[must_use]
pub fn markdown(text: &str) -> String {
    let line = one_line(text);
    let mut out = String::with_capacity(line.len());
    for (index, c) in line.char_indices() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            c if "\\`*_[]#|$~".contains(c) || starts_a_block(&line, index, c) => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}

/// Whether the character makes a list, a rule or a heading out of the line: `- x`, `1. x`, `===`.
fn starts_a_block(line: &str, index: usize, c: char) -> bool {
    let before = &line[..index];
    match c {
        '-' | '+' | '=' => before.is_empty(),
        '.' | ')' => !before.is_empty() && before.chars().all(|c| c.is_ascii_digit()),
        _ => false,
    }
}

/// Markdown code on one line that also stands in a table; empty for empty text.
#[must_use]
pub fn markdown_code(text: &str) -> String {
    let line = one_line(text).replace('`', "'").replace('|', "\\|");
    if line.is_empty() { line } else { format!("`{line}`") }
}

/// A JSON array of strings.
#[must_use]
pub fn json_list(items: &[String]) -> String {
    let items: Vec<String> = items.iter().map(|item| json_string(item)).collect();
    format!("[{}]", items.join(", "))
}

/// A TypeScript array of strings.
#[must_use]
pub fn typescript_list(items: &[String]) -> String {
    let items: Vec<String> = items.iter().map(|item| typescript_string(item)).collect();
    format!("[{}]", items.join(", "))
}

/// The items of a YAML list in one line, without its brackets. Words of letters, digits and the signs of paths stand bare.
#[must_use]
pub fn yaml_items(items: &[String]) -> String {
    let is_bare = |item: &str| {
        item.starts_with(|c: char| c.is_ascii_alphabetic())
            && item.contains(['/', '.'])
            && item.chars().all(|c| c.is_ascii_alphanumeric() || "-_./".contains(c))
    };
    let words = items.iter().map(|item| if is_bare(item) { item.clone() } else { json_string(item) });
    words.collect::<Vec<_>>().join(", ")
}

/// A double-quoted value in a Dockerfile `LABEL` or `ENV` instruction.
#[must_use]
pub fn dockerfile_value(text: &str) -> String {
    let mut out = String::from("\"");
    for c in one_line(text).chars() {
        if matches!(c, '"' | '\\' | '$') {
            out.push('\\');
        }
        out.push(c);
    }
    if out.ends_with('\\') {
        // Not every reader sees that the backslash before the closing quote is itself escaped.
        out.push(' ');
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_breaks_of_every_kind_become_spaces() {
        assert_eq!(one_line(" a\r\n\tb\u{2028}c\u{85}d "), "a b c d");
    }

    #[test]
    fn paths_are_quoted_for_a_shell() {
        let quoted = |text: &str| shell_path(Path::new(text));
        assert_eq!(quoted("team/orders-2.x"), "team/orders-2.x");
        assert_eq!(quoted("it's $(here)"), r"'it'\''s $(here)'");
        assert_eq!(quoted("-rf"), "'./-rf'");
    }

    #[test]
    fn json_strings_parse_back() {
        let hostile = "q\" b\\ n\n nul\0 sep\u{2028} ${{ x }} \u{1f600}\u{feff}";
        let back: String = serde_json::from_str(&json_string(hostile)).unwrap();
        assert_eq!(back, hostile);
        let toml: toml::Table = format!("a = {}", toml_string(hostile)).parse().unwrap();
        assert_eq!(toml["a"].as_str(), Some(hostile));
    }

    #[test]
    fn lines_break_between_words_only() {
        let text = "word ".repeat(40) + &"x".repeat(100);
        let lines = wrapped(text.split(' '), " ", "  ");
        assert!(lines.lines().all(|line| line.starts_with("  ") && (line.len() <= 79 || line.trim().len() == 100)));
        assert_eq!(lines.split_whitespace().collect::<Vec<_>>(), text.split(' ').collect::<Vec<_>>());
        assert_eq!(wrapped([].into_iter(), " ", "  "), "  ");
    }

    #[test]
    fn comments_neither_end_early_nor_give_orders() {
        assert_eq!(comment("a */ b\n# c"), "a * / b # c");
        assert_eq!(comment("@ts-expect-error x"), "'@ts-expect-error x'");
        assert_eq!(comment("* biome-ignore lint: x"), "'* biome-ignore lint: x'");
        assert_eq!(comment("mail@ts.example"), "mail@ts.example");
    }

    #[test]
    fn noncharacters_and_marks_that_nobody_sees_are_blanks() {
        assert_eq!(one_line("a\u{fffe}b\u{ffff}c\u{202e}d\u{61c}e\u{2060}f"), "a b c d e f");
        assert_eq!(json_string("\u{ffff}"), "\"\\uffff\"");
    }
}
