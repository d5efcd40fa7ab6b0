//! What the service is called and what it is made of.

use serde::Serialize;

use crate::spec::Spec;
use crate::stack::Framework;

/// Folder of the source.
pub(super) const SOURCE_DIR: &str = "src";

/// Name and description.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Project {
    /// DNS-1123 label.
    pub name: String,
    /// Free text on one line.
    pub description: String,
}

/// What the service is made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Stack {
    /// Web framework.
    pub framework: &'static Framework,
    /// Node.js major.
    pub node: &'static str,
    /// Oldest version of it that runs the service.
    pub node_minimum: &'static str,
    /// TCP port of the service, the same everywhere.
    pub port: u16,
    /// Folder of the source.
    pub source_dir: &'static str,
}

/// Name and description, as answered.
pub(super) fn project(spec: &Spec) -> Project {
    Project { name: spec.name.clone(), description: spec.description.clone() }
}

/// What it is made of, as answered.
pub(super) fn stack(spec: &Spec) -> Stack {
    Stack {
        framework: spec.framework,
        node: spec.node.major,
        node_minimum: spec.node.minimum,
        port: spec.port,
        source_dir: SOURCE_DIR,
    }
}
