//! Reads a repository as it lies on disk and says where its deployment files are wrong or contradict each other.
//!
//! It knows nothing of the plan or the templates that may have produced the files, so it also holds after people changed
//! them. A rule is one place: a row in a group under `rules/`, with its id, what must hold, and the function that looks.
//!
//! ```text
//! read/      the files: Dockerfile, compose, .env.example, env.ts, workflows, Kubernetes
//! rules/     what must hold
//! ```

mod read;
mod rule;
mod rules;

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::Result;

pub(crate) use read::repository::Repository;
pub(crate) use read::yaml::{Node, Place, Value, parse};
pub(crate) use rule::Problem;
pub use rule::{Finding, Rule};
pub use rules::RULES;

/// What a review saw and found.
#[derive(Clone, Debug)]
pub struct Report {
    /// Ordered by file and line.
    pub findings: Vec<Finding>,
    /// How many of each kind were read, so that "no findings" can be told from "nothing to check".
    pub read: Read,
}

/// How much of each kind a review read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Read {
    /// Dockerfiles.
    pub dockerfiles: usize,
    /// Compose files.
    pub compose: usize,
    /// Kustomizations that no other one includes.
    pub kustomizations: usize,
    /// GitHub workflows.
    pub workflows: usize,
    /// Keys of the environment schema.
    pub env_keys: usize,
}

/// Everything that the rules find in the repository at `root`.
///
/// # Errors
/// When `root` cannot be listed.
pub fn check(root: &Path) -> Result<Report> {
    let repository = Repository::read(root)?;
    // A set: what stands in the base is seen once for every overlay.
    let findings: BTreeSet<Finding> = RULES
        .iter()
        .flat_map(|rule| {
            (rule.check)(&repository).into_iter().map(|problem| Finding {
                file: problem.place.file.to_string(),
                line: problem.place.line,
                rule: rule.id,
                message: problem.message,
                fix: problem.fix,
            })
        })
        .collect();
    Ok(Report { findings: findings.into_iter().collect(), read: repository.count() })
}
