//! Splits a text into the tree of lines: which entry each line belongs to.
//!
//! Comments and blank lines belong to the entry below them, unless they are indented deeper: then to the
//! end of the block that they stand in. What is written in a way that this cannot follow (complex keys,
//! indentation indicators) is one piece, and so is all of it that stands inside.

use std::ops::Range;

use saphyr_parser::ScalarStyle;

use super::flow;
use super::lines::{Lines, indent, split_comment};
use super::raw::{self, Document, Kind, Place, Raw};
use super::tree::{Block, Head, Node, Shape, Value};

/// The tree of a text, or None if it is not YAML or more than this can follow.
pub(super) fn split(text: &str) -> Option<Block> {
    let lines: Vec<&str> = text.strip_suffix('\n').unwrap_or(text).split('\n').collect();
    let ends_a_document = |line: &&str| *line == "..." || line.starts_with("... ");
    if text.contains('\r') || lines.iter().any(ends_a_document) {
        return None;
    }
    let documents = raw::documents(text)?;
    if documents.is_empty() || documents.iter().any(|document| document.root.sem().has_twin_keys()) {
        return None;
    }
    let splitter = Splitter { lines: Lines(lines) };
    let starts: Vec<usize> =
        documents.iter().enumerate().map(|(at, document)| if at == 0 { 0 } else { document.start.line }).collect();
    let ends = starts.iter().skip(1).copied().chain([splitter.lines.0.len()]);
    let regions = starts.iter().copied().zip(ends).map(|(start, end)| start..end);
    let nodes: Option<Vec<Node>> =
        documents.iter().zip(regions).map(|(document, region)| splitter.document(document, region)).collect();
    Some(Block { shape: Shape::Documents, offset: 0, nodes: nodes?, tail: Vec::new() })
}

struct Splitter<'a> {
    lines: Lines<'a>,
}

/// An entry on its way into the tree.
#[derive(Clone, Debug)]
struct Entry<'a> {
    key: Option<&'a Raw>,
    value: &'a Raw,
    column: usize,
    /// From its first line to the first line of what follows.
    region: Range<usize>,
    /// The column of what follows; -1 at the end of a document.
    next: isize,
}

impl Entry<'_> {
    fn start(&self) -> usize {
        self.region.start
    }

    /// Just after the key or the dash.
    fn after_key(&self) -> usize {
        self.key.map_or(self.column + 1, |key| key.end.column)
    }
}

impl Splitter<'_> {
    fn document(&self, document: &Document, region: Range<usize>) -> Option<Node> {
        let root = &document.root;
        let marker = if document.explicit { document.start.line } else { region.start };
        let in_block = matches!(root.kind, Kind::Sequence { flow: false, .. } | Kind::Mapping { flow: false, .. });
        let mut lead_end = marker;
        let mut head = Head::default();
        if document.explicit {
            let (code, note) = split_comment(self.lines.text(marker), 0, 3);
            (head.code, head.note) = (vec![code], note);
        } else {
            // A comment about the file, apart from the first entry by a blank line, is not the entry's.
            let first = (region.clone()).find(|line| !self.lines.is_gap(*line)).unwrap_or(region.end);
            lead_end =
                (region.start..first).rev().find(|line| self.lines.is_blank(*line)).map_or(region.start, |at| at + 1);
        }
        let lead = self.lines.gap(region.start..lead_end, 0)?;
        let from = if document.explicit { marker + 1 } else { lead_end };
        let block = in_block.then(|| self.block(root, 0, from..region.end, -1, false)).flatten();
        let value = if let Some((mut block, end)) = block {
            block.tail.extend(self.lines.gap(end..region.end, block.offset)?);
            head.props.clone_from(&root.props);
            Value::Block(block)
        } else {
            let from = if document.explicit { marker } else { lead_end };
            head.code = (from..region.end).map(|line| self.lines.exact(line, 0)).collect();
            head.note.clear();
            Value::Inline
        };
        Some(Node { lead, head, value, sem: root.sem() })
    }

    /// A block collection, and the line after it. `compact`: it starts in the line of a dash.
    fn block(
        &self,
        raw: &Raw,
        parent: usize,
        region: Range<usize>,
        next: isize,
        compact: bool,
    ) -> Option<(Block, usize)> {
        let (shape, starts) = match &raw.kind {
            Kind::Mapping { entries, .. } => (Shape::Mapping, entries.iter().map(|(key, _)| key.start).collect()),
            Kind::Sequence { items, .. } => (
                Shape::Sequence,
                self.dashes(raw, region.clone(), compact).filter(|dashes| dashes.len() == items.len())?,
            ),
            Kind::Scalar { .. } | Kind::Alias => return None,
        };
        let column = starts.first()?.column;
        let mut block = Block { shape, offset: column.checked_sub(parent)?, nodes: Vec::new(), tail: Vec::new() };
        let mut end = region.start;
        for (at, start) in starts.iter().enumerate() {
            let first_in_line = indent(self.lines.text(start.line)) == column || (compact && at == 0);
            if start.column != column || !first_in_line {
                return None;
            }
            let following = starts.get(at + 1);
            let region = start.line..following.map_or(region.end, |next| next.line);
            let next = following.map_or(next, |next| next.column.cast_signed());
            let (key, value) = child(raw, at)?;
            let lead = self.lines.gap(end..start.line, column)?;
            let (mut node, node_end) = self.node(&Entry { key, value, column, region, next })?;
            node.lead = lead;
            block.nodes.push(node);
            end = node_end;
        }
        let claimed = self.lines.claimed(end..region.end, column, next);
        block.tail = self.lines.gap(end..claimed, column)?;
        Some((block, claimed))
    }

    /// Where the items of a block sequence start. Nothing else can stand in the column of its dashes.
    fn dashes(&self, raw: &Raw, region: Range<usize>, compact: bool) -> Option<Vec<Place>> {
        let first = if compact { Some(region.start) } else { region.clone().find(|line| !self.lines.is_gap(*line)) }?;
        let column = if compact { raw.start.column } else { indent(self.lines.text(first)) };
        let is_dash = |line: &usize| {
            let text = self.lines.text(*line).get(column..).unwrap_or_default();
            indent(self.lines.text(*line)) == column && (text == "-" || text.starts_with("- "))
        };
        let rest = (first + usize::from(compact)..region.end).filter(is_dash);
        Some(compact.then_some(first).into_iter().chain(rest).map(|line| Place { line, column }).collect())
    }

    fn node(&self, entry: &Entry<'_>) -> Option<(Node, usize)> {
        let simple = entry.key.is_none_or(|key| {
            matches!(key.kind, Kind::Scalar { .. }) && key.start.line == key.end.line && key.start.line == entry.start()
        });
        if !simple {
            return None;
        }
        let split = match &entry.value.kind {
            Kind::Mapping { flow: false, .. } | Kind::Sequence { flow: false, .. } => self.with_block(entry),
            Kind::Scalar { style: ScalarStyle::Literal | ScalarStyle::Folded, .. } => self.with_body(entry),
            _ => self.inline(entry),
        };
        let (head, value, end) = split.unwrap_or_else(|| self.piece(entry));
        Some((Node { lead: Vec::new(), head, value, sem: entry.value.sem() }, end))
    }

    fn with_block(&self, entry: &Entry<'_>) -> Option<(Head, Value, usize)> {
        let raw = entry.value;
        let compact = entry.key.is_none()
            && match &raw.kind {
                Kind::Mapping { entries, .. } => entries.first()?.0.start.line == entry.start(),
                _ => raw.props.is_empty() && raw.start.line == entry.start(),
            };
        let mut head = Head { compact, ..head_of(entry) };
        let from = entry.start() + usize::from(!compact);
        if !compact {
            let (code, note) = split_comment(self.lines.text(entry.start()), entry.column, entry.after_key());
            (head.code, head.note) = (vec![code], note);
        }
        head.props.clone_from(&raw.props);
        let (block, end) = self.block(raw, entry.column, from..entry.region.end, entry.next, compact)?;
        Some((head, Value::Block(block), end))
    }

    /// A `|` or `>` scalar whose header stands in the line of the key.
    fn with_body(&self, entry: &Entry<'_>) -> Option<(Head, Value, usize)> {
        let (code, note) = split_comment(self.lines.text(entry.start()), entry.column, entry.after_key());
        let indicator = code.text.split_whitespace().last().filter(|word| word.starts_with(['|', '>']))?.to_owned();
        if indicator.contains(|c: char| c.is_ascii_digit()) {
            return None;
        }
        let mut region = entry.start() + 1..entry.region.end;
        let first = region.clone().find(|line| !self.lines.is_blank(*line));
        let column = first.map(|line| indent(self.lines.text(line))).filter(|column| *column > entry.column)?;
        let is_content = |line: usize| self.lines.is_blank(line) || indent(self.lines.text(line)) >= column;
        let mut end = region.find(|line| !is_content(*line)).unwrap_or(entry.region.end);
        while !indicator.contains('+') && self.lines.is_blank(end - 1) {
            end -= 1;
        }
        let mut head = head_of(entry);
        (head.code, head.note) = (vec![code], note);
        let lines = (entry.start() + 1..end).map(|line| self.lines.exact(line, column)).collect();
        Some((head, Value::Body { offset: column - entry.column, lines }, end))
    }

    /// A flow collection, an alias, or a scalar that is not a block scalar.
    fn inline(&self, entry: &Entry<'_>) -> Option<(Head, Value, usize)> {
        let raw = entry.value;
        let mut head = head_of(entry);
        let is_empty = matches!(&raw.kind, Kind::Scalar { text, style: ScalarStyle::Plain } if text.is_empty());
        if is_empty || raw.end.line == entry.start() {
            let line = self.lines.text(entry.start());
            let from = if is_empty { entry.after_key() } else { raw.end.column };
            let (code, note) = split_comment(line, entry.column, from);
            let rest = line.get(from..)?.strip_suffix(note.as_str())?;
            if is_empty && rest.trim_start_matches(':').split_whitespace().any(|word| !word.starts_with(['&', '!'])) {
                return None;
            }
            head.list = flow::list(raw, line, entry.column);
            (head.code, head.note) = (vec![code], note);
            return Some((head, Value::Inline, entry.start() + 1));
        }
        let end = raw.end;
        let rest = self.lines.0.get(end.line)?.get(end.column..)?;
        if !(rest.trim().is_empty() || rest.trim_start().starts_with('#')) || end.line >= entry.region.end {
            return None;
        }
        head.code = (entry.start()..=end.line).map(|line| self.lines.loose(line, entry.column)).collect();
        head.code[0] = self.lines.from(entry.start(), entry.column);
        let last = head.code.last_mut()?;
        last.text.truncate(last.text.len().checked_sub(rest.len())?);
        rest.clone_into(&mut head.note);
        Some((head, Value::Inline, end.line + 1))
    }

    /// All lines of an entry as one piece.
    fn piece(&self, entry: &Entry<'_>) -> (Head, Value, usize) {
        let end = entry.region.clone().rev().find(|line| !self.lines.is_gap(*line)).unwrap_or(entry.start()) + 1;
        let mut head = head_of(entry);
        head.code = (entry.start()..end).map(|line| self.lines.exact(line, entry.column)).collect();
        head.code[0] = self.lines.from(entry.start(), entry.column);
        (head, Value::Inline, end)
    }
}

fn child(raw: &Raw, at: usize) -> Option<(Option<&Raw>, &Raw)> {
    match &raw.kind {
        Kind::Mapping { entries, .. } => entries.get(at).map(|(key, value)| (Some(key), value)),
        Kind::Sequence { items, .. } => items.get(at).map(|item| (None, item)),
        Kind::Scalar { .. } | Kind::Alias => None,
    }
}

fn head_of(entry: &Entry<'_>) -> Head {
    let key = entry.key.map(Raw::sem);
    Head { key, ..Head::default() }
}
