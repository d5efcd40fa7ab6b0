//! Code that was there before: what is emitted leaves it as it is.

use serde::Serialize;

use super::Packages;
use crate::spec::{Existing, Spec};
use crate::stack::PackageManager;
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
        commands: commands(spec, existing, packages.manager),
        own_probes: text::typescript_list(&existing.own_probes),
        outgoing: existing.outgoing.clone(),
        takes_hostname: existing.output.iter().any(|entry| entry.starts_with(".next/standalone")),
    }
}

/// Checks, then the build; in a workspace what the service is made of is built first, since types and tests may need it.
fn commands(spec: &Spec, existing: &Existing, manager: &PackageManager) -> Vec<String> {
    if spec.app_dir.is_empty() {
        return commands_of(manager.run, existing.checks.iter().chain(&existing.build)).collect();
    }
    let checks = commands_of(&manager.run_in(&spec.app_dir), &existing.checks).collect::<Vec<_>>();
    workspace_build(&spec.app_dir, existing, manager).into_iter().chain(checks).collect()
}

/// The commands that build the service in `folder` of a workspace, and before it what it is made of.
pub(super) fn workspace_build(folder: &str, existing: &Existing, manager: &PackageManager) -> Vec<String> {
    if existing.build.is_empty() && existing.build_first.is_empty() {
        return Vec::new();
    }
    if !existing.build_with.is_empty() {
        // Its own program, since each package manager starts it in another way.
        let tasks = existing.build.first().map_or("build", String::as_str);
        return vec![format!("TURBO_TELEMETRY_DISABLED=1 node_modules/.bin/turbo run {tasks} --filter=./{folder}")];
    }
    let first = existing.build_first.iter().map(|it| format!("{} build", manager.run_in(it)));
    first.chain(commands_of(&manager.run_in(folder), &existing.build)).collect()
}

/// The commands that run scripts of package.json; `run` stands before the name of one.
pub(super) fn commands_of<'a>(
    run: &str,
    scripts: impl IntoIterator<Item = &'a String>,
) -> impl Iterator<Item = String> {
    scripts.into_iter().map(move |script| format!("{run} {script}"))
}
