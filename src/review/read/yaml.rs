//! YAML as a tree that keeps its lines, so that a finding can say where it is.

use std::collections::HashMap;
use std::rc::Rc;

use anyhow::{Result, bail};
use saphyr_parser::{Event, Parser, ScalarStyle, Span};

/// A file and the line in it, where one is known.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) file: Rc<str>,
    pub(crate) line: Option<usize>,
}

impl Place {
    pub(crate) fn file(file: &str) -> Self {
        Self { file: file.into(), line: None }
    }

    pub(crate) fn line(file: &str, line: usize) -> Self {
        Self { file: file.into(), line: Some(line) }
    }
}

/// One value of a YAML document.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) place: Place,
    pub(crate) value: Value,
}

#[derive(Clone, Debug)]
pub(crate) enum Value {
    /// `plain` tells `8080` from `"8080"`.
    Scalar {
        text: String,
        plain: bool,
    },
    Sequence(Vec<Node>),
    Mapping(Vec<(Node, Node)>),
}

impl Node {
    pub(crate) fn scalar(place: Place, text: impl Into<String>) -> Self {
        let value = Value::Scalar { text: text.into(), plain: false };
        Self { place, value }
    }

    pub(crate) fn mapping(place: Place, entries: Vec<(Self, Self)>) -> Self {
        Self { place, value: Value::Mapping(entries) }
    }

    /// The value under `key` of a mapping.
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        self.entries().iter().find(|(name, _)| name.text() == Some(key)).map(|(_, value)| value)
    }

    /// The value at the end of a path of mapping keys.
    pub(crate) fn at(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |node, key| node.get(key))
    }

    pub(crate) fn text_at(&self, path: &[&str]) -> Option<&str> {
        self.at(path)?.text()
    }

    /// The entries of a mapping; none for anything else.
    pub(crate) fn entries(&self) -> &[(Self, Self)] {
        match &self.value {
            Value::Mapping(entries) => entries,
            _ => &[],
        }
    }

    pub(crate) fn entries_at(&self, path: &[&str]) -> &[(Self, Self)] {
        self.at(path).map_or(&[], Self::entries)
    }

    /// The items of a sequence; none for anything else.
    pub(crate) fn items(&self) -> &[Self] {
        match &self.value {
            Value::Sequence(items) => items,
            _ => &[],
        }
    }

    pub(crate) fn items_at(&self, path: &[&str]) -> &[Self] {
        self.at(path).map_or(&[], Self::items)
    }

    /// A scalar's text; `None` for null, sequences and mappings.
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar { text, .. } if !self.is_null() => Some(text),
            _ => None,
        }
    }

    pub(crate) fn integer(&self) -> Option<i64> {
        self.text()?.parse().ok()
    }

    pub(crate) fn is_null(&self) -> bool {
        matches!(&self.value, Value::Scalar { text, plain: true } if matches!(text.as_str(), "" | "~" | "null"))
    }

    /// Every scalar below this node, itself included.
    pub(crate) fn scalars(&self) -> Vec<&Self> {
        match &self.value {
            Value::Scalar { .. } => vec![self],
            Value::Sequence(items) => items.iter().flat_map(Self::scalars).collect(),
            Value::Mapping(entries) => entries.iter().flat_map(|(_, value)| value.scalars()).collect(),
        }
    }

    pub(crate) fn set(&mut self, key: &str, value: Self) {
        if let Value::Mapping(entries) = &mut self.value {
            match entries.iter_mut().find(|(name, _)| name.text() == Some(key)) {
                Some((_, old)) => *old = value,
                None => entries.push((Self::scalar(value.place.clone(), key), value)),
            }
        }
    }
}

/// The documents of a YAML file. A key that stands twice is an error: readers differ in which one they take.
pub(crate) fn parse(file: &str, text: &str) -> Result<Vec<Node>> {
    let mut builder = Builder { file: file.into(), open: Vec::new(), anchors: HashMap::new(), documents: Vec::new() };
    for event in Parser::new_from_str(text) {
        let (event, span) = event?;
        builder.take(event, span)?;
    }
    builder.documents.retain(|document| !document.is_null());
    Ok(builder.documents)
}

struct Builder {
    file: Rc<str>,
    open: Vec<(Node, usize)>,
    anchors: HashMap<usize, Node>,
    documents: Vec<Node>,
}

impl Builder {
    fn take(&mut self, event: Event<'_>, span: Span) -> Result<()> {
        let place = Place { file: Rc::clone(&self.file), line: Some(span.start.line()) };
        match event {
            Event::Scalar(text, style, anchor, _) => {
                let value = Value::Scalar { text: text.into_owned(), plain: style == ScalarStyle::Plain };
                self.close(Node { place, value }, anchor)?;
            }
            Event::SequenceStart(anchor, _) => {
                let value = Value::Sequence(Vec::new());
                self.open.push((Node { place, value }, anchor));
            }
            Event::MappingStart(anchor, _) => {
                self.open.push((Node::mapping(place, Vec::new()), anchor));
            }
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some((node, anchor)) = self.open.pop() {
                    self.close(with_merge_keys(refuse_twins(node)?), anchor)?;
                }
            }
            Event::Alias(anchor) => {
                let Some(node) = self.anchors.get(&anchor).cloned() else {
                    bail!("line {}: an alias of an unknown anchor", span.start.line());
                };
                self.close(node, 0)?;
            }
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentStart(_) | Event::DocumentEnd => {}
        }
        Ok(())
    }

    /// Puts a finished node where it belongs. An open mapping gathers its keys and values in turn.
    fn close(&mut self, node: Node, anchor: usize) -> Result<()> {
        if anchor > 0 {
            self.anchors.insert(anchor, node.clone());
        }
        let Some((parent, _)) = self.open.last_mut() else {
            self.documents.push(node);
            return Ok(());
        };
        match &mut parent.value {
            Value::Sequence(items) => items.push(node),
            Value::Mapping(entries) => match entries.last_mut() {
                Some((_, value)) if is_waiting(value) => *value = node,
                _ => entries.push((node, waiting())),
            },
            Value::Scalar { .. } => bail!("a scalar cannot hold other values"),
        }
        Ok(())
    }
}

/// Stands for the value of a key whose value has not been read yet; no file has line 0.
fn waiting() -> Node {
    Node::scalar(Place::line("", 0), "")
}

fn is_waiting(node: &Node) -> bool {
    node.place.line == Some(0)
}

fn refuse_twins(node: Node) -> Result<Node> {
    for (index, (key, _)) in node.entries().iter().enumerate() {
        let earlier = &node.entries()[..index];
        let name = key.text().unwrap_or_default();
        if name != "<<" && earlier.iter().any(|(other, _)| other.text() == key.text()) {
            bail!("line {}: the key {name:?} stands twice", key.place.line.unwrap_or_default());
        }
    }
    Ok(node)
}

/// Resolves `<<: *anchor`, which Compose files use: own keys win over merged ones.
fn with_merge_keys(mut node: Node) -> Node {
    let Value::Mapping(entries) = &mut node.value else {
        return node;
    };
    let (merges, mut own): (Vec<_>, Vec<_>) =
        std::mem::take(entries).into_iter().partition(|(key, _)| key.text() == Some("<<"));
    for (_, merged) in merges {
        let sources = match &merged.value {
            Value::Sequence(items) => items.clone(),
            _ => vec![merged],
        };
        for (key, value) in sources.iter().flat_map(|source| source.entries().to_vec()) {
            if !own.iter().any(|(name, _)| name.text() == key.text()) {
                own.push((key, value));
            }
        }
    }
    *entries = own;
    node
}
