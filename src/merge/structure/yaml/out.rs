//! The merged tree, and how it is printed.

use super::sem::Sem;
use super::tree::{Block, Head, Line, Node, Shape, Value};
use crate::merge::markers::Markers;

/// What becomes of a conflict when the tree is printed.
#[derive(Clone, Copy)]
pub(super) enum Mode<'a> {
    /// Both sides between markers.
    Marked(&'a Markers<'a>),
    /// The user's side alone.
    Yours,
    /// The template's side alone.
    Theirs,
}

/// Lines, or a conflict between lines.
#[derive(Clone, Debug)]
pub(super) enum Chunk {
    Lines(Vec<Line>),
    Conflict(Sides<Line>),
}

/// What each side has at one place.
#[derive(Clone, Debug)]
pub(super) struct Sides<T> {
    pub(super) base: Vec<T>,
    pub(super) yours: Vec<T>,
    pub(super) theirs: Vec<T>,
}

impl<T> Sides<T> {
    fn of(&self, mode: Mode<'_>) -> &[T] {
        if matches!(mode, Mode::Theirs) { &self.theirs } else { &self.yours }
    }
}

#[derive(Clone, Debug)]
pub(super) enum Out {
    Node(Box<Merged>),
    /// Comments that are agreed on, and entries that are not.
    Conflict {
        lead: Vec<Chunk>,
        sides: Sides<Node>,
    },
}

/// A merged entry.
#[derive(Clone, Debug)]
pub(super) struct Merged {
    pub(super) lead: Vec<Chunk>,
    pub(super) head: Head,
    pub(super) value: MergedValue,
    /// What it means; unused where the value is a block.
    pub(super) sem: Sem,
}

#[derive(Clone, Debug)]
pub(super) enum MergedValue {
    Inline,
    Body { offset: usize, chunks: Vec<Chunk> },
    Block(MergedBlock),
}

#[derive(Clone, Debug)]
pub(super) struct MergedBlock {
    pub(super) shape: Shape,
    pub(super) offset: usize,
    pub(super) nodes: Vec<Out>,
    pub(super) tail: Vec<Chunk>,
}

impl From<Node> for Merged {
    fn from(node: Node) -> Self {
        let value = match node.value {
            Value::Inline => MergedValue::Inline,
            Value::Body { offset, lines } => MergedValue::Body { offset, chunks: vec![Chunk::Lines(lines)] },
            Value::Block(block) => MergedValue::Block(block.into()),
        };
        Self { lead: vec![Chunk::Lines(node.lead)], head: node.head, value, sem: node.sem }
    }
}

impl From<Block> for MergedBlock {
    fn from(block: Block) -> Self {
        let Block { shape, offset, nodes, tail } = block;
        let nodes = nodes.into_iter().map(|node| Out::Node(Box::new(node.into()))).collect();
        Self { shape, offset, nodes, tail: vec![Chunk::Lines(tail)] }
    }
}

impl MergedBlock {
    /// How many conflicts it has.
    pub(super) fn conflicts(&self) -> usize {
        let of_node = |out: &Out| match out {
            Out::Conflict { lead, .. } => 1 + conflicts(lead),
            Out::Node(node) => {
                conflicts(&node.lead)
                    + match &node.value {
                        MergedValue::Inline => 0,
                        MergedValue::Body { chunks, .. } => conflicts(chunks),
                        MergedValue::Block(block) => block.conflicts(),
                    }
            }
        };
        self.nodes.iter().map(of_node).sum::<usize>() + conflicts(&self.tail)
    }

    /// The text, each line with its LF.
    pub(super) fn print(&self, mode: Mode<'_>) -> String {
        let mut printer = Printer { mode, lines: Vec::new() };
        for (at, out) in self.nodes.iter().enumerate() {
            printer.document(out, at == 0);
        }
        printer.lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect()
    }

    /// What the text means when each conflict is settled for one side.
    pub(super) fn sem(&self, mode: Mode<'_>) -> Vec<Sem> {
        self.nodes.iter().flat_map(|out| out.sem(mode)).map(|(_, sem)| sem).collect()
    }
}

impl Out {
    fn sem(&self, mode: Mode<'_>) -> Vec<(Option<Sem>, Sem)> {
        match self {
            Self::Conflict { sides, .. } => {
                sides.of(mode).iter().map(|node| (node.head.key.clone(), node.sem.clone())).collect()
            }
            Self::Node(node) => vec![(node.head.key.clone(), node.sem(mode))],
        }
    }
}

impl Merged {
    fn sem(&self, mode: Mode<'_>) -> Sem {
        let MergedValue::Block(block) = &self.value else {
            return self.sem.clone();
        };
        let children = block.nodes.iter().flat_map(|out| out.sem(mode));
        let props = self.head.props.clone();
        match block.shape {
            Shape::Mapping => {
                Sem::Mapping { entries: children.filter_map(|(key, value)| Some((key?, value))).collect(), props }
            }
            _ => Sem::Sequence { items: children.map(|(_, value)| value).collect(), props },
        }
    }
}

fn conflicts(chunks: &[Chunk]) -> usize {
    chunks.iter().filter(|chunk| matches!(chunk, Chunk::Conflict(_))).count()
}

/// What stands before the text of the next line that is not a comment: the dashes of the items that start
/// in that line.
#[derive(Clone)]
struct Dashes {
    text: String,
    /// Where comments above that line stand.
    column: usize,
}

struct Printer<'a> {
    mode: Mode<'a>,
    lines: Vec<String>,
}

impl Printer<'_> {
    /// A document; all but the first need a line that starts them.
    fn document(&mut self, out: &Out, first: bool) {
        let mut out = out.clone();
        let needs_marker = |head: &Head| !first && head.code.first().is_none_or(|line| !line.text.starts_with("---"));
        let marker = || Line { shift: 0, text: "---".to_owned() };
        match &mut out {
            Out::Node(node) if needs_marker(&node.head) => node.head.code.insert(0, marker()),
            Out::Node(_) => {}
            Out::Conflict { sides, .. } => {
                for node in [&mut sides.base, &mut sides.yours, &mut sides.theirs].into_iter().flatten() {
                    if needs_marker(&node.head) {
                        node.head.code.insert(0, marker());
                    }
                }
            }
        }
        self.out(&out, 0, &mut None);
    }

    fn block(&mut self, block: &MergedBlock, parent: usize, dashes: &mut Option<Dashes>) {
        let column = parent + block.offset;
        for out in &block.nodes {
            self.out(out, column, dashes);
        }
        self.chunks(&block.tail, column);
    }

    fn out(&mut self, out: &Out, column: usize, dashes: &mut Option<Dashes>) {
        match out {
            Out::Node(node) => self.node(node, column, dashes),
            Out::Conflict { lead, sides } => {
                self.chunks(lead, dashes.as_ref().map_or(column, |dashes| dashes.column));
                let before = dashes.take();
                let print = |nodes: &[Node]| {
                    let mut printer = Printer { mode: self.mode, lines: Vec::new() };
                    let mut dashes = before.clone();
                    for node in nodes {
                        printer.node(&node.clone().into(), column, &mut dashes);
                    }
                    printer.lines
                };
                let Mode::Marked(markers) = self.mode else {
                    self.lines.extend(print(sides.of(self.mode)));
                    return;
                };
                self.marked(markers, &[print(&sides.base), print(&sides.yours), print(&sides.theirs)]);
            }
        }
    }

    fn node(&mut self, node: &Merged, column: usize, dashes: &mut Option<Dashes>) {
        self.chunks(&node.lead, dashes.as_ref().map_or(column, |dashes| dashes.column));
        let Head { code, note, .. } = &node.head;
        for (at, line) in code.iter().enumerate() {
            let mut text = match dashes.take() {
                Some(dashes) => dashes.text + &line.text,
                None => indented(line, column),
            };
            if at + 1 == code.len() {
                text += note;
            }
            self.lines.push(text);
        }
        match &node.value {
            MergedValue::Inline => {}
            MergedValue::Body { offset, chunks } => self.chunks(chunks, column + offset),
            MergedValue::Block(block) if node.head.compact => {
                let outer = dashes.take().unwrap_or_else(|| Dashes { text: " ".repeat(column), column });
                let gap = " ".repeat(block.offset.saturating_sub(1));
                let mut inner = Some(Dashes { text: outer.text + "-" + &gap, column: outer.column });
                self.block(block, column, &mut inner);
            }
            MergedValue::Block(block) => self.block(block, column, &mut None),
        }
    }

    fn chunks(&mut self, chunks: &[Chunk], column: usize) {
        for chunk in chunks {
            let print = |lines: &[Line]| lines.iter().map(|line| indented(line, column)).collect::<Vec<_>>();
            match (chunk, self.mode) {
                (Chunk::Lines(lines), _) => self.lines.extend(print(lines)),
                (Chunk::Conflict(sides), Mode::Marked(markers)) => {
                    self.marked(markers, &[print(&sides.base), print(&sides.yours), print(&sides.theirs)]);
                }
                (Chunk::Conflict(sides), mode) => self.lines.extend(print(sides.of(mode))),
            }
        }
    }

    /// `sides`: base, yours, theirs.
    fn marked(&mut self, markers: &Markers<'_>, sides: &[Vec<String>; 3]) {
        let [base, yours, theirs] = sides.each_ref().map(|lines| lines.iter().map(String::as_str).collect::<Vec<_>>());
        let text = markers.conflict(&base, &yours, &theirs);
        self.lines.extend(text.split_terminator('\n').map(str::to_owned));
    }
}

fn indented(line: &Line, column: usize) -> String {
    if line.is_blank() {
        return line.text.clone();
    }
    " ".repeat(column.saturating_add_signed(line.shift)) + &line.text
}
