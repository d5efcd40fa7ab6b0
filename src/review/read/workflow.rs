//! GitHub Actions workflows.

use std::collections::BTreeMap;

use crate::review::{Node, Place};

pub(crate) struct Workflow {
    pub(crate) node: Node,
}

pub(crate) struct Job<'a> {
    pub(crate) name: &'a str,
    pub(crate) place: &'a Place,
    pub(crate) node: &'a Node,
}

impl Workflow {
    pub(crate) fn jobs(&self) -> Vec<Job<'_>> {
        self.node
            .entries_at(&["jobs"])
            .iter()
            .filter_map(|(name, node)| Some(Job { name: name.text()?, place: &name.place, node }))
            .collect()
    }
}

impl<'a> Job<'a> {
    pub(crate) fn steps(&self) -> &'a [Node] {
        self.node.items_at(&["steps"])
    }

    /// The text of all `run:` blocks.
    pub(crate) fn scripts(&self) -> String {
        let scripts: Vec<&str> = self.steps().iter().filter_map(|step| step.text_at(&["run"])).collect();
        scripts.join("\n")
    }

    /// `needs`, one or many.
    pub(crate) fn needs(&self) -> Vec<&'a str> {
        let needs = self.node.get("needs");
        needs.map_or_else(Vec::new, |needs| needs.scalars().iter().filter_map(|need| need.text()).collect())
    }

    /// Whether this is a call of another workflow, which has no steps, time limit or environment of its own.
    pub(crate) fn is_call(&self) -> bool {
        self.node.get("uses").is_some()
    }
}

pub(crate) fn read(documents: &BTreeMap<String, Vec<Node>>) -> Vec<Workflow> {
    documents
        .iter()
        .filter(|(path, _)| path.starts_with(".github/workflows/"))
        .flat_map(|(_, nodes)| nodes.iter().cloned())
        .map(|node| Workflow { node })
        .collect()
}
