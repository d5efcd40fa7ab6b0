//! Versions of everything that emitted files name, from one data file.

use std::collections::BTreeMap;

use anyhow::Context;
use serde::Deserialize;

/// The data file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pins {
    /// GitHub actions, by `owner/name` with an optional sub-path.
    pub actions: BTreeMap<String, ActionPin>,
    /// Container images, by the name that templates use.
    pub images: BTreeMap<String, String>,
    /// What follows from the major of Node.js.
    pub node: BTreeMap<String, NodePin>,
    /// Package managers, by name.
    #[serde(rename = "package-managers")]
    pub package_managers: BTreeMap<String, String>,
    /// Versions that read a lock file, by `NAME FORMAT`, for repositories that name none.
    #[serde(rename = "lock-readers")]
    pub lock_readers: BTreeMap<String, String>,
    /// Hashes of packages that emitted lock files name, by `PACKAGE@VERSION`.
    pub integrity: BTreeMap<String, String>,
    /// npm packages, except for those that follow from the major of Node.js.
    pub npm: BTreeMap<String, String>,
    /// Command-line tools that workflows install, by the name that templates use.
    pub tools: BTreeMap<String, String>,
}

/// What follows from a major of Node.js.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NodePin {
    /// Base image.
    pub image: String,
    /// Version of `@types/node`.
    pub types: String,
}

/// A pinned action.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActionPin {
    /// Release that the commit belongs to.
    pub tag: String,
    /// Full commit SHA.
    pub sha: String,
}

impl Pins {
    /// Reads the data file that is part of the binary.
    ///
    /// # Errors
    /// When the file is not what the struct says; a test sees to it that it is.
    pub fn embedded() -> anyhow::Result<Self> {
        toml::from_str(include_str!("pins.toml")).context("reading the embedded pins.toml")
    }
}
