//! Definitions of Cloud Run as the rules ask for them.

use std::collections::BTreeMap;

use crate::review::Node;

/// What the API takes for the version of a service.
const SERVICE: &str = "serving.knative.dev/v1";

/// What it takes for the version of a job.
const JOB: &str = "run.googleapis.com/v1";

/// A service or a job, with its first container: the one that gets the requests.
pub(crate) struct Definition {
    pub(crate) object: Node,
    /// Where containers and account stand.
    spec: &'static [&'static str],
    pub(crate) is_service: bool,
}

/// The definitions among the documents of a repository, in the order of the paths.
pub(crate) fn read(documents: &BTreeMap<String, Vec<Node>>) -> Vec<Definition> {
    let all = documents.values().flatten();
    all.filter_map(|object| {
        let (spec, is_service): (&'static [&'static str], bool) =
            match (object.text_at(&["apiVersion"])?, object.text_at(&["kind"])?) {
                (SERVICE, "Service") => (&["spec", "template", "spec"], true),
                (JOB, "Job") => (&["spec", "template", "spec", "template", "spec"], false),
                _ => return None,
            };
        Some(Definition { object: object.clone(), spec, is_service })
    })
    .collect()
}

impl Definition {
    /// What its instances are made of.
    pub(crate) fn spec(&self) -> Option<&Node> {
        self.object.at(self.spec)
    }

    pub(crate) fn container(&self) -> Option<&Node> {
        self.spec()?.items_at(&["containers"]).first()
    }

    /// An annotation of its revisions.
    pub(crate) fn annotation(&self, key: &str) -> Option<&Node> {
        self.object.at(&["spec", "template", "metadata", "annotations"])?.get(key)
    }

    /// An item of the container's environment.
    pub(crate) fn variable(&self, name: &str) -> Option<&Node> {
        self.variables().iter().find(|entry| entry.text_at(&["name"]) == Some(name))
    }

    pub(crate) fn variables(&self) -> &[Node] {
        self.container().map_or(&[], |container| container.items_at(&["env"]))
    }
}
