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

/// Takes the version from the pins.
pub(super) fn decide(spec: &Spec, pins: &Pins) -> anyhow::Result<Packages> {
    let manager = spec.package_manager;
    let version =
        pins.package_managers.get(manager.name).with_context(|| format!("pins.toml has no {}", manager.name))?;
    Ok(Packages {
        manager,
        version: version.clone(),
        integrity: pins.integrity.get(manager.package).cloned(),
        specifier: format!("{}@{version}", manager.package),
        install_by_hand: manager.install_by_hand(),
    })
}
