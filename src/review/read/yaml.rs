//! YAML as a tree that keeps its lines, so that a finding can say where it is.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use saphyr_parser::{Event, Parser, ScalarStyle, Span};

/// Deeper than any file that people write; the tree is walked recursively.
const MOST_DEPTH: usize = 100;
/// Values of one file, those that its aliases repeat included; long texts count more.
const MOST_COST: usize = 100_000;

/// Why a file could not be read as YAML.
#[derive(Debug)]
pub(crate) struct Unreadable {
    pub(crate) line: Option<usize>,
    pub(crate) message: String,
    /// Not wrong, but more than this reads.
    pub(crate) is_too_large: bool,
}

type Result<T> = std::result::Result<T, Unreadable>;

impl Unreadable {
    fn at(line: usize, message: impl Into<String>) -> Self {
        Self { line: Some(line), message: message.into(), is_too_large: false }
    }

    fn too_large(line: usize) -> Self {
        let message = "nested deeper or repeated more often than any file that people write".to_owned();
        Self { line: Some(line), message, is_too_large: true }
    }
}

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

    /// How much this node and all below it weigh: one a value, and more for long texts.
    pub(crate) fn cost(&self) -> usize {
        1 + match &self.value {
            Value::Scalar { text, .. } => text.len() / 32,
            Value::Sequence(items) => items.iter().map(Self::cost).sum(),
            Value::Mapping(entries) => entries.iter().map(|(key, value)| key.cost() + value.cost()).sum(),
        }
    }

    fn depth(&self) -> usize {
        1 + match &self.value {
            Value::Scalar { .. } => 0,
            Value::Sequence(items) => items.iter().map(Self::depth).max().unwrap_or(0),
            Value::Mapping(entries) => {
                entries.iter().map(|(key, value)| key.depth().max(value.depth())).max().unwrap_or(0)
            }
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
    let mut builder =
        Builder { file: file.into(), open: Vec::new(), anchors: HashMap::new(), documents: Vec::new(), cost: 0 };
    for event in Parser::new_from_str(text) {
        // The end of the file stands behind its last line.
        let last = || text.lines().count().max(1);
        let (event, span) = event.map_err(|error| Unreadable::at(error.marker().line().min(last()), error.info()))?;
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
    cost: usize,
}

impl Builder {
    fn take(&mut self, event: Event<'_>, span: Span) -> Result<()> {
        let line = span.start.line();
        let place = Place { file: Rc::clone(&self.file), line: Some(line) };
        if self.open.len() > MOST_DEPTH {
            return Err(Unreadable::too_large(line));
        }
        match event {
            Event::Scalar(text, style, anchor, _) => {
                let value = Value::Scalar { text: text.into_owned(), plain: style == ScalarStyle::Plain };
                let node = Node { place, value };
                self.pay(node.cost(), line)?;
                self.close(node, anchor, line)?;
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
                    self.pay(1, line)?;
                    self.close(with_merge_keys(refuse_twins(node)?), anchor, line)?;
                }
            }
            Event::Alias(anchor) => {
                let Some(node) = self.anchors.get(&anchor) else {
                    return Err(Unreadable::at(line, "an alias of an unknown anchor"));
                };
                if self.open.len() + node.depth() > MOST_DEPTH {
                    return Err(Unreadable::too_large(line));
                }
                let (cost, node) = (node.cost(), node.clone());
                self.pay(cost, line)?;
                self.close(node, 0, line)?;
            }
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentStart(_) | Event::DocumentEnd => {}
        }
        Ok(())
    }

    /// Aliases of aliases grow without bound in a few lines.
    fn pay(&mut self, cost: usize, line: usize) -> Result<()> {
        self.cost += cost;
        if self.cost > MOST_COST { Err(Unreadable::too_large(line)) } else { Ok(()) }
    }

    /// Puts a finished node where it belongs. An open mapping gathers its keys and values in turn.
    fn close(&mut self, node: Node, anchor: usize, line: usize) -> Result<()> {
        if anchor > 0 {
            self.pay(node.cost(), line)?;
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
            Value::Scalar { .. } => return Err(Unreadable::at(line, "a scalar cannot hold other values")),
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
    let mut names = HashSet::new();
    for (key, _) in node.entries() {
        let Some(name) = key.text().filter(|name| *name != "<<") else { continue };
        if !names.insert(name) {
            return Err(Unreadable::at(key.place.line.unwrap_or_default(), format!("the key {name:?} stands twice")));
        }
    }
    Ok(node)
}

/// Resolves `<<: *anchor`, which Compose files use: own keys win over merged ones.
fn with_merge_keys(mut node: Node) -> Node {
    let Value::Mapping(entries) = &mut node.value else {
        return node;
    };
    if !entries.iter().any(|(key, _)| key.text() == Some("<<")) {
        return node;
    }
    let (merges, mut own): (Vec<_>, Vec<_>) =
        std::mem::take(entries).into_iter().partition(|(key, _)| key.text() == Some("<<"));
    let mut names: HashSet<String> = own.iter().filter_map(|(key, _)| Some(key.text()?.to_owned())).collect();
    for (_, merged) in merges {
        let sources = match merged.value {
            Value::Sequence(items) => items,
            _ => vec![merged],
        };
        for (key, value) in sources.iter().flat_map(Node::entries) {
            if key.text().is_none_or(|name| names.insert(name.to_owned())) {
                own.push((key.clone(), value.clone()));
            }
        }
    }
    *entries = own;
    node
}
