//! Code that was there before: what is emitted leaves it as it is.

use serde::Serialize;

use super::Packages;
use crate::spec::ops::{SERVERS, Server, name};
use crate::spec::{Existing, Ops, Spec};
use crate::stack::PackageManager;
use crate::text;

/// The module that Node loads before the service, at its emitted path.
pub const PROBES_MODULE: &str = "./deploy/image/probes.mjs";

/// What templates say of code that was there before.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ExistingView {
    /// Arguments of `node` that start the service by itself, for people.
    pub start_text: String,
    /// Commands that CI runs: checks, then the build. Also those of emitted code in a workspace.
    pub commands: Vec<String>,
    /// Probes that the code answers by itself, as a JavaScript array.
    pub own_probes: String,
    /// TCP ports of what the service reaches beside PostgreSQL, Redis and HTTPS.
    pub outgoing: Vec<String>,
    /// Whether the server listens on the name that the environment gives the machine.
    pub takes_hostname: bool,
    /// Code of ours beside it; none where the probes come from outside.
    pub ops: Option<OpsView>,
}

/// Code of ours beside code that was there before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[allow(clippy::struct_excessive_bools, reason = "independent facts that templates ask by name")]
pub struct OpsView {
    /// Folder that it goes to, from the root of the repository.
    pub folder: String,
    /// What calls it: `fastify`, `express`, `hono`, `nest` or `http`.
    pub server: &'static str,
    /// Whether it is TypeScript.
    pub typed: bool,
    /// Whether modules are `CommonJS` as they are written.
    pub commonjs: bool,
    /// What names of files end with.
    pub extension: &'static str,
    /// What imports of files end with.
    pub imports: &'static str,
    /// Whether the schema of the environment is emitted.
    pub env: bool,
    /// Whether it has to write lines of its own, for want of a logger.
    pub logs: bool,
}

impl OpsView {
    fn of(ops: &Ops) -> Self {
        Self {
            folder: ops.folder.clone(),
            server: name(&SERVERS, ops.server),
            typed: ops.style.is_typed(),
            commonjs: ops.style.is_commonjs(),
            extension: ops.style.extension(),
            imports: ops.style.imports(),
            env: ops.env,
            logs: ops.server != Server::Fastify,
        }
    }

    /// The path of an emitted file of `src/ops` in this repository.
    #[must_use]
    pub fn path(&self, emitted: &str) -> Option<String> {
        let name = emitted.strip_prefix("src/ops/")?;
        let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
        Some(format!("{}/{stem}{}", self.folder, self.extension))
    }
}

/// Takes the scripts and the start from the answers.
pub(super) fn decide(spec: &Spec, packages: &Packages) -> ExistingView {
    let Some(existing) = &spec.existing else {
        return ExistingView { commands: emitted_commands(spec), ..ExistingView::default() };
    };
    ExistingView {
        start_text: existing.start.join(" "),
        commands: commands(spec, existing, packages.manager),
        own_probes: text::typescript_list(&existing.own_probes),
        outgoing: existing.outgoing.clone(),
        ops: existing.own_ops().as_ref().map(OpsView::of),
        takes_hostname: existing.output.iter().any(|entry| entry.starts_with(".next/standalone")),
    }
}

/// What CI runs of emitted code in a workspace, one after the other: some write what others read.
fn emitted_commands(spec: &Spec) -> Vec<String> {
    if spec.app_dir.is_empty() {
        return Vec::new();
    }
    ["lint", "typecheck", "test", "build"].map(|task| turbo(task, &spec.app_dir)).into()
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
        return vec![turbo(tasks, folder)];
    }
    let first = existing.build_first.iter().map(|it| format!("{} build", manager.run_in(it)));
    first.chain(commands_of(&manager.run_in(folder), &existing.build)).collect()
}

/// The command that runs a task of the service in `folder`, and before it what it depends on.
pub(super) fn turbo(task: &str, folder: &str) -> String {
    format!("TURBO_TELEMETRY_DISABLED=1 node_modules/.bin/turbo run {task} --filter=./{folder}")
}

/// The commands that run scripts of package.json; `run` stands before the name of one.
pub(super) fn commands_of<'a>(
    run: &str,
    scripts: impl IntoIterator<Item = &'a String>,
) -> impl Iterator<Item = String> {
    scripts.into_iter().map(move |script| format!("{run} {script}"))
}
