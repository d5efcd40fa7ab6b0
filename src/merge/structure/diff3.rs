//! A three-way merge of two edited copies of a list, for anything that can be compared.

use crate::merge::diff::Runs;

/// One stretch of the merged list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Hunk<T> {
    /// Settled: unchanged, changed by one side, or changed alike by both.
    Settled(Vec<T>),
    /// Changed by both sides in different ways.
    Conflict {
        /// The items of the user's side.
        yours: Vec<T>,
        /// The items that both sides started from.
        base: Vec<T>,
        /// The items of the template's side.
        theirs: Vec<T>,
    },
}

/// Merges `yours` and `theirs`, two edited copies of `base`; items are equal when their keys are.
///
/// Between two items that all three have, a change by one side only is taken, and one by both conflicts.
pub(super) fn merge<T: Clone>(base: &[T], yours: &[T], theirs: &[T], key: impl Fn(&T) -> &str) -> Vec<Hunk<T>> {
    let keys = |items: &[T]| items.iter().map(|item| key(item).to_owned()).collect::<Vec<_>>();
    let (base_keys, yours_keys, theirs_keys) = (keys(base), keys(yours), keys(theirs));
    let in_yours = places(&base_keys, &yours_keys);
    let in_theirs = places(&base_keys, &theirs_keys);
    let mut hunks = Vec::new();
    let (mut b, mut y, mut t) = (0, 0, 0);
    loop {
        // The next item that all three lists have.
        let anchor = (b..base.len()).find_map(|at| Some((at, in_yours[at]?, in_theirs[at]?)));
        let (next_b, next_y, next_t) = anchor.unwrap_or((base.len(), yours.len(), theirs.len()));
        let (keys_b, keys_y, keys_t) = (&base_keys[b..next_b], &yours_keys[y..next_y], &theirs_keys[t..next_t]);
        if keys_t == keys_b || keys_t == keys_y {
            settle(&mut hunks, &yours[y..next_y]);
        } else if keys_y == keys_b {
            settle(&mut hunks, &theirs[t..next_t]);
        } else {
            let (yours, base, theirs) = (&yours[y..next_y], &base[b..next_b], &theirs[t..next_t]);
            hunks.push(Hunk::Conflict { yours: yours.to_vec(), base: base.to_vec(), theirs: theirs.to_vec() });
        }
        if anchor.is_none() {
            return hunks;
        }
        settle(&mut hunks, &yours[next_y..=next_y]);
        (b, y, t) = (next_b + 1, next_y + 1, next_t + 1);
    }
}

fn settle<T: Clone>(hunks: &mut Vec<Hunk<T>>, items: &[T]) {
    if items.is_empty() {
        return;
    }
    if let Some(Hunk::Settled(last)) = hunks.last_mut() {
        last.extend_from_slice(items);
    } else {
        hunks.push(Hunk::Settled(items.to_vec()));
    }
}

/// For each item of `base` its place in `other`.
fn places(base: &[String], other: &[String]) -> Vec<Option<usize>> {
    let before: Vec<&str> = base.iter().map(String::as_str).collect();
    let after: Vec<&str> = other.iter().map(String::as_str).collect();
    let mut found = vec![None; base.len()];
    for run in Runs::new(&before, &after).common {
        for (from, to) in run.before.zip(run.after) {
            found[from] = Some(to);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn merged(base: &'static str, yours: &'static str, theirs: &'static str) -> Vec<Hunk<&'static str>> {
        let list = |text: &'static str| text.split_terminator("").skip(1).collect::<Vec<_>>();
        merge(&list(base), &list(yours), &list(theirs), |item| item)
    }

    fn settled(text: &'static str) -> Vec<Hunk<&'static str>> {
        vec![Hunk::Settled(text.split_terminator("").skip(1).collect())]
    }

    #[test]
    fn changes_at_different_places_both_count() {
        assert_eq!(merged("abcde", "aXbcde", "abcdYe"), settled("aXbcdYe"));
        assert_eq!(merged("abcde", "abde", "abcd"), settled("abd"));
    }

    #[test]
    fn equal_changes_count_once() {
        assert_eq!(merged("abc", "aXc", "aXc"), settled("aXc"));
    }

    #[test]
    fn different_changes_of_one_place_conflict() {
        let conflict = Hunk::Conflict { yours: vec!["X"], base: vec!["b"], theirs: vec!["Y"] };
        assert_eq!(merged("abc", "aXc", "aYc"), [Hunk::Settled(vec!["a"]), conflict, Hunk::Settled(vec!["c"])]);
    }
}
