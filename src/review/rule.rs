//! Rules, and what they find.

use std::fmt;

use super::read::repository::Repository;
use super::read::yaml::Place;

/// Something that must hold in every repository.
#[derive(Debug)]
pub struct Rule {
    /// Stable and unique: tests, reports and suppressions name it.
    pub id: &'static str,
    /// What must hold, in one sentence.
    pub description: &'static str,
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

/// One place where a rule does not hold. Ordered by file and line, so that a report reads like the files do.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// Relative to the repository, with `/`.
    pub file: String,
    /// From 1; none where the finding is about the file as a whole.
    pub line: Option<usize>,
    /// The id of the rule.
    pub rule: &'static str,
    /// What is wrong.
    pub message: String,
    /// What to change.
    pub fix: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, rule, message, fix } = self;
        let line = line.map_or_else(String::new, |line| format!(":{line}"));
        write!(f, "{file}{line}: [{rule}] {message}\n    fix: {fix}")
    }
}
