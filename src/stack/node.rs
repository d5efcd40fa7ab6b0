//! Versions of Node.js that the emitted service runs on.

/// A line of releases.
#[derive(Debug, PartialEq, Eq)]
pub struct NodeRelease {
    /// Value of `stack.node`.
    pub major: &'static str,
    /// Oldest version that runs the service, for the `engines` field. Sources run as they are from 22.18 on, and the heap
    /// follows the memory limit (`--max-old-space-size-percentage`) from 22.21 on.
    pub minimum: &'static str,
}

/// Those that get fixes for a year and more, oldest first.
pub static NODE_RELEASES: &[NodeRelease] = &[
    NodeRelease { major: "22", minimum: "22.21" },
    NodeRelease { major: "24", minimum: "24" },
    NodeRelease { major: "26", minimum: "26" },
];

impl NodeRelease {
    /// The line of a value of `stack.node`.
    #[must_use]
    pub fn of_major(major: &str) -> Option<&'static Self> {
        NODE_RELEASES.iter().find(|release| release.major == major)
    }
}
