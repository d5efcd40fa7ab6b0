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
    /// What follows that where packages have tools for building as optional peers, which it would keep since they are
    /// in the lock file. What is optional at run time is left out with them, by npm.
    pub without_peers: &'static str,
    /// What whoever adds a package has to know of it, for the comment above.
    pub without_peers_comment: &'static str,
    /// What stands before an install of one version alone, so that it does not look for the one that files name.
    pub as_it_is: &'static str,
    /// Takes out what only building needs, where everything is installed. Scripts of the repository do not run again, and
    /// what they made in packages stays.
    pub take_out: &'static str,
    /// What an install leaves in the repository: its packages first.
    pub leaves: &'static [&'static str],
    /// Its download cache, for root in a container.
    pub cache: &'static str,
    /// Where package.json denies an install script; without that it warns of each.
    pub denied_scripts: Option<DeniedScripts>,
    /// What stands before the name of a script in package.json.
    pub run: &'static str,
    /// Runs the script `test`.
    pub test: &'static str,
    /// Reports known holes from severity high on, dependencies of dependencies included; empty where it asks an address
    /// that the registry has closed.
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
    /// In JSON, as Biome formats it in package.json.
    pub value: &'static str,
}

impl PackageManager {
    /// The package manager of a value of `stack.package-manager`.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        PACKAGE_MANAGERS.iter().find(|manager| manager.name == name).copied()
    }

    /// The package manager of a name in one of its major versions; none where that one is not described.
    #[must_use]
    pub fn of_major(name: &str, major: u32) -> Option<&'static Self> {
        match (name, major) {
            ("npm", 7..) => Some(&NPM),
            ("pnpm", 11..) => Some(&PNPM),
            ("pnpm", 7..=10) => Some(&PNPM_10),
            ("yarn", 4..) => Some(&YARN),
            ("yarn", 1) => Some(&YARN_1),
            ("bun", 1..) => Some(&BUN),
            _ => None,
        }
    }

    /// What stands before the name of a script of the package in `folder` of a workspace.
    #[must_use]
    pub fn run_in(&self, folder: &str) -> String {
        match self.name {
            "npm" => format!("npm run --workspace {folder}"),
            "pnpm" => format!("pnpm --dir {folder} run"),
            "yarn" => format!("yarn --cwd {folder} run"),
            _ => format!("bun run --cwd {folder}"),
        }
    }

    /// Installs from the lock file of a workspace what the package in `folder`, and those of the workspace that it depends
    /// on, in `packages`, need at run time.
    #[must_use]
    pub fn install_part(&self, folder: &str, packages: &[String]) -> String {
        match (self.name, self.package) {
            ("npm", _) => format!("npm ci --omit=dev --workspace {folder}"),
            // Three dots: with the packages of the workspace that it depends on.
            ("pnpm", _) => format!("{} --filter '{{./{folder}}}...'", self.install_production),
            // It installs for all members, so that the others are none any more. The lock file may hold more than is asked for.
            ("yarn", "yarn") => {
                let kept = [folder].into_iter().chain(packages.iter().map(String::as_str));
                let kept: Vec<String> = kept.map(|path| format!("! -path './{path}/*'")).collect();
                format!(
                    "find . -mindepth 2 -name package.json {} -delete && {}",
                    kept.join(" "),
                    self.install_production
                )
            }
            ("yarn", _) => format!("yarn --cwd {folder} workspaces focus --production"),
            _ => format!("{} --filter ./{folder}", self.install_production),
        }
    }

    /// Whether the packages of each member of a workspace lie beside it, and not together at the root.
    #[must_use]
    pub fn keeps_packages_apart(&self) -> bool {
        matches!(self.name, "pnpm" | "bun")
    }

    /// What a person types to install.
    #[must_use]
    pub fn install_by_hand(&self) -> String {
        [self.name].iter().chain(self.first_install.first()).copied().collect::<Vec<_>>().join(" ")
    }
}

impl PartialEq for PackageManager {
    fn eq(&self, other: &Self) -> bool {
        (self.name, self.package, self.audit) == (other.name, other.package, other.audit)
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
    without_peers: " --omit=optional",
    without_peers_comment: "Prisma's tools (260 MB) are optional to its client, so what is optional stays out. Packages such as sharp need \
                            theirs for Linux as a dependency.",
    as_it_is: "",
    take_out: "npm prune --omit=dev",
    leaves: &["node_modules"],
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
    without_peers: "",
    without_peers_comment: "",
    as_it_is: "pnpm_config_pm_on_fail=ignore ",
    take_out: "npm pkg delete --force scripts.preinstall scripts.install scripts.postinstall && \
               pnpm_config_pm_on_fail=ignore pnpm prune --prod",
    leaves: &["node_modules"],
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

/// pnpm up to 10, which reads settings from three files. Never offered: repositories bring it.
pub static PNPM_10: PackageManager = PackageManager {
    as_it_is: "",
    take_out: "npm pkg delete --force scripts.preinstall scripts.install scripts.postinstall && pnpm prune --prod",
    // npm's registry closed in 2026 what it asks.
    audit: "",
    override_key: "pnpm.overrides",
    override_file: "package.json",
    ..PNPM
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
    without_peers: "",
    without_peers_comment: "",
    as_it_is: "",
    take_out: "npm pkg delete --force scripts.preinstall scripts.install scripts.postinstall && yarn workspaces focus --production",
    leaves: &["node_modules", ".yarn"],
    cache: "/root/.yarn/berry/cache",
    denied_scripts: Some(DeniedScripts { key: "dependenciesMeta", value: "{\n      \"built\": false\n    }" }),
    run: "yarn run",
    test: "yarn test",
    audit: "yarn npm audit --all --recursive --severity=high",
    audit_option: "--severity",
    override_key: "resolutions",
    override_file: "package.json",
    ecosystem: "npm",
};

/// The first version of Yarn, which is kept alive and no more. Never offered: repositories bring it.
pub static YARN_1: PackageManager = PackageManager {
    package: "yarn",
    settings_file: ".yarnrc",
    first_install: &["install"],
    install: "yarn install --frozen-lockfile",
    install_production: "yarn install --frozen-lockfile --production",
    take_out: "npm pkg delete --force scripts.preinstall scripts.install scripts.postinstall && yarn install \
               --frozen-lockfile --production",
    leaves: &["node_modules"],
    cache: "/usr/local/share/.cache/yarn",
    // npm's registry closed in 2026 what it asks.
    audit: "",
    ..YARN
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
    without_peers: " --omit=peer",
    without_peers_comment: "Prisma's tools (260 MB) are peers of its client, so peers stay out. One that runs in production is a dependency.",
    as_it_is: "",
    // Bun itself leaves them where they are; a new install would lose what scripts made in the packages.
    take_out: "npm prune --omit=dev --no-package-lock --ignore-scripts --force",
    leaves: &["node_modules"],
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

/// Those that a new repository can have, in the order of the question.
pub static PACKAGE_MANAGERS: &[&PackageManager] = &[&NPM, &PNPM, &YARN, &BUN];
