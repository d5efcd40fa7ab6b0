//! How packages are installed and scripts run, wherever a file says so.

use anyhow::Context;
use serde::Serialize;

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
