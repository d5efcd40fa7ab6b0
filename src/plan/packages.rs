//! How packages are installed and scripts run, wherever a file says so.

use anyhow::Context;
use serde::Serialize;

use crate::spec::Spec;
use crate::stack::pins::Pins;

/// The package manager, and the commands that files print.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Packages {
    /// Its name, which is its command.
    pub manager: &'static str,
    /// Its exact version.
    pub version: String,
    /// The npm package that brings it.
    pub package: &'static str,
    /// Hash of that package, where an emitted lock file holds it.
    pub integrity: Option<String>,
    /// What an `npm install --global` takes: package and version.
    pub specifier: String,
    /// Whether Node.js brings it, in a version of its own.
    pub comes_with_node: bool,
    /// Its lock file.
    pub lock_file: &'static str,
    /// Its settings.
    pub settings_file: &'static str,
    /// What a person types to install.
    pub install_by_hand: String,
    /// Installs what the lock file says.
    pub install: &'static str,
    /// What stands before the name of a script.
    pub run: &'static str,
    /// Runs the script `test`.
    pub test: &'static str,
    /// Reports known holes.
    pub audit: &'static str,
    /// The option of `audit` that sets the severity.
    pub audit_option: &'static str,
    /// Key that sets the version of a dependency of a dependency.
    pub override_key: &'static str,
    /// File that holds the key.
    pub override_file: &'static str,
    /// Its name in `package-ecosystem` of Dependabot.
    pub ecosystem: &'static str,
}

/// Takes the commands from the descriptor and the version from the pins.
pub(super) fn decide(spec: &Spec, pins: &Pins) -> anyhow::Result<Packages> {
    let manager = spec.package_manager;
    let version =
        pins.package_managers.get(manager.name).with_context(|| format!("pins.toml has no {}", manager.name))?;
    Ok(Packages {
        manager: manager.name,
        version: version.clone(),
        package: manager.package,
        integrity: pins.integrity.get(manager.package).cloned(),
        specifier: format!("{}@{version}", manager.package),
        comes_with_node: manager.comes_with_node,
        lock_file: manager.lock_file,
        settings_file: manager.settings_file,
        install_by_hand: manager.install_by_hand(),
        install: manager.install,
        run: manager.run,
        test: manager.test,
        audit: manager.audit,
        audit_option: manager.audit_option,
        override_key: manager.override_key,
        override_file: manager.override_file,
        ecosystem: manager.ecosystem,
    })
}
