//! Conflicts of an earlier run: which are resolved, which are open still.

use super::view::{Seen, View};
use crate::apply::lock::{Lock, Locked, Pending, Standing, sha256};
use crate::merge;

/// A conflict that is not resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Open {
    /// The id of the file.
    pub id: String,
    /// Where it is.
    pub path: String,
    /// 1-based line of its first marker; nothing where the new file lies beside it still.
    pub line: Option<usize>,
}

/// A conflict that is settled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// Where the file is.
    pub path: String,
    /// Whether the user put the file back to what it was before the markers: then nothing was merged, and the
    /// next upgrade tries again.
    pub undone: bool,
}

/// What became of the conflicts of a lock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Review {
    /// The lock, with new bases where a conflict is resolved.
    pub lock: Lock,
    /// Conflicts that are open.
    pub open: Vec<Open>,
    /// Conflicts that are settled.
    pub settled: Vec<Settled>,
}

/// Looks at every file with a conflict. By their path, `wanted` says which of them may be settled, and `chosen`
/// which of them are so even when they are back at what they were before.
///
/// # Errors
/// When the disk does not let us look.
pub fn review(
    lock: &Lock,
    view: &dyn View,
    wanted: &dyn Fn(&str) -> bool,
    chosen: &dyn Fn(&str) -> bool,
) -> anyhow::Result<Review> {
    let mut review = Review { lock: lock.clone(), open: Vec::new(), settled: Vec::new() };
    for (id, locked) in &mut review.lock.files {
        let Standing::Pending(pending) = locked.standing.clone() else { continue };
        let path = locked.place().to_owned();
        match state(locked, &pending, view)? {
            State::Open(line) => review.open.push(Open { id: id.clone(), path, line }),
            State::Settled { .. } if !wanted(&path) => {}
            State::Settled { undone } => {
                let undone = undone && !chosen(&path);
                review.settled.push(Settled { path, undone });
                if !undone {
                    locked.base = pending.contents;
                }
                locked.standing = Standing::Current;
            }
        }
    }
    Ok(review)
}

enum State {
    Open(Option<usize>),
    Settled { undone: bool },
}

fn state(locked: &Locked, pending: &Pending, view: &dyn View) -> anyhow::Result<State> {
    if let Some(beside) = &pending.beside {
        let is_there = view.look(beside)? != Seen::Absent;
        return Ok(if is_there { State::Open(None) } else { State::Settled { undone: false } });
    }
    let Seen::File(yours) = view.look(locked.place())? else { return Ok(State::Settled { undone: false }) };
    if sha256(&yours.contents) == pending.yours_sha256 {
        return Ok(State::Settled { undone: true });
    }
    Ok(match merge::find_marker(&yours.contents) {
        Some(line) => State::Open(Some(line)),
        None => State::Settled { undone: false },
    })
}
