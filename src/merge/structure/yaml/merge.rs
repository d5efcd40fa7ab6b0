//! The three-way merge of two trees of lines.

use super::super::diff3::{self, Hunk};
use super::super::keyed::{self, Slot};
use super::comments;
use super::identity;
use super::lists;
use super::out::{Chunk, Merged, MergedBlock, MergedValue, Out, Sides};
use super::sem::Sem;
use super::style::{Fit, Style};
use super::tree::{Block, Head, Node, Shape, Value};

/// What a merge of trees came to.
pub(super) struct Outcome {
    pub(super) tree: MergedBlock,
    pub(super) notes: Vec<String>,
}

/// Merges the documents of a file.
pub(super) fn merge(base: &Block, yours: &Block, theirs: &Block) -> Outcome {
    // Base and theirs are printed into yours: inserted, or as a side of a conflict.
    let to = Style::of(yours);
    let base = Fit { from: Style::of(base), to: to.clone() }.block(base, false);
    let theirs = Fit { from: Style::of(theirs), to }.block(theirs, false);
    let mut merger = Merger { path: Vec::new(), notes: Vec::new() };
    let tree = merger.block(Some(&base), yours, &theirs);
    Outcome { tree, notes: merger.notes }
}

struct Merger {
    /// The keys and names down to the block at hand.
    path: Vec<String>,
    notes: Vec<String>,
}

impl Merger {
    fn block(&mut self, base: Option<&Block>, yours: &Block, theirs: &Block) -> MergedBlock {
        let key = self.path.last().map(String::as_str);
        let nodes = if lists::is_ordered(key, &[base, Some(yours), Some(theirs)]) {
            ordered(base, yours, theirs)
        } else {
            self.by_identity(base, yours, theirs)
        };
        let base_tail = base.map_or(&[][..], |base| &base.tail);
        let tail = comments::gap(base_tail, &yours.tail, &theirs.tail);
        MergedBlock { shape: yours.shape, offset: yours.offset, nodes, tail }
    }

    fn by_identity(&mut self, base: Option<&Block>, yours: &Block, theirs: &Block) -> Vec<Out> {
        let (slots, disputed) = keyed::arrange(&identity::pairs(base, yours, theirs));
        if disputed && yours.shape == Shape::Sequence {
            self.notes.push(format!("{}: both sides changed the order; yours is kept", self.path.join(".")));
        }
        let entry = |slot: &Slot| {
            let base = slot.base.and_then(|at| base?.nodes.get(at));
            let of = |block: &'_ Block, at: Option<usize>| at.and_then(|at| block.nodes.get(at)).cloned();
            (base.cloned(), of(yours, slot.yours), of(theirs, slot.theirs))
        };
        slots.iter().map(entry).filter_map(|(base, yours, theirs)| self.entry(base, yours, theirs)).collect()
    }

    /// One entry, as far as each side has it; None: it goes.
    fn entry(&mut self, base: Option<Node>, yours: Option<Node>, theirs: Option<Node>) -> Option<Out> {
        match (base, yours, theirs) {
            (base, Some(yours), Some(theirs)) => {
                self.path.push(title(&yours));
                let out = self.node(base.as_ref(), &yours, &theirs);
                self.path.pop();
                Some(out)
            }
            (None, Some(node), None) | (None, None, Some(node)) => Some(Out::Node(Box::new(node.into()))),
            (Some(base), Some(yours), None) => {
                let added = |line: &str| !comments_of(&base).any(|known| known == line);
                let untouched = yours.same_below_lead(&base) && !comments_of(&yours).any(added);
                (!untouched).then(|| conflict(Vec::new(), vec![base], vec![yours], Vec::new()))
            }
            (Some(base), None, Some(theirs)) => {
                (!theirs.same_below_lead(&base)).then(|| conflict(Vec::new(), vec![base], Vec::new(), vec![theirs]))
            }
            (_, None, None) => None,
        }
    }

    /// An entry that yours and theirs have.
    fn node(&mut self, base: Option<&Node>, yours: &Node, theirs: &Node) -> Out {
        let base_lead = base.map_or(&[][..], |base| &base.lead);
        let lead = comments::gap(base_lead, &yours.lead, &theirs.lead);
        let untouched = base.is_some_and(|base| theirs.same_below_lead(base));
        if untouched || yours.same_below_lead(theirs) {
            return Out::Node(Box::new(Merged { lead, ..yours.clone().into() }));
        }
        if let Some((head, value, sem)) = self.changed(base, yours, theirs) {
            return Out::Node(Box::new(Merged { lead, head, value, sem }));
        }
        let without_lead = |node: &Node| vec![Node { lead: Vec::new(), ..node.clone() }];
        conflict(lead, base.map(without_lead).unwrap_or_default(), without_lead(yours), without_lead(theirs))
    }

    /// An entry that theirs changed; None: it conflicts as a whole.
    fn changed(&mut self, base: Option<&Node>, yours: &Node, theirs: &Node) -> Option<(Head, MergedValue, Sem)> {
        let of_base = base.map_or("", |base| &base.head.note);
        let same = |a: &str, b: &str| a.trim() == b.trim();
        let note = pick(of_base, yours.head.note.as_str(), &theirs.head.note, same)?.to_owned();
        let (mut head, value, sem) = match (&yours.value, &theirs.value) {
            (Value::Block(of_yours), Value::Block(of_theirs)) if of_yours.shape == of_theirs.shape => {
                let head = pick_head(base, yours, theirs)?;
                let of_base = base.and_then(|base| match &base.value {
                    Value::Block(block) if block.shape == of_yours.shape => Some(block),
                    _ => None,
                });
                let block = self.block(of_base, of_yours, of_theirs);
                (head, MergedValue::Block(printable(block, yours.head.compact)?), yours.sem.clone())
            }
            (Value::Body { offset, lines }, Value::Body { lines: of_theirs, .. }) => {
                let head = pick_head(base, yours, theirs)?;
                let of_base = base.map_or(&[][..], |base| match &base.value {
                    Value::Body { lines, .. } => lines,
                    _ => &[],
                });
                let chunks = comments::lines(of_base, lines, of_theirs);
                (head, MergedValue::Body { offset: *offset, chunks }, Sem::Merged)
            }
            (Value::Inline, Value::Inline) => {
                let (head, sem) = lists::inline(base, yours, theirs)?;
                (head, MergedValue::Inline, sem)
            }
            _ => {
                let side = pick(base?, yours, theirs, |a, b| a.head.same_code(&b.head) && a.value.same(&b.value))?;
                let Merged { head, value, sem, .. } = side.clone().into();
                (head, value, sem)
            }
        };
        head.note = note;
        Some((head, value, sem))
    }
}

/// The head without its note, which is merged apart.
fn pick_head(base: Option<&Node>, yours: &Node, theirs: &Node) -> Option<Head> {
    if yours.head.same_code(&theirs.head) {
        return Some(yours.head.clone());
    }
    pick(&base?.head, &yours.head, &theirs.head, Head::same_code).cloned()
}

/// The side that changed, if it is one only.
pub(super) fn pick<'a, T: ?Sized>(
    base: &T,
    yours: &'a T,
    theirs: &'a T,
    same: impl Fn(&T, &T) -> bool,
) -> Option<&'a T> {
    if same(theirs, base) || same(yours, theirs) {
        Some(yours)
    } else if same(yours, base) {
        Some(theirs)
    } else {
        None
    }
}

/// The block, if it can be printed however its conflicts end: it is not empty then, and its dash has a
/// line to stand in.
fn printable(block: MergedBlock, compact: bool) -> Option<MergedBlock> {
    let has_entry = |of: fn(&Sides<Node>) -> &Vec<Node>| {
        block.nodes.iter().any(|out| match out {
            Out::Node(_) => true,
            Out::Conflict { sides, .. } => !of(sides).is_empty(),
        })
    };
    let has_first_line = match block.nodes.first()? {
        Out::Node(_) => true,
        Out::Conflict { sides: Sides { base, yours, theirs }, .. } => {
            !compact || [base, yours, theirs].iter().all(|nodes| !nodes.is_empty())
        }
    };
    (has_entry(|sides| &sides.yours) && has_entry(|sides| &sides.theirs) && has_first_line).then_some(block)
}

/// A list whose order counts: by line, so to speak.
fn ordered(base: Option<&Block>, yours: &Block, theirs: &Block) -> Vec<Out> {
    let items = |block: &Block| -> Vec<(String, Node)> {
        block.nodes.iter().map(|node| (lists::fingerprint(node), node.clone())).collect()
    };
    let base = base.map(items).unwrap_or_default();
    let nodes = |items: Vec<(String, Node)>| items.into_iter().map(|(_, node)| node).collect::<Vec<_>>();
    let hunks = diff3::merge(&base, &items(yours), &items(theirs), |(key, _)| key);
    let out = |hunk| match hunk {
        Hunk::Settled(items) => nodes(items).into_iter().map(|node| Out::Node(Box::new(node.into()))).collect(),
        Hunk::Conflict { yours, base, theirs } => vec![conflict(Vec::new(), nodes(base), nodes(yours), nodes(theirs))],
    };
    hunks.into_iter().flat_map(out).collect()
}

fn conflict(lead: Vec<Chunk>, base: Vec<Node>, yours: Vec<Node>, theirs: Vec<Node>) -> Out {
    Out::Conflict { lead, sides: Sides { base, yours, theirs } }
}

fn comments_of(node: &Node) -> impl Iterator<Item = &str> {
    super::tree::comments(&node.lead)
}

/// What a note calls an entry.
fn title(node: &Node) -> String {
    let named = ["id", "name"].iter().find_map(|field| node.sem.get(field));
    node.head.key.as_ref().or(named).and_then(Sem::text).unwrap_or("-").to_owned()
}
