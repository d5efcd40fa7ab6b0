//! JavaScript and TypeScript as text in which comments and strings are told from code.
//!
//! Not a parser: a scan that knows comments, strings, templates and, as far as the character before tells, regular
//! expressions. What it takes wrongly costs a fact, never more.

use super::fact::Evidence;

/// A source file.
pub(crate) struct Source {
    pub(crate) path: String,
    /// Comments blanked; every byte stays in its place.
    pub(crate) text: String,
    /// Comments and what stands in strings blanked.
    pub(crate) bare: String,
}

/// What a scan is within.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Within {
    Code,
    LineComment,
    BlockComment,
    Text(u8),
    Regex { class: bool },
}

impl Source {
    pub(crate) fn new(path: &str, text: &str) -> Self {
        let (text, bare) = blanked(text);
        Self { path: path.to_owned(), text, bare }
    }

    /// 1-based.
    pub(crate) fn line(&self, at: usize) -> usize {
        self.bare.get(..at).unwrap_or(&self.bare).matches('\n').count() + 1
    }

    /// Where `word` stands in code, with no letter or digit before it.
    pub(crate) fn words<'a>(&'a self, word: &'a str) -> impl Iterator<Item = usize> + 'a {
        let found = self.bare.match_indices(word).map(|(at, _)| at);
        found.filter(move |at| !self.bare[..*at].ends_with(is_word))
    }

    /// A piece of the code as evidence; `text` is what is shown of it.
    pub(crate) fn evidence(&self, at: usize, text: &str) -> Evidence {
        Evidence::new(&self.path, Some(self.line(at)), text)
    }

    /// The string that starts at a place, without its quotes.
    pub(crate) fn string_at(&self, at: usize) -> Option<&str> {
        let rest = self.text.get(at..)?;
        let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\'' | '`'))?;
        let inside = &rest[1..];
        inside.get(..inside.find(quote)?).filter(|text| !text.contains(['\n', '\\', '$']))
    }

    /// The first place at or after `at` that is not blank.
    pub(crate) fn next(&self, at: usize) -> usize {
        let rest = self.text.get(at..).unwrap_or_default();
        at + (rest.len() - rest.trim_start().len())
    }

    /// The number that starts at a place, perhaps in quotes.
    pub(crate) fn number_at(&self, at: usize) -> Option<u32> {
        let rest = self.text.get(at..)?.trim_start_matches(['"', '\'']);
        let digits: String =
            rest.chars().take_while(|c| c.is_ascii_digit() || *c == '_').filter(|c| *c != '_').collect();
        let next = rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '_').chars().next();
        if next.is_some_and(|c| c.is_alphabetic() || c == '.') {
            return None;
        }
        digits.parse().ok()
    }
}

/// A name as JavaScript knows it, at the start of a text.
pub(crate) fn identifier(text: &str) -> &str {
    let end = text.find(|c: char| !is_word(c)).unwrap_or(text.len());
    if text.starts_with(|c: char| c.is_ascii_digit()) { "" } else { &text[..end] }
}

pub(crate) fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '$'
}

/// The text without comments, and without comments and strings, each as long as it was.
fn blanked(original: &str) -> (String, String) {
    let bytes = original.as_bytes();
    let (mut text, mut bare) = (bytes.to_vec(), bytes.to_vec());
    let mut within = Within::Code;
    // Depth of braces within each `${` of a template.
    let mut templates: Vec<usize> = Vec::new();
    let mut last = b'\n';
    let mut at = 0;
    while at < bytes.len() {
        let (byte, next) = (bytes[at], bytes.get(at + 1).copied().unwrap_or(b'\n'));
        let mut step = 1;
        let was = within;
        match within {
            Within::Code => match byte {
                b'/' if next == b'/' => within = Within::LineComment,
                b'/' if next == b'*' => within = Within::BlockComment,
                b'/' if starts_a_regex(last) && closes_a_regex(&bytes[at + 1..]) => {
                    within = Within::Regex { class: false }
                }
                b'`' => within = Within::Text(byte),
                b'"' | b'\'' if starts_a_string(&bytes[..at]) => within = Within::Text(byte),
                b'{' => templates.iter_mut().last().map_or((), |depth| *depth += 1),
                b'}' => match templates.last_mut() {
                    Some(0) => {
                        templates.pop();
                        within = Within::Text(b'`');
                    }
                    Some(depth) => *depth -= 1,
                    None => {}
                },
                _ => {}
            },
            Within::LineComment if byte == b'\n' => within = Within::Code,
            Within::BlockComment if byte == b'*' && next == b'/' => {
                within = Within::Code;
                step = 2;
            }
            Within::Text(_) | Within::Regex { .. } if byte == b'\\' => step = 2,
            Within::Text(b'`') if byte == b'$' && next == b'{' => {
                templates.push(0);
                within = Within::Code;
                step = 2;
            }
            Within::Text(quote) if byte == quote || (byte == b'\n' && quote != b'`') => within = Within::Code,
            Within::Regex { class } => match byte {
                b'[' => within = Within::Regex { class: true },
                b']' => within = Within::Regex { class: false },
                b'/' if !class => within = Within::Code,
                _ => {}
            },
            _ => {}
        }
        let is_comment = |it: Within| matches!(it, Within::LineComment | Within::BlockComment);
        let end = (at + step).min(bytes.len());
        for place in at..end {
            if bytes[place] == b'\n' {
                continue;
            }
            if is_comment(was) || is_comment(within) {
                text[place] = b' ';
                bare[place] = b' ';
            } else if was != Within::Code && within != Within::Code {
                bare[place] = b' ';
            }
        }
        if within == Within::Code && was == Within::Code && !byte.is_ascii_whitespace() {
            last = byte;
        } else if was != Within::Code && !is_comment(was) && within == Within::Code {
            last = b'"';
        }
        at = end;
    }
    let string = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap_or_default();
    (string(text), string(bare))
}

/// Whether a quote after this text starts a string, and is no apostrophe in text between tags.
fn starts_a_string(before: &[u8]) -> bool {
    let start = before.iter().rposition(|byte| !byte.is_ascii_alphanumeric()).map_or(0, |at| at + 1);
    let word = &before[start..];
    let keywords: [&[u8]; 9] = [b"return", b"case", b"from", b"import", b"typeof", b"in", b"of", b"else", b"default"];
    word.is_empty() || keywords.contains(&word)
}

/// Whether a `/` after this character starts a regular expression and divides nothing.
fn starts_a_regex(last: u8) -> bool {
    matches!(last, b'(' | b',' | b'=' | b':' | b'[' | b'!' | b'&' | b'|' | b'?' | b'{' | b'}' | b';' | b'\n' | b'>')
}

/// Whether a regular expression ends on its line.
fn closes_a_regex(rest: &[u8]) -> bool {
    let line = rest.split(|byte| *byte == b'\n').next().unwrap_or_default();
    line.contains(&b'/')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_strings_are_told_from_code() {
        let text = "a // 'x\nb('/*y*/') /* z */ `t ${c({d: `u`})} v` e = /['\"`]/; f";
        let source = Source::new("a.ts", text);
        assert_eq!(source.text, "a      \nb('/*y*/')         `t ${c({d: `u`})} v` e = /['\"`]/; f");
        assert_eq!(source.bare, "a      \nb('     ')         `  ${c({d: ` `})}  ` e = /     /; f");
        assert_eq!(source.words("c").count(), 1);
        let text = "<p>it's {process.env.A}</p>; return'x'; sql`y`";
        assert_eq!(Source::new("a.tsx", text).bare, "<p>it's {process.env.A}</p>; return' '; sql` `");
        assert_eq!(source.line(text.len()), 2);
    }

    #[test]
    fn any_text_keeps_its_length() {
        for text in ["'", "`${", "/*", "//", "\\", "/", "`${`${'", "ä'ö\\", "'\\", "x = /a\\", "`\\"] {
            let source = Source::new("a.js", text);
            assert_eq!((source.text.len(), source.bare.len()), (text.len(), text.len()), "{text}");
        }
    }
}
