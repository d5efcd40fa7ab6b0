//! The agreement checker: reads a repository as it lies on disk and says where its deployment files contradict each other.
//!
//! It knows nothing of the plan or the templates that may have produced the files, so it also holds after people changed
//! them. A rule is one place: a row in a group under `rules/`, with its id, what must hold, and the function that looks.
//!
//! ```text
//! repository.rs   what is read: Dockerfile, compose, .env.example, env.ts, workflows, Kubernetes
//! rules/*.rs      what must hold
//! ```

mod compose;
mod dockerfile;
mod env;
mod kubernetes;
mod kustomize;
mod quantity;
mod repository;
mod rules;
mod workflow;
mod yaml;

use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;

use anyhow::Result;

pub(crate) use repository::Repository;
pub(crate) use rules::RULES;
pub(crate) use yaml::{Node, Place, Value, parse};

/// Something that must hold in every repository.
pub(crate) struct Rule {
    /// Stable and unique: tests, skips and reports name it.
    pub(crate) id: &'static str,
    /// What must hold, in one sentence.
    pub(crate) description: &'static str,
    pub(crate) check: fn(&Repository) -> Vec<Problem>,
}

/// One place where a rule does not hold, as the rule sees it.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    pub(crate) place: Place,
    pub(crate) message: String,
    /// What to change.
    pub(crate) fix: String,
}

impl Problem {
    pub(crate) fn new(place: &Place, message: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { place: place.clone(), message: message.into(), fix: fix.into() }
    }
}

/// A problem with the rule that found it. Ordered by file and line, so that a report reads like the files do.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Finding {
    pub(crate) place: Place,
    pub(crate) rule: &'static str,
    pub(crate) message: String,
    pub(crate) fix: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = self.place.line.map_or_else(String::new, |line| format!(":{line}"));
        let Self { place, rule, message, fix } = self;
        write!(f, "{}{line}: [{rule}] {message}\n    fix: {fix}", place.file)
    }
}

/// Everything that the rules find in the repository at `root`.
pub(crate) fn check(root: &Path) -> Result<Vec<Finding>> {
    let repository = Repository::read(root)?;
    // A set: what stands in the base is seen once for every overlay.
    let findings: BTreeSet<Finding> = RULES
        .iter()
        .flat_map(|rule| {
            (rule.check)(&repository).into_iter().map(|problem| Finding {
                place: problem.place,
                rule: rule.id,
                message: problem.message,
                fix: problem.fix,
            })
        })
        .collect();
    Ok(findings.into_iter().collect())
}
