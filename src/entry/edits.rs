//! Texts that go into a file, and the file's own way to write them.

/// One piece of a file and what stands in its place.
pub(super) struct Edit {
    pub(super) start: usize,
    pub(super) end: usize,
    /// With `;` and a double quote, whatever the file has.
    pub(super) text: String,
}

impl Edit {
    /// A text that goes between two places.
    pub(super) fn at(place: usize, text: impl Into<String>) -> Self {
        Self { start: place, end: place, text: text.into() }
    }
}

/// How a file is written.
pub(super) struct Style {
    quote: &'static str,
    semicolons: bool,
    newline: &'static str,
}

impl Style {
    /// As most of the file is.
    pub(super) fn of(text: &str) -> Self {
        let count = |c: char| text.matches(c).count();
        let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
        let semicolons = text.lines().any(|line| line.trim_end().ends_with(';'));
        Self { quote: if count('\'') > count('"') { "'" } else { "\"" }, semicolons, newline }
    }

    fn written(&self, text: &str) -> String {
        let text = text.replace('"', self.quote);
        let text = if self.semicolons { text } else { text.replace(";\n", "\n") };
        text.replace('\n', self.newline)
    }
}

/// The text with all edits in it; none of them overlap.
pub(super) fn applied(text: &str, mut edits: Vec<Edit>, style: &Style) -> String {
    edits.sort_by_key(|edit| (edit.start, edit.end));
    let mut out = String::new();
    let mut at = 0;
    for edit in &edits {
        out.push_str(text.get(at..edit.start).unwrap_or_default());
        out.push_str(&style.written(&edit.text));
        at = edit.end;
    }
    out.push_str(text.get(at..).unwrap_or_default());
    out
}
