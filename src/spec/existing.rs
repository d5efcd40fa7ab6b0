//! The `[existing]` table: how code that was there before is built and started.

use serde::Serialize;

use super::env_entry::check_name;
use super::managed::Managed;
use super::ops::Ops;
use super::value::{Origin, Value};

/// What a repository's own code needs in its image and in its checks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Existing {
    /// Arguments of `node` that start the service, relative to the root of the image.
    pub start: Vec<String>,
    /// Arguments of `node` in the image that bring the database up to date; none without a step for it.
    pub migrate: Vec<String>,
    /// Variables from which the code takes the database: `PART=NAME`, with a part of [`DATABASE_PARTS`].
    pub database_env: Vec<String>,
    /// TCP ports of what the service reaches beside PostgreSQL, Redis and HTTPS, for network policies.
    pub outgoing: Vec<String>,
    /// Scripts of package.json, and packages, that run something while packages are installed, and may need any file of
    /// the repository.
    pub install: Vec<String>,
    /// Scripts of package.json that build it, in their order; none where it runs as it is.
    pub build: Vec<String>,
    /// What of the build the image takes, `FROM` or `FROM:TO`; without any, all of it and the packages.
    pub output: Vec<String>,
    /// Folders of the image that the service writes to; each is empty when an instance starts.
    pub writable: Vec<String>,
    /// Folders of the image whose files stay when an instance ends, in a volume of the one machine: a database in a file,
    /// files that users uploaded.
    pub kept: Vec<String>,
    /// Scripts of package.json that CI runs, in their order.
    pub checks: Vec<String>,
    /// Probes that the code answers by itself: `/livez`, `/readyz`.
    pub own_probes: Vec<String>,
    /// What installs its packages; the npm of the pins where nothing is said.
    pub package_manager: Option<Managed>,
    /// What an install needs beside package.json: the lock file, settings, patches. A folder ends with `/`.
    pub install_files: Vec<String>,
    /// Folders of a workspace that the service is made of beside its own, each after those that it depends on.
    pub packages: Vec<String>,
    /// Folders of a workspace whose script `build` runs before that of the service, in this order.
    pub build_first: Vec<String>,
    /// What runs the builds of a workspace in their order instead; `turbo` or nothing.
    pub build_with: Vec<String>,
    /// Other folders of a workspace that its build and its checks need: a change there is one of the service.
    pub depends_on: Vec<String>,
    /// Where code of ours goes beside it and how it is written, `PART=VALUE`; none where the probes come from outside.
    pub ops: Vec<String>,
    /// Where it was declared.
    #[serde(skip)]
    pub origin: Origin,
}

/// The keys of the table.
pub const FIELDS: [&str; 18] = [
    "start",
    "migrate",
    "database-env",
    "outgoing",
    "install",
    "build",
    "output",
    "writable",
    "kept",
    "checks",
    "own-probes",
    "package-manager",
    "install-files",
    "packages",
    "build-first",
    "build-with",
    "depends-on",
    "ops",
];

/// What of a database a variable can hold: the connection string, or one part of it.
pub const DATABASE_PARTS: [&str; 6] = ["url", "host", "port", "user", "password", "name"];

/// Most entries of a list.
pub const MOST_ENTRIES: usize = 20;

/// Longest entry, in characters, which are all ASCII.
pub const MOST_CHARACTERS: usize = 200;

impl Existing {
    /// A table with nothing in it.
    #[must_use]
    pub fn empty(origin: Origin) -> Self {
        Self {
            start: Vec::new(),
            migrate: Vec::new(),
            database_env: Vec::new(),
            outgoing: Vec::new(),
            install: Vec::new(),
            build: Vec::new(),
            output: Vec::new(),
            writable: Vec::new(),
            kept: Vec::new(),
            checks: Vec::new(),
            own_probes: Vec::new(),
            package_manager: None,
            install_files: Vec::new(),
            packages: Vec::new(),
            build_first: Vec::new(),
            build_with: Vec::new(),
            depends_on: Vec::new(),
            ops: Vec::new(),
            origin,
        }
    }

    /// This table over another one: what installs comes from there where nothing is said here. The other lists may well be
    /// empty, and nobody but this one knows.
    #[must_use]
    pub fn over(self, lower: Self) -> Self {
        Self {
            package_manager: self.package_manager.or(lower.package_manager),
            install_files: if self.install_files.is_empty() { lower.install_files } else { self.install_files },
            ..self
        }
    }

    /// The values by the names of their keys, without the empty ones.
    #[must_use]
    pub fn entries(&self) -> Vec<(&'static str, Value)> {
        let list = |items: &[String]| (!items.is_empty()).then(|| Value::List(items.to_vec()));
        let values = [
            list(&self.start),
            list(&self.migrate),
            list(&self.database_env),
            list(&self.outgoing),
            list(&self.install),
            list(&self.build),
            list(&self.output),
            list(&self.writable),
            list(&self.kept),
            list(&self.checks),
            list(&self.own_probes),
            self.package_manager.as_ref().map(|it| Value::Text(it.to_string())),
            list(&self.install_files),
            list(&self.packages),
            list(&self.build_first),
            list(&self.build_with),
            list(&self.depends_on),
            list(&self.ops),
        ];
        FIELDS.into_iter().zip(values).filter_map(|(field, value)| Some((field, value?))).collect()
    }

    /// Sets a key.
    ///
    /// # Errors
    /// A sentence that says what is wrong with the value.
    pub fn set_value(&mut self, field: &str, value: Option<Value>) -> Result<(), String> {
        match (field, value) {
            ("package-manager", Some(Value::Text(text))) => {
                self.package_manager = Some(Managed::parse(&text)?);
                Ok(())
            }
            ("package-manager", _) => Err("expected a string such as \"pnpm@10.20.0\"".to_owned()),
            (_, Some(Value::List(items))) => self.set(field, items),
            _ => Err("expected an array of strings".to_owned()),
        }
    }

    /// Sets the list of a key.
    ///
    /// # Errors
    /// A sentence that says what is wrong with an entry.
    pub fn set(&mut self, field: &str, items: Vec<String>) -> Result<(), String> {
        check(field, &items)?;
        match field {
            "start" => self.start = items,
            "migrate" => self.migrate = items,
            "database-env" => self.database_env = items,
            "outgoing" => self.outgoing = items,
            "install" => self.install = items,
            "build" => self.build = items,
            "output" => self.output = items,
            "writable" => self.writable = items,
            "kept" => self.kept = items,
            "checks" => self.checks = items,
            "install-files" => self.install_files = items,
            "packages" => self.packages = items,
            "build-first" => self.build_first = items,
            "build-with" => self.build_with = items,
            "depends-on" => self.depends_on = items,
            "ops" => self.ops = items,
            _ => self.own_probes = items,
        }
        Ok(())
    }

    /// Code of ours beside it; none where the probes come from outside.
    #[must_use]
    pub fn own_ops(&self) -> Option<Ops> {
        Ops::parse(&self.ops).ok().flatten()
    }

    /// The variables from which the code takes the database, each behind its part; the usual one where none is named.
    #[must_use]
    pub fn database_variables(&self) -> Vec<(&str, &str)> {
        if self.database_env.is_empty() {
            return vec![("url", "DATABASE_URL")];
        }
        self.database_env.iter().filter_map(|entry| entry.split_once('=')).collect()
    }
}

fn check(field: &str, items: &[String]) -> Result<(), String> {
    if items.len() > MOST_ENTRIES {
        return Err(format!("has {} entries; at most {MOST_ENTRIES} are allowed", items.len()));
    }
    if let Some(twin) = items.iter().enumerate().find_map(|(index, item)| items[..index].contains(item).then_some(item))
        && !matches!(field, "start" | "migrate")
    {
        return Err(format!("names {twin:?} twice"));
    }
    if field == "ops" {
        return Ops::parse(items).map(|_| ());
    }
    let (is_right, expected): (fn(&str) -> bool, String) = match field {
        "start" | "migrate" => (is_argument, plain_text("- _ . / @ = : ,")),
        "install" => (|it| is_script(it) || is_package(it), plain_text("- _ . :")),
        "outgoing" => (is_port, "the number of a port, from 1 to 65535, as a string".to_owned()),
        "own-probes" => (is_probe, "/livez or /readyz".to_owned()),
        "database-env" => (is_database_variable, format!("PART=NAME with a part of {}", DATABASE_PARTS.join(", "))),
        "output" => (is_output, "a path in the repository, or FROM:TO".to_owned()),
        "install-files" => (is_needed, "a path in the repository; that of a folder ends with /".to_owned()),
        "packages" | "build-first" | "depends-on" => (is_path, "a folder in the repository".to_owned()),
        "build-with" => (|it| it == "turbo", "turbo".to_owned()),
        "writable" | "kept" => (is_path, "a path below the working directory of the image".to_owned()),
        _ => (is_script, plain_text("- _ . :")),
    };
    match items.iter().find(|item| !is_right(item)) {
        None => Ok(()),
        Some(item) => Err(format!("{item:?} cannot stand in every file; expected {expected}")),
    }
}

fn plain_text(signs: &str) -> String {
    format!("letters, digits and {signs}, at most {MOST_CHARACTERS}, and no \"..\"")
}

/// Letters, digits and signs that mean nothing to YAML, Dockerfiles and shells where these texts stand.
fn is_plain(text: &str, signs: &str) -> bool {
    let inside = |c: char| c.is_ascii_alphanumeric() || signs.contains(c);
    (1..=MOST_CHARACTERS).contains(&text.len()) && text.chars().all(inside) && !text.contains("..")
}

fn is_argument(text: &str) -> bool {
    is_plain(text, "-_./@=:,")
}

/// A name of a script; an option in its place would reach the package manager.
fn is_script(text: &str) -> bool {
    is_plain(text, "-_.:") && text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
}

/// `NAME` or `@SCOPE/NAME`.
fn is_package(text: &str) -> bool {
    let name = text.strip_prefix('@').map_or(Some(text), |rest| rest.split_once('/').map(|(_, name)| name));
    is_plain(text, "-_./@") && name.is_some_and(|name| is_script(name) && !name.contains('/'))
}

/// A path that stays where it is: nothing absolute, no step up, no part that is an option.
pub(super) fn is_path(text: &str) -> bool {
    is_plain(text, "-_./@") && text.split('/').all(|part| !part.is_empty() && !part.starts_with('-') && part != ".")
}

/// A file, or a folder with its final `/`; npm's archives have a `+` in their names.
fn is_needed(text: &str) -> bool {
    is_path(&text.strip_suffix('/').unwrap_or(text).replace('+', "-"))
}

fn is_port(text: &str) -> bool {
    text.parse::<u16>().is_ok_and(|port| port > 0 && port.to_string() == text)
}

fn is_output(text: &str) -> bool {
    let (from, to) = text.split_once(':').unwrap_or((text, "."));
    is_path(from) && (to == "." || is_path(to))
}

fn is_database_variable(text: &str) -> bool {
    let Some((part, name)) = text.split_once('=') else { return false };
    DATABASE_PARTS.contains(&part) && is_variable(name)
}

/// `POSTGRES_PASSWORD` means the same in the emitted files.
fn is_variable(name: &str) -> bool {
    name == "POSTGRES_PASSWORD" || check_name(name).is_ok()
}

/// Whether a variable of this name can hold a part of the database's address.
#[must_use]
pub fn can_hold_database(name: &str) -> bool {
    is_variable(name)
}

fn is_probe(text: &str) -> bool {
    matches!(text, "/livez" | "/readyz")
}

/// Whether a text can be an argument that starts the service.
#[must_use]
pub fn can_start(text: &str) -> bool {
    is_argument(text)
}

/// Whether a text can be the folder of a package in a workspace.
#[must_use]
pub fn can_be_folder(text: &str) -> bool {
    is_path(text)
}

/// Whether a text can be a file or folder that an install needs.
#[must_use]
pub fn can_be_copied(text: &str) -> bool {
    is_needed(text)
}

/// Whether a text can be the name of a script.
#[must_use]
pub fn can_be_script(text: &str) -> bool {
    is_script(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_could_break_out_of_a_file_are_refused() {
        let mut existing = Existing::empty(Origin::Default);
        for bad in ["", "a b", "a\nb", "$(x)", "a;b", "../x", "a\"b", "`x`", "a'b", "${{x}}", "#"] {
            assert!(existing.set("start", vec![bad.to_owned()]).is_err(), "{bad}");
            assert!(existing.set("build", vec![bad.to_owned()]).is_err(), "{bad}");
        }
        for bad in ["/etc", "--from=x", ".", "a//b", "./a", "a b/", "*.tgz", "/"] {
            assert!(existing.set("install-files", vec![bad.to_owned()]).is_err(), "{bad}");
        }
        assert!(existing.set("install-files", vec![".yarn/releases/".to_owned(), "a+b.tgz".to_owned()]).is_ok());
        assert!(existing.set("checks", vec!["--if-present".to_owned()]).is_err());
        assert!(existing.set("own-probes", vec!["/health".to_owned()]).is_err());
        assert!(existing.set("start", vec!["--import".to_owned(), "./dist/a.js".to_owned()]).is_ok());
        assert!(existing.set("build", vec!["build:ts".to_owned()]).is_ok());
        assert!(existing.set("install", vec!["@prisma/client".to_owned(), "postinstall".to_owned()]).is_ok());
        for bad in ["/etc", "a//b", "-rf", "a/../b", "a b", "./a", "a:b:c", "a:/etc", ":", "a:"] {
            assert!(existing.set("output", vec![bad.to_owned()]).is_err(), "{bad}");
            assert!(existing.set("writable", vec![bad.to_owned()]).is_err(), "{bad}");
            assert!(existing.set("kept", vec![bad.to_owned()]).is_err(), "{bad}");
        }
        for bad in ["0", "65536", "080", "+80", "a", ""] {
            assert!(existing.set("outgoing", vec![bad.to_owned()]).is_err(), "{bad}");
        }
        assert!(existing.set("outgoing", vec!["3306".to_owned()]).is_ok());
        for bad in ["DATABASE_URL", "url=", "url=PORT", "url=a b", "uri=DB", "url=lower", "url=NODE_OPTIONS"] {
            assert!(existing.set("database-env", vec![bad.to_owned()]).is_err(), "{bad}");
        }
        assert!(existing.set("output", vec![".next/standalone:.".to_owned(), "public".to_owned()]).is_ok());
        assert!(existing.set("database-env", vec!["url=DB_URL".to_owned(), "host=PGHOST".to_owned()]).is_ok());
    }
}
