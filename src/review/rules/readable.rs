//! What could not be read was not checked, which is a finding of its own.

use crate::review::{Problem, Repository, Rule};

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "readable",
        description: "Every YAML file parses, no key stands twice, and the env schema can be read.",
        check: |repository| repository.unreadable.clone(),
    },
    Rule {
        id: "kustomize",
        description: "Every file that a kustomization names exists, every patch has a target, every manifest is applied.",
        check: kustomize,
    },
];

fn kustomize(repository: &Repository) -> Vec<Problem> {
    repository.overlays.iter().flat_map(|overlay| overlay.problems.clone()).collect()
}
