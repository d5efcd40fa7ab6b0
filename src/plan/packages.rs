//! How packages are installed and scripts run, wherever a file says so.

use anyhow::Context;
use serde::Serialize;

use super::Plan;
use crate::spec::Spec;
use crate::stack::PackageManager;
use crate::stack::pins::Pins;

/// The package manager with its version, for the commands that files print.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Packages {
    /// Its name, files and commands.
    #[serde(flatten)]
    pub manager: &'static PackageManager,
    /// Its exact version.
    pub version: String,
    /// Hash of the npm package that brings it, where an emitted lock file holds it.
    pub integrity: Option<String>,
    /// What an `npm install --global` takes: package and version.
    pub specifier: String,
    /// What a person types to install.
    pub install_by_hand: String,
}

/// Takes the version from the pins, or that of the repository.
pub(super) fn decide(spec: &Spec, pins: &Pins) -> anyhow::Result<Packages> {
    let manager = spec.package_manager;
    let pinned =
        || pins.package_managers.get(manager.name).with_context(|| format!("pins.toml has no {}", manager.name));
    let version = match spec.existing.as_ref().and_then(|it| it.package_manager.as_ref()) {
        Some(own) => own.version.clone(),
        None => pinned()?.clone(),
    };
    let specifier = format!("{}@{version}", manager.package);
    Ok(Packages {
        manager,
        integrity: pins.integrity.get(&specifier).cloned(),
        version,
        specifier,
        install_by_hand: manager.install_by_hand(),
    })
}

/// Packages whose install scripts need not run, ordered by name.
#[must_use]
pub fn unrun_scripts(plan: &Plan) -> Vec<&'static str> {
    let of_data_access = plan.data_access.map_or(&[][..], |it| it.unrun_scripts);
    let of_framework = if plan.features.existing { &[][..] } else { plan.stack.framework.unrun_scripts };
    // Below BullMQ; its programs are packages of their own.
    let of_queue: &'static [&'static str] = if plan.features.queue { &["msgpackr-extract"] } else { &[] };
    let mut names: Vec<&'static str> = of_data_access.iter().chain(of_framework).chain(of_queue).copied().collect();
    names.sort_unstable();
    names.dedup();
    names
}
