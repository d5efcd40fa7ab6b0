//! Scalars and lists of scalars: as sets where the order means nothing.

use super::super::keyed::{self, Pairs};
use super::flow;
use super::merge::pick;
use super::sem::Sem;
use super::tree::{Block, FlowList, Head, Node, Shape, Value, comments};

/// Lists in which the place of an item means something.
const ORDERED: &[&str] = &["command", "args", "entrypoint", "test", "run", "shell", "stages"];

/// Whether the order of these lists counts: words of a command, or an item that stands twice.
pub(super) fn is_ordered(key: Option<&str>, blocks: &[Option<&Block>]) -> bool {
    let mut blocks = blocks.iter().flatten();
    let scalar = |node: &Node| !matches!(node.value, Value::Block(_)) && node.sem.text().is_some();
    if !blocks.clone().all(|block| block.shape == Shape::Sequence && block.nodes.iter().all(scalar)) {
        return false;
    }
    let has_twins = |block: &&Block| {
        let texts: Vec<&Sem> = block.nodes.iter().map(|node| &node.sem).collect();
        has_twins(&texts)
    };
    key.is_some_and(|key| ORDERED.contains(&key)) || blocks.any(has_twins)
}

/// The text of an item, for comparison.
pub(super) fn fingerprint(node: &Node) -> String {
    let mut texts: Vec<&str> = comments(&node.lead).collect();
    node.texts(&mut texts);
    texts.join("\n")
}

/// Two entries without lines below them; None: they conflict.
pub(super) fn inline(base: Option<&Node>, yours: &Node, theirs: &Node) -> Option<(Head, Sem)> {
    let side = |node: &Node| (node.head.clone(), node.sem.clone());
    if yours.head.same_code(&theirs.head) {
        return Some(side(yours));
    }
    let base = base.filter(|base| matches!(base.value, Value::Inline))?;
    let node = pick(base, yours, theirs, |a, b| a.head.same_code(&b.head));
    let node = node.or_else(|| pick(base, yours, theirs, is_only_written_differently));
    node.map(side).or_else(|| set(base, yours, theirs))
}

/// As `"3"` and `'3'`. Over several lines there may be comments, which a comparison of values does not see.
fn is_only_written_differently(one: &Node, other: &Node) -> bool {
    let is_one_line = |node: &Node| node.head.code.len() == 1;
    one.sem == other.sem && one.head.key == other.head.key && is_one_line(one) && is_one_line(other)
}

/// Lists such as `[a, b]`, merged as sets.
fn set(base: &Node, yours: &Node, theirs: &Node) -> Option<(Head, Sem)> {
    let is_ordered = yours.head.key.as_ref().and_then(Sem::text).is_some_and(|key| ORDERED.contains(&key));
    let lists = [base, yours, theirs].map(|node| node.head.list.as_ref());
    let [Some(of_base), Some(of_yours), Some(of_theirs)] = lists else {
        return None;
    };
    let twins = |list: &FlowList| has_twins(&list.items.iter().map(|(_, sem)| sem).collect::<Vec<_>>());
    if is_ordered || [of_base, of_yours, of_theirs].into_iter().any(twins) {
        return None;
    }
    let place = |list: &FlowList, item: &(String, Sem)| list.items.iter().position(|(_, sem)| *sem == item.1);
    let yours_in_base: Vec<Option<usize>> = of_yours.items.iter().map(|item| place(of_base, item)).collect();
    let theirs_in_base: Vec<Option<usize>> = of_theirs.items.iter().map(|item| place(of_base, item)).collect();
    let in_yours = |item: &(String, Sem)| place(of_base, item).is_none().then(|| place(of_yours, item)).flatten();
    let theirs_in_yours = of_theirs.items.iter().map(in_yours).collect();
    let (slots, _) = keyed::arrange(&Pairs { yours_in_base, theirs_in_base, theirs_in_yours });
    // What base has stays only where both sides still have it.
    let stays = slots.iter().filter(|slot| slot.base.is_none() || (slot.yours.is_some() && slot.theirs.is_some()));
    let item = |slot: &keyed::Slot| match (slot.yours, slot.theirs) {
        (Some(at), _) => of_yours.items.get(at).cloned(),
        (None, at) => of_theirs.items.get(at?).cloned(),
    };
    let items: Vec<(String, Sem)> = stays.filter_map(item).collect();
    let sem = Sem::Sequence { items: items.iter().map(|(_, sem)| sem.clone()).collect(), props: yours.sem.props() };
    Some((flow::with_items(&yours.head, items)?, sem))
}

fn has_twins(items: &[&Sem]) -> bool {
    (0..items.len()).any(|at| items[..at].contains(&items[at]))
}
