//! No secret in a file.

use crate::review::read::compose::Compose;
use crate::review::read::kubernetes::{containers, of_kind};
use crate::review::{Node, Place, Problem, Repository, Risk, Rule, Severity};
use crate::spec::secret::looks_secret;

pub(crate) const RULES: &[Rule] = &[Rule {
    id: "no-secret-literal",
    description: "Compose files, manifests and workflows hold no secret, only where it comes from.",
    risk: Risk::Security,
    severity: Severity::High,
    why: "Whoever can read the repository, its history or a build log has it; deleting the line does not take it back.",
    source: None,
    check: no_secret_literal,
}];

fn no_secret_literal(repository: &Repository) -> Vec<Problem> {
    let mut values: Vec<(Place, String, String)> = Vec::new();
    for service in repository.compose.iter().flat_map(Compose::services) {
        let variables = service.environment().into_iter();
        values.extend(variables.filter_map(|variable| Some((variable.place, variable.name, variable.value?))));
    }
    for overlay in &repository.overlays {
        for (workload, container) in containers(overlay) {
            let variables = workload.environment(overlay, container).variables.into_iter();
            values.extend(variables.filter_map(|variable| Some((variable.place, variable.name, variable.value?))));
        }
    }
    values.extend(workflow_values(repository));
    let literal = values.into_iter().filter(|(_, name, value)| looks_secret(name, value));
    let secrets = repository.overlays.iter().flat_map(|overlay| of_kind(overlay, "Secret"));
    let objects = secrets.filter(|object| ["data", "stringData"].iter().any(|field| object.get(field).is_some()));
    literal
        .map(|(place, name, _)| (place, name))
        .chain(objects.map(|object| (object.place.clone(), "this Secret".to_owned())))
        .map(|(place, name)| {
            Problem::new(
                &place,
                format!("{name} has its value in the file"),
                "Take it from the environment (compose), an ExternalSecret (Kubernetes) or a secret (workflow), and change the leaked value.",
            )
        })
        .collect()
}

/// All `env` of workflows, wherever they stand. The throw-away services of a test job are not deployed.
fn workflow_values(repository: &Repository) -> Vec<(Place, String, String)> {
    let mut values = Vec::new();
    for workflow in &repository.workflows {
        let mut blocks = vec![workflow.node.get("env")];
        for job in workflow.jobs() {
            if job.node.get("services").is_none() {
                blocks.push(job.node.get("env"));
                blocks.extend(job.steps().iter().map(|step| step.get("env")));
            }
        }
        for (name, value) in blocks.into_iter().flatten().flat_map(Node::entries) {
            let (Some(key), Some(text)) = (name.text(), value.text()) else {
                continue;
            };
            values.push((name.place.clone(), key.to_owned(), text.to_owned()));
        }
    }
    values
}
