//! package.json: the ranges of dependencies, and the package manager.

use super::{Kind, Slot};

/// Sections that hold ranges, besides all that end in `ependencies`.
const SECTIONS: [&str; 6] = ["overrides", "resolutions", "engines", "devEngines", "volta", "catalog"];

/// Levels down to which a section may stand.
const DEEPEST: usize = 8;

/// The ranges in the lines of a package.json. A string of JSON never spans two lines.
pub(super) fn slots<'a>(lines: &[&'a str]) -> Vec<Slot<'a>> {
    let mut place = Place::default();
    lines.iter().enumerate().flat_map(|(index, line)| place.read(index, line)).collect()
}

/// Where in the document the reader is.
#[derive(Default)]
struct Place<'a> {
    /// Keys of the objects and lists around it; empty for elements.
    outer: Vec<&'a str>,
    key: &'a str,
}

impl<'a> Place<'a> {
    fn read(&mut self, index: usize, line: &'a str) -> Vec<Slot<'a>> {
        let (mut found, mut at) = (Vec::new(), 0);
        while let Some(c) = line[at..].chars().next() {
            match c {
                '{' | '[' => self.outer.push(std::mem::take(&mut self.key)),
                '}' | ']' => {
                    self.outer.pop();
                    self.key = "";
                }
                ',' => self.key = "",
                '"' => {
                    let end = at + 1 + string_length(&line[at + 1..]);
                    if line.get(end + 1..).is_some_and(|rest| rest.trim_start().starts_with(':')) {
                        self.key = &line[at + 1..end];
                    } else {
                        found.extend(self.slot(index, line, at + 1, end));
                    }
                    at = end;
                }
                _ => {}
            }
            at = (at + c.len_utf8()).min(line.len());
        }
        found
    }

    fn slot(&self, index: usize, line: &'a str, start: usize, end: usize) -> Option<Slot<'a>> {
        let key = self.key;
        if self.outer == [""] && key == "packageManager" {
            let name = line[start..end].find('@')?;
            let name_and_sign = &line[start..=start + name];
            return Some(Slot::plain(index, line, start + name_and_sign.len()..end, Kind::Setting, name_and_sign));
        }
        let is_section = |name: &&str| name.ends_with("ependencies") || SECTIONS.contains(name);
        let section = self.outer.iter().take(DEEPEST).find(|name| is_section(name))?;
        // A package with a name of its own: `npm:other@1.2.3`, a path, an address.
        let is_range = !line[start..end].contains([':', '/']);
        (is_range && !key.is_empty())
            .then(|| Slot::plain(index, line, start..end, Kind::Setting, format!("{section} {key}")))
    }
}

/// Bytes up to the quote that ends a string.
fn string_length(text: &str) -> usize {
    let mut escaped = false;
    let closing = |c: char| {
        let closes = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        closes
    };
    text.find(closing).unwrap_or(text.len())
}
