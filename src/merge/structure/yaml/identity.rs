//! Which entries of two copies of a file are the same one.

use super::super::keyed::Pairs;
use super::sem::Sem;
use super::tree::{Block, Node, Shape};

/// Fields of a sequence's items that tell them apart where there is neither `id` nor `name`.
const TELLING: &[&[&str]] = &[
    &["containerPort"],
    &["mountPath"],
    &["secretKey"],
    &["package-ecosystem"],
    &["topologyKey"],
    &["target", "name"],
    &["target", "kind"],
    &["path"],
    &["configMapRef", "name"],
    &["secretRef", "name"],
    &["configMapKeyRef", "name"],
    &["resource", "name"],
    &["key"],
    &["port"],
    &["type"],
];

/// How alike two items must be to be the same one, when no field says so.
const ALIKE: f64 = 0.5;

/// Pairs the entries of three versions of a block.
pub(super) fn pairs(base: Option<&Block>, yours: &Block, theirs: &Block) -> Pairs {
    let none: &[Node] = &[];
    let base = base.map_or(none, |block| &block.nodes);
    let yours_in_base = places(yours.shape, base, &yours.nodes, true);
    let theirs_in_base = places(yours.shape, base, &theirs.nodes, true);
    let new_in_yours: Vec<usize> = (0..yours.nodes.len()).filter(|at| yours_in_base[*at].is_none()).collect();
    let new_in_theirs: Vec<usize> = (0..theirs.nodes.len()).filter(|at| theirs_in_base[*at].is_none()).collect();
    let of = |block: &Block, places: &[usize]| places.iter().map(|at| block.nodes[*at].clone()).collect::<Vec<_>>();
    let found = places(yours.shape, &of(yours, &new_in_yours), &of(theirs, &new_in_theirs), false);
    let mut theirs_in_yours = vec![None; theirs.nodes.len()];
    for (at, place) in found.into_iter().enumerate() {
        theirs_in_yours[new_in_theirs[at]] = place.map(|place| new_in_yours[place]);
    }
    Pairs { yours_in_base, theirs_in_base, theirs_in_yours }
}

/// For each of `nodes` its place in `others`. `edited`: one was made from the other, so that what was
/// renamed is looked for too.
fn places(shape: Shape, others: &[Node], nodes: &[Node], edited: bool) -> Vec<Option<usize>> {
    let mut matching = Matching { others, nodes, places: vec![None; nodes.len()] };
    match shape {
        Shape::Mapping => matching.by(|node| node.head.key.clone(), |_, _| true),
        Shape::Documents => {
            let object = |node: &Node| {
                Some(
                    [&["kind"][..], &["metadata", "name"], &["metadata", "namespace"]]
                        .map(|path| node.sem.text_at(path).map(str::to_owned)),
                )
            };
            matching.by(object, |_, _| true);
            let only_one = others.len() == 1 && nodes.len() == 1;
            matching.by(|_| Some(()), |a, b| edited && (only_one || likeness(a, b) >= ALIKE));
        }
        Shape::Sequence => {
            matching.items();
            if edited {
                matching.renamed();
            }
        }
    }
    matching.places
}

struct Matching<'a> {
    others: &'a [Node],
    nodes: &'a [Node],
    places: Vec<Option<usize>>,
}

impl Matching<'_> {
    /// Pairs what has the same facet and is not paired yet, in order of occurrence.
    fn by<F: PartialEq>(&mut self, facet: impl Fn(&Node) -> Option<F>, allowed: impl Fn(&Node, &Node) -> bool) {
        let facets: Vec<Option<F>> = self.others.iter().map(&facet).collect();
        for at in 0..self.nodes.len() {
            let node = &self.nodes[at];
            if self.places[at].is_some() {
                continue;
            }
            let Some(wanted) = facet(node) else {
                continue;
            };
            let fits = |place: &usize| facets[*place].as_ref() == Some(&wanted) && allowed(&self.others[*place], node);
            self.places[at] = (0..self.others.len()).filter(|place| !self.places.contains(&Some(*place))).find(fits);
        }
    }

    /// The items of a sequence: the surer the sign, the earlier it is asked for.
    fn items(&mut self) {
        self.by(|node| Some(texts(node).join("\n")), |_, _| true);
        self.by(|node| node.sem.text().map(str::to_owned), |_, _| true);
        self.by(id, |_, _| true);
        self.by(name, |a, b| !differ(id, a, b));
        self.by(uses, |a, b| !differ(id, a, b) && !differ(name, a, b));
        self.by(command, |a, b| !differ(id, a, b) && !differ(name, a, b));
        for field in TELLING {
            let telling = |node: &Node| node.sem.text_at(field).map(str::to_owned);
            self.by(telling, |a, b| !differ(id, a, b) && !differ(name, a, b));
        }
    }

    /// What was renamed is still mostly what it was.
    fn renamed(&mut self) {
        self.by(|node| uses(node).or_else(|| command(node)), |a, b| !differ(id, a, b) && likeness(a, b) >= ALIKE);
        self.by(
            |node| node.sem.text().is_none().then_some(()),
            |a, b| {
                let named = |node| id(node).or_else(|| name(node)).is_some();
                !named(a) && !named(b) && likeness(a, b) >= ALIKE
            },
        );
    }
}

fn differ(facet: impl Fn(&Node) -> Option<String>, a: &Node, b: &Node) -> bool {
    matches!((facet(a), facet(b)), (Some(a), Some(b)) if a != b)
}

fn id(node: &Node) -> Option<String> {
    node.sem.get("id").and_then(Sem::text).map(str::to_owned)
}

fn name(node: &Node) -> Option<String> {
    node.sem.get("name").and_then(Sem::text).map(str::to_owned)
}

/// The action that a step uses, whatever its version.
fn uses(node: &Node) -> Option<String> {
    let action = node.sem.get("uses").and_then(Sem::text)?;
    Some(action.split('@').next().unwrap_or(action).to_owned())
}

/// The first line that a step runs.
fn command(node: &Node) -> Option<String> {
    node.sem.get("run").and_then(Sem::text)?.lines().next().map(str::to_owned)
}

fn texts(node: &Node) -> Vec<&str> {
    let mut texts = Vec::new();
    node.texts(&mut texts);
    texts
}

/// The part of the lines that both have, from 0 to 1. What only grew is as alike as can be.
fn likeness(a: &Node, b: &Node) -> f64 {
    let (a, mut b) = (texts(a), texts(b));
    let (total, shorter) = (a.len() + b.len(), a.len().min(b.len()));
    let mut common = 0_u32;
    for text in &a {
        if let Some(at) = b.iter().position(|other| other == text) {
            b.swap_remove(at);
            common += 1;
        }
    }
    if usize::try_from(common) == Ok(shorter) {
        return 1.0;
    }
    f64::from(2 * common) / f64::from(u32::try_from(total).unwrap_or(u32::MAX))
}
