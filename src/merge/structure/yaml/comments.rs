//! The merge of comments and blank lines, and of the lines of block scalars.

use super::super::diff3::{self, Hunk};
use super::out::{Chunk, Sides};
use super::tree::{Line, comments};

/// Merges line by line.
pub(super) fn lines(base: &[Line], yours: &[Line], theirs: &[Line]) -> Vec<Chunk> {
    let chunk = |hunk| match hunk {
        Hunk::Settled(lines) => Chunk::Lines(lines),
        Hunk::Conflict { yours, base, theirs } => Chunk::Conflict(Sides { base, yours, theirs }),
    };
    diff3::merge(base, yours, theirs, Line::key).into_iter().map(chunk).collect()
}

/// Merges comments: two that were both added both stay, and one that a side deleted is gone unless the
/// user rewrote it.
pub(super) fn gap(base: &[Line], yours: &[Line], theirs: &[Line]) -> Vec<Chunk> {
    lines(base, yours, theirs).into_iter().map(settled).collect()
}

fn settled(chunk: Chunk) -> Chunk {
    let Chunk::Conflict(Sides { base, yours, theirs }) = chunk else {
        return chunk;
    };
    let is_empty = |lines: &[Line]| comments(lines).next().is_none();
    if is_empty(&yours) && is_empty(&base) && !is_empty(&theirs) {
        return Chunk::Lines(theirs);
    }
    if is_empty(&yours) || is_empty(&theirs) {
        return Chunk::Lines(yours);
    }
    if !is_empty(&base) {
        return Chunk::Conflict(Sides { base, yours, theirs });
    }
    let known: Vec<String> = yours.iter().map(|line| line.key().to_owned()).collect();
    let new = theirs.into_iter().filter(|line| !line.is_blank() && !known.iter().any(|known| known == line.key()));
    let mut both = yours;
    both.extend(new);
    Chunk::Lines(both)
}
