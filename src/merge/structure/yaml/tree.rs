//! YAML as a tree of whole lines: every line of the text belongs to one entry, and the tree prints back
//! byte for byte. Indentation is kept apart from the text, so that it does not count as a change.

use super::sem::Sem;

/// A line without its indentation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// Columns to the right of the block or entry that the line belongs to.
    pub(super) shift: isize,
    /// The text; of a blank line whatever blanks it has.
    pub(super) text: String,
}

impl Line {
    pub(super) fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
    }

    /// What counts when lines are compared.
    pub(super) fn key(&self) -> &str {
        self.text.trim_end()
    }
}

/// An entry of a block mapping, an item of a block sequence, or a document.
#[derive(Clone, Debug)]
pub(super) struct Node {
    /// The comments and blank lines above it.
    pub(super) lead: Vec<Line>,
    pub(super) head: Head,
    pub(super) value: Value,
    /// All that it means: of a mapping's entry the value.
    pub(super) sem: Sem,
}

/// The lines of an entry before the lines of its value.
#[derive(Clone, Debug, Default)]
pub(super) struct Head {
    /// The key with what follows it. Empty for a block that starts in the line of its dash, and for a
    /// document without a `---` line.
    pub(super) code: Vec<Line>,
    /// The comment behind the last of these lines, with the blanks before it.
    pub(super) note: String,
    /// Whether a block starts in the line of the dash.
    pub(super) compact: bool,
    /// The key of a mapping's entry.
    pub(super) key: Option<Sem>,
    /// Anchor and tag of a block value.
    pub(super) props: String,
    /// The items of a flow sequence of scalars in one line.
    pub(super) list: Option<FlowList>,
}

/// `key: [a, b]`, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FlowList {
    /// Up to the bracket, and blanks behind it.
    pub(super) open: String,
    /// Each as it is written, and its meaning.
    pub(super) items: Vec<(String, Sem)>,
    /// The closing bracket, and blanks before it.
    pub(super) close: String,
}

#[derive(Clone, Debug)]
pub(super) enum Value {
    /// All of it stands in the head.
    Inline,
    /// The lines of a block scalar.
    Body {
        offset: usize,
        lines: Vec<Line>,
    },
    Block(Block),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Mapping,
    Sequence,
    Documents,
}

/// A block mapping, a block sequence, or the documents of a file.
#[derive(Clone, Debug)]
pub(super) struct Block {
    pub(super) shape: Shape,
    /// Columns to the right of the entry that it is the value of.
    pub(super) offset: usize,
    pub(super) nodes: Vec<Node>,
    /// Comments and blank lines at its end that do not belong to what follows.
    pub(super) tail: Vec<Line>,
}

impl Node {
    /// Whether both say the same in the same words; indentation and blank lines above do not count.
    pub(super) fn same(&self, other: &Self) -> bool {
        same_comments(&self.lead, &other.lead) && self.same_below_lead(other)
    }

    /// What it says, line by line, apart from what stands above, indentation and blank lines.
    pub(super) fn texts<'a>(&'a self, into: &mut Vec<&'a str>) {
        into.extend(self.head.code.iter().map(Line::key));
        into.extend(Some(self.head.note.trim()).filter(|note| !note.is_empty()));
        match &self.value {
            Value::Inline => {}
            Value::Body { lines, .. } => into.extend(lines.iter().map(Line::key)),
            Value::Block(block) => block.texts(into),
        }
    }

    /// As [`Node::same`], whatever stands above.
    pub(super) fn same_below_lead(&self, other: &Self) -> bool {
        self.head.same(&other.head) && self.value.same(&other.value)
    }
}

impl Head {
    pub(super) fn same(&self, other: &Self) -> bool {
        self.same_code(other) && self.note.trim() == other.note.trim()
    }

    pub(super) fn same_code(&self, other: &Self) -> bool {
        same_lines(&self.code, &other.code)
    }
}

impl Block {
    /// What it says, line by line, apart from indentation and blank lines.
    pub(super) fn texts<'a>(&'a self, into: &mut Vec<&'a str>) {
        for node in &self.nodes {
            into.extend(comments(&node.lead));
            node.texts(into);
        }
        into.extend(comments(&self.tail));
    }
}

impl Value {
    pub(super) fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Inline, Self::Inline) => true,
            (Self::Body { lines, .. }, Self::Body { lines: others, .. }) => same_lines(lines, others),
            (Self::Block(block), Self::Block(other)) => block.same(other),
            _ => false,
        }
    }
}

impl Block {
    fn same(&self, other: &Self) -> bool {
        let nodes = self.nodes.iter().zip(&other.nodes);
        self.shape == other.shape
            && self.nodes.len() == other.nodes.len()
            && nodes.into_iter().all(|(node, other)| node.same(other))
            && same_comments(&self.tail, &other.tail)
    }
}

pub(super) fn same_lines(a: &[Line], b: &[Line]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.key() == b.key())
}

fn same_comments(a: &[Line], b: &[Line]) -> bool {
    comments(a).eq(comments(b))
}

/// The lines that are not blank.
pub(super) fn comments(lines: &[Line]) -> impl Iterator<Item = &str> {
    lines.iter().filter(|line| !line.is_blank()).map(Line::key)
}
