//! Package managers: how each installs, for `new` and for messages.

/// A package manager.
#[derive(Debug, Clone, Copy)]
pub struct PackageManager {
    /// Value of `stack.package-manager`.
    pub name: &'static str,
    /// Arguments of the first install, which writes the lock file.
    pub install: &'static [&'static str],
}

impl PackageManager {
    /// What a person types to install.
    #[must_use]
    pub fn install_by_hand(&self) -> String {
        [self.name].iter().chain(self.install.first()).copied().collect::<Vec<_>>().join(" ")
    }
}

/// npm, which comes with Node.js.
pub static NPM: PackageManager = PackageManager {
    name: "npm",
    // An audit and funding notes are for CI and people, not for a bootstrap.
    install: &["install", "--no-audit", "--no-fund"],
};
