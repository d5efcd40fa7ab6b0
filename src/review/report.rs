//! What a review says in the end: how risky, whether ready for production, and the verdict.

use serde::Serialize;

use super::rule::{Finding, Severity};

/// What a review saw and found.
#[derive(Clone, Debug)]
pub struct Report {
    /// Ordered by file and line.
    pub findings: Vec<Finding>,
    /// How many of each kind were read, so that "no findings" can be told from "nothing to check".
    pub read: Read,
    /// Files that look like deployment files and were not read, by path, each with the reason.
    pub skipped: Vec<Skipped>,
}

/// How much of each kind a review read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Read {
    /// Dockerfiles.
    pub dockerfiles: usize,
    /// Compose files.
    pub compose: usize,
    /// Kubernetes objects, as the overlays apply them.
    pub kubernetes_objects: usize,
    /// GitHub workflows.
    pub workflows: usize,
    /// Keys of the environment schema.
    pub env_keys: usize,
}

/// A file that was not read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Skipped {
    /// Relative to the repository, with `/`.
    pub file: String,
    /// Why it was not read.
    pub reason: String,
}

/// Whether the files may go to production.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Readiness {
    /// No finding above low.
    Ready,
    /// Nothing above medium.
    ReadyWithReservations,
    /// At least one finding is high or critical.
    NotReady,
    /// There was nothing to judge.
    NothingToReview,
}

impl Readiness {
    /// In words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::ReadyWithReservations => "ready with reservations",
            Self::NotReady => "not ready",
            Self::NothingToReview => "nothing to review",
        }
    }
}

impl Report {
    /// The highest severity found; none where nothing was found.
    #[must_use]
    pub fn risk_level(&self) -> Option<Severity> {
        self.findings.iter().map(|finding| finding.rule.severity).max()
    }

    /// Not ready with a finding that is high or critical, with reservations with a medium one, else ready.
    #[must_use]
    pub fn readiness(&self) -> Readiness {
        match self.risk_level() {
            Some(Severity::Critical | Severity::High) => Readiness::NotReady,
            Some(Severity::Medium) => Readiness::ReadyWithReservations,
            None if self.read.is_empty() => Readiness::NothingToReview,
            Some(Severity::Low) | None => Readiness::Ready,
        }
    }

    /// How many findings have a severity.
    #[must_use]
    pub fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|finding| finding.rule.severity == severity).count()
    }

    /// `1 critical, 2 high`, the worst first.
    #[must_use]
    pub fn counts(&self) -> String {
        let severities = [Severity::Critical, Severity::High, Severity::Medium, Severity::Low];
        let counts = severities.into_iter().map(|severity| (severity, self.count(severity)));
        let counts: Vec<String> =
            counts.filter(|(_, count)| *count > 0).map(|(severity, count)| format!("{count} {severity}")).collect();
        counts.join(", ")
    }

    /// The review in one sentence.
    #[must_use]
    pub fn verdict(&self) -> String {
        let first =
            self.findings.iter().max_by_key(|finding| (finding.rule.severity, std::cmp::Reverse(&finding.file)));
        let first = first.map_or_else(String::new, |first| {
            let line = first.line.map_or_else(String::new, |line| format!(":{line}"));
            format!("{}{line} [{}]", first.file, first.rule.id)
        });
        match self.readiness() {
            Readiness::NothingToReview => {
                "No Dockerfile, compose file, manifest or workflow was found here.".to_owned()
            }
            Readiness::Ready if self.findings.is_empty() => {
                "Ready: no rule found anything in the files as they are.".to_owned()
            }
            Readiness::Ready => format!("Ready: {}, none of which breaks anything.", self.counts()),
            Readiness::ReadyWithReservations => {
                format!("Ready with reservations: {}; nothing here fails by itself, start with {first}.", self.counts())
            }
            Readiness::NotReady => format!("Not ready: {}; start with {first}.", self.counts()),
        }
    }
}

impl Read {
    /// Whether there was nothing to review.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// `1 Dockerfile, 2 compose files`, without what there is none of.
    #[must_use]
    pub fn words(&self) -> String {
        let counts = [
            (self.dockerfiles, "Dockerfile", "Dockerfiles"),
            (self.compose, "compose file", "compose files"),
            (self.kubernetes_objects, "Kubernetes object", "Kubernetes objects"),
            (self.workflows, "workflow", "workflows"),
            (self.env_keys, "environment key", "environment keys"),
        ];
        let counts = counts.into_iter().filter(|(count, ..)| *count > 0);
        let counts: Vec<String> =
            counts.map(|(count, one, many)| format!("{count} {}", if count == 1 { one } else { many })).collect();
        if counts.is_empty() { "nothing".to_owned() } else { counts.join(", ") }
    }
}
