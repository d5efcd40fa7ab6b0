//! Versions that bots bump: commits of actions with their version comments, image tags and digests, tool
//! versions, ranges in package.json.
//!
//! The newer side wins, wherever it comes from, so that a bump is never drift and never in the way of an
//! edit: each version is decided first and written to all three texts, and no difference is left for the
//! merge by line.

mod align;
mod find;
mod reconcile;
mod slot;
mod version;

pub(super) use reconcile::{Reconciled, reconcile};

use super::diff::split;
use super::text::normal;

/// Whether two files differ, and in nothing but pinned versions. False when they are the same text.
#[must_use]
pub fn differs_only_in_pins(path: &str, a: &[u8], b: &[u8]) -> bool {
    let (Ok(a), Ok(b)) = (std::str::from_utf8(a), std::str::from_utf8(b)) else { return false };
    let (a, b) = (normal(a), normal(b));
    let masked = |text: &str| {
        let lines = split(text);
        slot::masked(&lines, &find::slots(path, &lines))
    };
    a != b && masked(&a) == masked(&b)
}

#[cfg(test)]
mod tests;
