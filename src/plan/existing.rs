//! Code that was there before: what is emitted leaves it as it is.

use serde::Serialize;

use super::Packages;
use crate::spec::Spec;
use crate::text;

/// The module that Node loads before the service, at its emitted path.
pub const PROBES_MODULE: &str = "./deploy/image/probes.mjs";

/// What templates say of code that was there before.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ExistingView {
    /// Arguments of `node` that start the service by itself, for people.
    pub start_text: String,
    /// Commands that CI runs: checks, then the build.
    pub commands: Vec<String>,
    /// Probes that the code answers by itself, as a JavaScript array.
    pub own_probes: String,
    /// TCP ports of what the service reaches beside PostgreSQL, Redis and HTTPS.
    pub outgoing: Vec<String>,
    /// Whether the server listens on the name that the environment gives the machine.
    pub takes_hostname: bool,
}

/// Takes the scripts and the start from the answers.
pub(super) fn decide(spec: &Spec, packages: &Packages) -> ExistingView {
    let Some(existing) = &spec.existing else { return ExistingView::default() };
    ExistingView {
        start_text: existing.start.join(" "),
        commands: commands_of(packages.manager.run, existing.checks.iter().chain(&existing.build)).collect(),
        own_probes: text::typescript_list(&existing.own_probes),
        outgoing: existing.outgoing.clone(),
        takes_hostname: existing.output.iter().any(|entry| entry.starts_with(".next/standalone")),
    }
}

/// The commands that run scripts of package.json; `run` stands before the name of one.
pub(super) fn commands_of<'a>(
    run: &str,
    scripts: impl IntoIterator<Item = &'a String>,
) -> impl Iterator<Item = String> {
    scripts.into_iter().map(move |script| format!("{run} {script}"))
}
