//! What could not be read was not checked, which is a finding of its own.

use crate::review::{Problem, Repository, Risk, Rule, Severity};

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "readable",
        description: "Every YAML file parses, no key stands twice, and the env schema can be read.",
        risk: Risk::Availability,
        severity: Severity::High,
        why: "A file that does not parse is refused or read differently by each tool, and nothing in it was checked here.",
        source: None,
        check: |repository| repository.unreadable.clone(),
    },
    Rule {
        id: "kustomize",
        description: "Every file that a kustomization names exists, every patch has a target, every manifest is applied.",
        risk: Risk::Availability,
        severity: Severity::High,
        why: "A build of the overlay fails, or silently leaves out what the file was meant to change.",
        source: Some("https://kubectl.docs.kubernetes.io/references/kustomize/"),
        check: kustomize,
    },
];

fn kustomize(repository: &Repository) -> Vec<Problem> {
    repository.overlays.iter().flat_map(|overlay| overlay.problems.clone()).collect()
}
