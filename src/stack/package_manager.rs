//! Package managers: how each gets into an image and a workflow, installs, audits and runs scripts.

use serde::Serialize;

/// A package manager. Node.js runs the service whichever of them installed it.
#[derive(Debug, Serialize)]
pub struct PackageManager {
    /// Value of `stack.package-manager`, the command, and the name in `packageManager` of package.json.
    pub name: &'static str,
    /// The npm package that brings the command.
    pub package: &'static str,
    /// Whether Node.js brings it, in a version of its own.
    pub comes_with_node: bool,
    /// What has to go before it can be installed in the base image: older images bring another program of that name.
    pub replaces: &'static [&'static str],
    /// Its lock file.
    pub lock_file: &'static str,
    /// Its settings, which installs need as well.
    pub settings_file: &'static str,
    /// Arguments of the first install, which writes the lock file.
    pub first_install: &'static [&'static str],
    /// Installs what the lock file says, development dependencies included, and fails where it says something else.
    pub install: &'static str,
    /// The same without them.
    pub install_production: &'static str,
    /// Its download cache, for root in a container.
    pub cache: &'static str,
    /// Where package.json denies an install script; without that it warns of each.
    pub denied_scripts: Option<DeniedScripts>,
    /// What stands before the name of a script in package.json.
    pub run: &'static str,
    /// Runs the script `test`.
    pub test: &'static str,
    /// Reports known holes from severity high on, dependencies of dependencies included.
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

/// A key of package.json, and what stands there for each package whose install script is not to run.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct DeniedScripts {
    /// The key.
    pub key: &'static str,
    /// In JSON.
    pub value: &'static str,
}

impl PackageManager {
    /// The package manager of a value of `stack.package-manager`.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        PACKAGE_MANAGERS.iter().find(|manager| manager.name == name).copied()
    }

    /// What a person types to install.
    #[must_use]
    pub fn install_by_hand(&self) -> String {
        [self.name].iter().chain(self.first_install.first()).copied().collect::<Vec<_>>().join(" ")
    }
}

impl PartialEq for PackageManager {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for PackageManager {}

/// npm, which comes with Node.js.
pub static NPM: PackageManager = PackageManager {
    name: "npm",
    package: "npm",
    comes_with_node: true,
    replaces: &[],
    lock_file: "package-lock.json",
    settings_file: ".npmrc",
    // An audit and funding notes are for CI and people, not for a bootstrap.
    first_install: &["install", "--no-audit", "--no-fund"],
    install: "npm ci",
    install_production: "npm ci --omit=dev",
    cache: "/root/.npm",
    denied_scripts: Some(DeniedScripts { key: "allowScripts", value: "false" }),
    run: "npm run",
    test: "npm test",
    audit: "npm audit --audit-level=high",
    audit_option: "--audit-level",
    override_key: "overrides",
    override_file: "package.json",
    ecosystem: "npm",
};

/// pnpm, from 12 on: a program of its own, and settings in pnpm-workspace.yaml only.
pub static PNPM: PackageManager = PackageManager {
    name: "pnpm",
    package: "pnpm",
    comes_with_node: false,
    replaces: &[],
    lock_file: "pnpm-lock.yaml",
    settings_file: "pnpm-workspace.yaml",
    first_install: &["install"],
    install: "pnpm install --frozen-lockfile",
    install_production: "pnpm install --frozen-lockfile --prod",
    cache: "/root/.local/share/pnpm/store",
    denied_scripts: None,
    run: "pnpm run",
    test: "pnpm test",
    audit: "pnpm audit --audit-level=high",
    audit_option: "--audit-level",
    override_key: "overrides",
    override_file: "pnpm-workspace.yaml",
    ecosystem: "npm",
};

/// Yarn, from 4 on, with a `node_modules` folder.
pub static YARN: PackageManager = PackageManager {
    name: "yarn",
    // The package `yarn` is the first version.
    package: "@yarnpkg/cli-dist",
    comes_with_node: false,
    // Images of Node.js before 26 bring the first version.
    replaces: &["/usr/local/bin/yarn", "/usr/local/bin/yarnpkg"],
    lock_file: "yarn.lock",
    settings_file: ".yarnrc.yml",
    // In CI an install is immutable unless told, and the first one writes the lock file.
    first_install: &["install", "--no-immutable"],
    install: "yarn install --immutable",
    // Takes no lock file that says something else, either: the build stage beside it would fail.
    install_production: "yarn workspaces focus --production",
    cache: "/root/.yarn/berry/cache",
    denied_scripts: Some(DeniedScripts { key: "dependenciesMeta", value: r#"{ "built": false }"# }),
    run: "yarn run",
    test: "yarn test",
    audit: "yarn npm audit --all --recursive --severity=high",
    audit_option: "--severity",
    override_key: "resolutions",
    override_file: "package.json",
    ecosystem: "npm",
};

/// Bun as the package manager alone.
pub static BUN: PackageManager = PackageManager {
    name: "bun",
    package: "bun",
    comes_with_node: false,
    replaces: &[],
    lock_file: "bun.lock",
    settings_file: "bunfig.toml",
    first_install: &["install"],
    install: "bun install --frozen-lockfile",
    install_production: "bun install --frozen-lockfile --production",
    cache: "/root/.bun/install/cache",
    denied_scripts: None,
    run: "bun run",
    // `bun test` is a test runner of its own.
    test: "bun run test",
    audit: "bun audit --audit-level=high",
    audit_option: "--audit-level",
    override_key: "overrides",
    override_file: "package.json",
    ecosystem: "bun",
};

/// All of them, in the order of the question.
pub static PACKAGE_MANAGERS: &[&PackageManager] = &[&NPM, &PNPM, &YARN, &BUN];
