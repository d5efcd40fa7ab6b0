//! Upgrades that lose nothing: one directory a case below `cases/`, and properties over real emitted files.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod case;
mod conformance;
mod counts;
mod properties;
mod random;
mod tree;
