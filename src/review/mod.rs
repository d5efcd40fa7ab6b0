//! Reads a repository as it lies on disk and says where its deployment files are wrong or contradict each other.
//!
//! It knows nothing of the plan or the templates that may have produced the files, so it also holds after people changed
//! them, and for repositories that this tool never saw. A rule is one place: a row in a group under `rules/`, with what
//! must hold, what is at stake and why, and the function that looks.
//!
//! ```text
//! read/      the files: Dockerfile, compose, .env.example, env.ts, workflows, Kubernetes
//! rules/     what must hold
//! report.rs  the judgement
//! format/    text, JSON, SARIF
//! ```

pub mod format;
mod read;
mod report;
mod rule;
mod rules;

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;
use sha2::{Digest, Sha256};

pub(crate) use read::dockerfile::{self, Dockerfile};
pub(crate) use read::glob::matches_path;
pub(crate) use read::repository::Repository;
use read::repository::is_below;
pub(crate) use read::walk::{is_compose, is_dockerfile, join};
pub(crate) use read::yaml::{Node, Place, Value, parse};
pub use report::{Read, Readiness, Report, Skipped};
pub(crate) use rule::Problem;
pub use rule::{Finding, Risk, Rule, Severity};
pub use rules::RULES;

/// Everything that the rules find in the repository at `root`.
///
/// # Errors
/// When `root` cannot be listed. What is wrong inside of it is a finding or a skipped file.
pub fn check(root: &Path) -> Result<Report> {
    let repository = Repository::read(root)?;
    let mut findings = all_findings(&repository);
    findings.sort_by(|a, b| key(a).cmp(&key(b)));
    // What stands in a base is seen once for every overlay.
    findings.dedup_by(|a, b| key(a) == key(b));
    fingerprint(&mut findings, &repository);
    Ok(Report { findings, read: repository.count(), skipped: repository.skipped })
}

/// What the rules find. Several services of one repository have their own ports, images and variables: each is looked at by
/// itself, and what is of none of them with all.
fn all_findings(repository: &Repository) -> Vec<Finding> {
    let all = |repository: &Repository| RULES.iter().flat_map(|rule| findings_of(rule, repository)).collect::<Vec<_>>();
    let services = repository.services();
    let mut findings = all(repository);
    findings.retain(|finding| !services.iter().any(|folder| is_below(&finding.file, folder)));
    for folder in &services {
        let own = all(&repository.of_service(folder, &services));
        findings.extend(own.into_iter().filter(|finding| is_below(&finding.file, folder)));
    }
    findings
}

fn findings_of(rule: &'static Rule, repository: &Repository) -> Vec<Finding> {
    let problems = (rule.check)(repository).into_iter();
    problems
        .map(|problem| Finding {
            file: problem.place.file.to_string(),
            line: problem.place.line,
            rule,
            message: problem.message,
            fix: problem.fix,
            fingerprint: String::new(),
        })
        .collect()
}

fn key(finding: &Finding) -> (&str, Option<usize>, &str, &str) {
    (&finding.file, finding.line, finding.rule.id, &finding.message)
}

/// A hash of rule, file and the text of the line, and a number where that is not unique.
fn fingerprint(findings: &mut [Finding], repository: &Repository) {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for finding in findings {
        let place = Place { file: finding.file.as_str().into(), line: finding.line };
        let line = finding.line.map_or("", |_| repository.line(&place).trim());
        let text = [finding.rule.id, &finding.file, line].join("\0");
        let digest = Sha256::digest(text.as_bytes());
        let hash = digest.iter().take(16).fold(String::new(), |hash, byte| hash + &format!("{byte:02x}"));
        let count = seen.entry(hash.clone()).or_default();
        *count += 1;
        finding.fingerprint = format!("{hash}:{count}");
    }
}
