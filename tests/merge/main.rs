//! The three-way merge, over random edits of files that are really emitted.
// Lints let functions panic in test modules only.
#![cfg(test)]

mod edits;
mod git;
mod pins;
mod properties;
mod speed;
