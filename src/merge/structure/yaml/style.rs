//! How far a file indents, so that text from another one can be fitted in.

use super::tree::{Block, Node, Shape, Value};

/// The usual indentation of each kind of block, in columns; None where the file has none of the kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Style {
    mapping: Option<usize>,
    sequence: Option<usize>,
    body: Option<usize>,
    item: Option<usize>,
}

/// What an offset belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Mapping,
    Sequence,
    Body,
    /// From a dash to what stands behind it.
    Item,
}

impl Style {
    /// The indentation that each kind of block has most often.
    pub(super) fn of(block: &Block) -> Self {
        let mut offsets = Vec::new();
        gather(block, &mut offsets);
        let usual = |kind: Kind| {
            let of_kind = || offsets.iter().filter(|(other, _)| *other == kind).map(|(_, offset)| *offset);
            of_kind().max_by_key(|offset| of_kind().filter(|other| other == offset).count())
        };
        Self {
            mapping: usual(Kind::Mapping),
            sequence: usual(Kind::Sequence),
            body: usual(Kind::Body),
            item: usual(Kind::Item),
        }
    }

    fn usual(&self, kind: Kind) -> Option<usize> {
        match kind {
            Kind::Mapping => self.mapping,
            Kind::Sequence => self.sequence,
            Kind::Body => self.body,
            Kind::Item => self.item,
        }
    }
}

/// From the indentation of one file to that of another.
pub(super) struct Fit {
    pub(super) from: Style,
    pub(super) to: Style,
}

impl Fit {
    /// The node as the other file would indent it. Unusual indentation stays.
    pub(super) fn node(&self, node: &Node) -> Node {
        let mut node = node.clone();
        if self.from == self.to {
            return node;
        }
        match &mut node.value {
            Value::Inline => {}
            Value::Body { offset, .. } => *offset = self.offset(Kind::Body, *offset),
            Value::Block(block) => *block = self.block(block, node.head.compact),
        }
        node
    }

    /// As [`Fit::node`]; `compact`: the block starts in the line of a dash.
    pub(super) fn block(&self, block: &Block, compact: bool) -> Block {
        let offset = self.offset(kind_of(block, compact), block.offset);
        Block { offset, nodes: block.nodes.iter().map(|node| self.node(node)).collect(), ..block.clone() }
    }

    fn offset(&self, kind: Kind, offset: usize) -> usize {
        let usual = self.from.usual(kind) == Some(offset);
        self.to.usual(kind).filter(|_| usual).unwrap_or(offset)
    }
}

fn kind_of(block: &Block, compact: bool) -> Kind {
    match block.shape {
        _ if compact => Kind::Item,
        Shape::Sequence => Kind::Sequence,
        Shape::Mapping | Shape::Documents => Kind::Mapping,
    }
}

fn gather(block: &Block, into: &mut Vec<(Kind, usize)>) {
    for node in &block.nodes {
        match &node.value {
            Value::Inline => {}
            Value::Body { offset, .. } => into.push((Kind::Body, *offset)),
            Value::Block(inner) => {
                // A document stands at the margin in every file.
                if block.shape != Shape::Documents {
                    into.push((kind_of(inner, node.head.compact), inner.offset));
                }
                gather(inner, into);
            }
        }
    }
}
