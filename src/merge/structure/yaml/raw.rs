//! YAML as values that know where they stand: lines from 0, columns in bytes.

use saphyr_parser::{Event, Marker, Parser, ScalarStyle};

use super::sem::Sem;

/// Deeper nesting than anybody writes by hand is left to the lines.
const DEEPEST: usize = 100;

/// A place in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    /// From 0.
    pub(super) line: usize,
    /// In bytes from the start of the line.
    pub(super) column: usize,
}

/// A value, its anchor and tag included.
#[derive(Clone, Debug)]
pub(super) struct Raw {
    pub(super) start: Place,
    /// Just after the value. Of a block value: some place after it, up to where the next one starts.
    pub(super) end: Place,
    /// Where the contents start, after an anchor and a tag.
    pub(super) inner: Place,
    /// Anchor and tag as they are written, for comparison.
    pub(super) props: String,
    pub(super) kind: Kind,
}

#[derive(Clone, Debug)]
pub(super) enum Kind {
    Scalar { text: String, style: ScalarStyle },
    Alias,
    Sequence { flow: bool, items: Vec<Raw> },
    Mapping { flow: bool, entries: Vec<(Raw, Raw)> },
}

/// A document, and whether it starts with a `---` line of its own.
#[derive(Debug)]
pub(super) struct Document {
    pub(super) start: Place,
    pub(super) explicit: bool,
    pub(super) root: Raw,
}

impl Raw {
    /// What the value means, without where it stands and how it is indented.
    pub(super) fn sem(&self) -> Sem {
        let props = self.props.clone();
        match &self.kind {
            Kind::Scalar { text, style } => {
                Sem::Scalar { text: text.clone(), plain: *style == ScalarStyle::Plain, props }
            }
            Kind::Alias => Sem::Alias(props),
            Kind::Sequence { items, .. } => Sem::Sequence { items: items.iter().map(Self::sem).collect(), props },
            Kind::Mapping { entries, .. } => {
                Sem::Mapping { entries: entries.iter().map(|(key, value)| (key.sem(), value.sem())).collect(), props }
            }
        }
    }
}

/// The documents of a text, or None if it is not YAML, or YAML that nobody writes by hand.
pub(super) fn documents(text: &str) -> Option<Vec<Document>> {
    let mut reader = Reader { lines: text.split('\n').collect(), open: Vec::new(), documents: Vec::new(), head: None };
    for event in Parser::new_from_str(text) {
        let (event, span) = event.ok()?;
        reader.take(event, span.start, span.end)?;
    }
    Some(reader.documents)
}

struct Reader<'a> {
    lines: Vec<&'a str>,
    /// Collections that have not ended. The contents of a mapping are its keys and values in turn.
    open: Vec<(Raw, Vec<Raw>)>,
    documents: Vec<Document>,
    head: Option<(Place, bool)>,
}

impl Reader<'_> {
    fn take(&mut self, event: Event<'_>, start: Marker, end: Marker) -> Option<()> {
        let (start, end) = (self.place(start)?, self.place(end)?);
        match event {
            Event::DocumentStart(explicit) => self.head = Some((start, explicit)),
            Event::Scalar(text, style, anchor, tag) => {
                let (inner, props) = self.props(start, anchor > 0, tag.is_some())?;
                let text = text.into_owned();
                let quoted = matches!(style, ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted);
                let end = if quoted { self.closing_quote(inner)? } else { end };
                self.close(Raw { start, end, inner, props, kind: Kind::Scalar { text, style } })?;
            }
            Event::Alias(_) => {
                let in_name = |c: &char| !c.is_whitespace() && !",]}".contains(*c);
                let props: String = self.text(start)?.chars().take_while(in_name).collect();
                let end = Place { line: start.line, column: start.column + props.len() };
                self.close(Raw { start, end, inner: start, props, kind: Kind::Alias })?;
            }
            // The span of a flow collection ends right after its bracket. That of a block collection is
            // empty, and what starts there may be its first item in brackets.
            Event::SequenceStart(anchor, tag) => {
                let (inner, props) = self.props(start, anchor > 0, tag.is_some())?;
                let flow = self.text(inner)?.starts_with('[') && end > inner;
                self.push(Raw { start, end, inner, props, kind: Kind::Sequence { flow, items: Vec::new() } })?;
            }
            Event::MappingStart(anchor, tag) => {
                let (inner, props) = self.props(start, anchor > 0, tag.is_some())?;
                let flow = self.text(inner)?.starts_with('{') && end > inner;
                self.push(Raw { start, end, inner, props, kind: Kind::Mapping { flow, entries: Vec::new() } })?;
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let (mut raw, contents) = self.open.pop()?;
                // The span of a closing bracket runs on over a comment behind it.
                let bracket = self.text(start)?.starts_with([']', '}']);
                let flow = matches!(raw.kind, Kind::Sequence { flow: true, .. } | Kind::Mapping { flow: true, .. });
                raw.end = if flow && bracket { Place { line: start.line, column: start.column + 1 } } else { end };
                self.close(finished(raw, contents)?)?;
            }
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
        }
        Some(())
    }

    fn push(&mut self, raw: Raw) -> Option<()> {
        self.open.push((raw, Vec::new()));
        (self.open.len() <= DEEPEST).then_some(())
    }

    fn close(&mut self, raw: Raw) -> Option<()> {
        if let Some((_, contents)) = self.open.last_mut() {
            contents.push(raw);
        } else {
            let (start, explicit) = self.head.take()?;
            self.documents.push(Document { start, explicit, root: raw });
        }
        Some(())
    }

    /// The parser counts columns in characters, and lines from 1.
    fn place(&self, marker: Marker) -> Option<Place> {
        let line = marker.line().checked_sub(1)?;
        let text = self.lines.get(line).copied().unwrap_or_default();
        let column = text.char_indices().map(|(at, _)| at).chain([text.len()]).nth(marker.col())?;
        Some(Place { line, column })
    }

    /// Just after a quoted scalar that starts here. Its span, too, runs on over a comment behind it.
    fn closing_quote(&self, start: Place) -> Option<Place> {
        let quote = self.text(start)?.chars().next()?;
        let mut place = Place { line: start.line, column: start.column + 1 };
        loop {
            let rest = self.text(place)?;
            let mut chars = rest.char_indices();
            while let Some((at, c)) = chars.next() {
                if c == '\\' && quote == '"' {
                    chars.next();
                } else if c == quote {
                    // Two single quotes stand for one.
                    if !(quote == '\'' && rest[at + 1..].starts_with(quote)) {
                        return Some(Place { line: place.line, column: place.column + at + 1 });
                    }
                    chars.next();
                }
            }
            place = Place { line: place.line + 1, column: 0 };
        }
    }

    fn text(&self, place: Place) -> Option<&str> {
        self.lines.get(place.line)?.get(place.column..)
    }

    /// Where the contents start after an anchor and a tag, and those as they are written.
    fn props(&self, start: Place, anchor: bool, tag: bool) -> Option<(Place, String)> {
        let (mut place, mut found) = (start, Vec::new());
        while found.len() < usize::from(anchor) + usize::from(tag) {
            let rest = self.text(place)?;
            let blank = rest.len() - rest.trim_start().len();
            if blank == rest.len() || rest.trim_start().starts_with('#') {
                place = Place { line: place.line + 1, column: 0 };
                continue;
            }
            let word: String = rest.trim_start().chars().take_while(|c| !c.is_whitespace()).collect();
            if !word.starts_with(['&', '!']) {
                return None;
            }
            place.column += blank + word.len();
            found.push(word);
        }
        if !found.is_empty() {
            let rest = self.text(place)?;
            place.column += rest.len() - rest.trim_start().len();
        }
        found.sort_unstable();
        Some((place, found.join(" ")))
    }
}

fn finished(mut raw: Raw, contents: Vec<Raw>) -> Option<Raw> {
    match &mut raw.kind {
        Kind::Sequence { items, .. } => *items = contents,
        Kind::Mapping { entries, .. } => {
            let mut contents = contents.into_iter();
            while let Some(key) = contents.next() {
                entries.push((key, contents.next()?));
            }
        }
        Kind::Scalar { .. } | Kind::Alias => return None,
    }
    Some(raw)
}
