//! The answer space: a pairwise cover of everything that the tool accepts, from the question table to the files.
//!
//! ```text
//! values.rs, model.rs   what stands for the values of each question, and for the fields of a variable
//! cover.rs              rows such that every two of them that fit together stand in one row
//! row.rs                a row as answers, for the library and for the command line
//! refused.rs            what does not fit together is refused, and says why
//! trees.rs              each row as a tree: review, files and what they refer to
//! ```

mod cover;
mod files;
mod model;
mod references;
mod refused;
mod row;
mod simulated;
mod space;
#[allow(dead_code, reason = "other tests use the rest of it")]
#[path = "../emitted/structure/mod.rs"]
mod structure;
mod trees;
mod values;
