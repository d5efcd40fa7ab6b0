//! Rules, and what they find.

use std::fmt;

use serde::Serialize;

use super::read::repository::Repository;
use super::read::yaml::Place;

/// Something that must hold in every repository.
#[derive(Debug)]
pub struct Rule {
    /// Stable and unique: tests, reports and suppressions name it.
    pub id: &'static str,
    /// What must hold, in one sentence.
    pub description: &'static str,
    /// What is at stake.
    pub risk: Risk,
    /// How much is at stake.
    pub severity: Severity,
    /// What happens where it does not hold, in one or two sentences.
    pub why: &'static str,
    /// A page that says so, where there is one.
    pub source: Option<&'static str>,
    pub(crate) check: fn(&Repository) -> Vec<Problem>,
}

/// What a finding puts at risk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Risk {
    /// Someone gets what is not theirs.
    Security,
    /// The service does not answer.
    Availability,
    /// Data is gone.
    DataLoss,
    /// Money or time is spent for nothing.
    Cost,
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// A habit worth having; nothing breaks without it.
    Low,
    /// Makes a bad day worse.
    Medium,
    /// Breaks a deploy, a rollout or a recovery, or opens a door that needs a second mistake.
    High,
    /// Open or lost as it stands.
    Critical,
}

impl fmt::Display for Risk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Security => "security",
            Self::Availability => "availability",
            Self::DataLoss => "data loss",
            Self::Cost => "cost",
        })
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        })
    }
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

/// One place where a rule does not hold.
#[derive(Clone, Debug)]
pub struct Finding {
    /// Relative to the repository, with `/`.
    pub file: String,
    /// From 1; none where the finding is about the file as a whole.
    pub line: Option<usize>,
    /// The rule that found it, with risk, severity and the why.
    pub rule: &'static Rule,
    /// What is wrong.
    pub message: String,
    /// What to change.
    pub fix: String,
    /// The same as long as the rule, the file and the text of the line stay the same, wherever the line moves.
    pub fingerprint: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, rule, message, fix, .. } = self;
        let line = line.map_or_else(String::new, |line| format!(":{line}"));
        writeln!(f, "{file}{line}: {}: {message} [{}]", rule.severity, rule.id)?;
        writeln!(f, "    risk: {}", rule.risk)?;
        writeln!(f, "    why:  {}", rule.why)?;
        write!(f, "    fix:  {fix}")
    }
}
