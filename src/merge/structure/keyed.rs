//! The order of a list that is merged by identity: which entries of base, yours and theirs are the same
//! one, and where each stands in the result.

/// One entry: its place in each of the three lists that have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Slot {
    pub(super) base: Option<usize>,
    pub(super) yours: Option<usize>,
    pub(super) theirs: Option<usize>,
}

/// Which entries of two edited copies are the same one.
pub(super) struct Pairs {
    /// For each entry of yours its place in base.
    pub(super) yours_in_base: Vec<Option<usize>>,
    /// For each entry of theirs its place in base.
    pub(super) theirs_in_base: Vec<Option<usize>>,
    /// For each entry of theirs that base lacks, its place in yours: both sides added it.
    pub(super) theirs_in_yours: Vec<Option<usize>>,
}

/// The slots in the order of the result, and whether both sides reordered them differently.
///
/// The order is the user's, unless only the template changed it. An entry that the other side added
/// stands right after the entry that it followed there; a first one stands before its successor.
pub(super) fn arrange(pairs: &Pairs) -> (Vec<Slot>, bool) {
    let of_yours: Vec<Slot> = (0..pairs.yours_in_base.len()).map(|at| slot_of_yours(pairs, at)).collect();
    let of_theirs: Vec<Slot> = (0..pairs.theirs_in_base.len()).map(|at| slot_of_theirs(pairs, at)).collect();
    let (order_of_yours, order_of_theirs) = (common_order(&of_yours), common_order(&of_theirs));
    let theirs_moved = !order_of_theirs.is_sorted();
    if theirs_moved && order_of_yours.is_sorted() {
        (weave(&of_theirs, &of_yours), false)
    } else {
        (weave(&of_yours, &of_theirs), theirs_moved && order_of_yours != order_of_theirs)
    }
}

fn slot_of_yours(pairs: &Pairs, at: usize) -> Slot {
    let base = pairs.yours_in_base[at];
    let theirs = match base {
        Some(base) => pairs.theirs_in_base.iter().position(|place| *place == Some(base)),
        None => pairs.theirs_in_yours.iter().position(|place| *place == Some(at)),
    };
    Slot { base, yours: Some(at), theirs }
}

fn slot_of_theirs(pairs: &Pairs, at: usize) -> Slot {
    let base = pairs.theirs_in_base[at];
    let yours = match base {
        Some(base) => pairs.yours_in_base.iter().position(|place| *place == Some(base)),
        None => pairs.theirs_in_yours[at],
    };
    Slot { base, yours, theirs: Some(at) }
}

/// The places in base of the entries that all three lists have, in the order of one side.
fn common_order(slots: &[Slot]) -> Vec<usize> {
    slots.iter().filter(|slot| slot.yours.is_some() && slot.theirs.is_some()).filter_map(|slot| slot.base).collect()
}

/// `first` as it is, with what only `second` has put in beside its neighbours there.
fn weave(first: &[Slot], second: &[Slot]) -> Vec<Slot> {
    let mut woven = first.to_vec();
    for (at, slot) in second.iter().enumerate() {
        if woven.contains(slot) {
            continue;
        }
        let before = at.checked_sub(1).and_then(|before| place_of(&woven, &second[before]));
        let after = || second[at + 1..].iter().find_map(|later| place_of(&woven, later));
        let place = before.map(|place| place + 1).or_else(after).unwrap_or(woven.len());
        woven.insert(place, *slot);
    }
    woven
}

fn place_of(slots: &[Slot], slot: &Slot) -> Option<usize> {
    slots.iter().position(|other| other == slot)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Single letters as entries that are their own identity.
    fn arranged(base: &str, yours: &str, theirs: &str) -> (String, bool) {
        let list = |text: &str| text.chars().collect::<Vec<_>>();
        let (base, yours, theirs) = (list(base), list(yours), list(theirs));
        let places = |from: &[char], to: &[char]| -> Vec<Option<usize>> {
            from.iter().map(|item| to.iter().position(|other| other == item)).collect()
        };
        let pairs = Pairs {
            yours_in_base: places(&yours, &base),
            theirs_in_base: places(&theirs, &base),
            theirs_in_yours: theirs
                .iter()
                .map(|item| if base.contains(item) { None } else { yours.iter().position(|other| other == item) })
                .collect(),
        };
        let (slots, disputed) = arrange(&pairs);
        let letter = |slot: &Slot| slot.yours.map_or_else(|| theirs[slot.theirs.unwrap()], |at| yours[at]);
        (slots.iter().map(letter).collect(), disputed)
    }

    #[test]
    fn what_theirs_adds_follows_its_predecessor() {
        assert_eq!(arranged("ab", "axb", "anb"), ("anxb".to_owned(), false));
        assert_eq!(arranged("ab", "xab", "nab"), ("xnab".to_owned(), false));
        assert_eq!(arranged("ab", "ba", "anb"), ("ban".to_owned(), false));
    }

    #[test]
    fn what_both_add_stands_once() {
        assert_eq!(arranged("a", "an", "an"), ("an".to_owned(), false));
    }

    #[test]
    fn the_order_is_that_of_the_side_that_changed_it() {
        assert_eq!(arranged("abc", "abxc", "cab"), ("cabx".to_owned(), false));
        assert_eq!(arranged("abc", "cab", "abcn"), ("cnab".to_owned(), false));
        assert_eq!(arranged("abc", "cab", "bca"), ("cab".to_owned(), true));
    }

    #[test]
    fn entries_that_one_side_dropped_keep_their_place_for_the_others() {
        assert_eq!(arranged("abc", "ac", "abnc"), ("abnc".to_owned(), false));
    }
}
