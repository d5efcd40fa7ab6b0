//! The package.json files of a repository.

use super::fact::Evidence;
use super::json;
use super::tree::{Tree, folder_of, name};
use crate::failure::usage;
use crate::review::Node;

/// Packages of one repository that are read; the widest workspaces have some hundreds.
const MOST_PACKAGES: usize = 1_000;

/// One package.json.
pub(crate) struct Manifest {
    pub(crate) path: String,
    /// With its final `/`; empty for the root.
    pub(crate) folder: String,
    pub(crate) node: Node,
}

/// A dependency as a manifest declares it.
pub(crate) struct Dependency<'a> {
    pub(crate) name: &'a str,
    pub(crate) range: &'a str,
    pub(crate) key: &'a Node,
    /// Whether only building and testing need it.
    pub(crate) is_dev: bool,
}

impl Manifest {
    /// The manifest of the root.
    ///
    /// # Errors
    /// Usage where there is none, with what is there instead; otherwise when it cannot be read, with its line.
    pub(crate) fn root(tree: &Tree) -> anyhow::Result<Self> {
        let path = "package.json";
        if !tree.has(path) {
            return Err(no_manifest(tree));
        }
        let text = tree.require(path)?;
        let shown = tree.root().join(path);
        let shown = shown.display();
        let node = json::parse(path, &text, false).map_err(|error| {
            anyhow::anyhow!(
                "{shown}:{}: not valid JSON: {}. Mend it; npm cannot read it either.",
                error.line,
                error.message
            )
        })?;
        if node.entries().is_empty() && !matches!(node.value, crate::review::Value::Mapping(_)) {
            anyhow::bail!("{shown}:1: it must be an object. Mend it; npm cannot read it either.");
        }
        Ok(Self { path: path.to_owned(), folder: String::new(), node })
    }

    /// All others, by path. One that cannot be read is named and left out.
    pub(crate) fn others(tree: &Tree) -> Vec<Self> {
        let mut paths = tree.paths().filter(|path| name(path) == "package.json" && path.contains('/'));
        let read: Vec<Self> = paths.by_ref().take(MOST_PACKAGES).filter_map(|path| Self::read(tree, path)).collect();
        if paths.next().is_some() {
            tree.limit(".", None, format!("more than {MOST_PACKAGES} package.json files; the others were not read"));
        }
        read
    }

    fn read(tree: &Tree, path: &str) -> Option<Self> {
        match json::parse(path, &tree.text(path)?, false) {
            Ok(node) => Some(Self { path: path.to_owned(), folder: folder_of(path).to_owned(), node }),
            Err(error) => {
                tree.limit(path, Some(error.line), format!("not valid JSON: {}", error.message));
                None
            }
        }
    }

    /// The folder without its final `/`, as facts name it.
    pub(crate) fn app(&self) -> &str {
        self.folder.trim_end_matches('/')
    }

    pub(crate) fn text(&self, path: &[&str]) -> Option<&str> {
        self.node.text_at(path)
    }

    /// A dependency of any kind; what the running service needs comes first.
    pub(crate) fn dependency(&self, name: &str) -> Option<Dependency<'_>> {
        let kinds = [("dependencies", false), ("optionalDependencies", false), ("devDependencies", true)];
        kinds.into_iter().find_map(|(kind, is_dev)| {
            let entries = self.node.entries_at(&[kind]);
            let (key, range) = entries.iter().find(|(key, _)| key.text() == Some(name))?;
            Some(Dependency { name: key.text()?, range: range.text().unwrap_or_default(), key, is_dev })
        })
    }

    /// A dependency that the running service needs.
    pub(crate) fn runtime(&self, name: &str) -> Option<Dependency<'_>> {
        self.dependency(name).filter(|it| !it.is_dev)
    }

    /// The scripts, each with its key.
    pub(crate) fn scripts(&self) -> impl Iterator<Item = (&str, &str, &Node)> {
        let entries = self.node.entries_at(&["scripts"]);
        entries.iter().filter_map(|(key, value)| Some((key.text()?, value.text()?, key)))
    }

    pub(crate) fn script(&self, name: &str) -> Option<(&str, &Node)> {
        self.scripts().find(|(key, ..)| *key == name).map(|(_, command, key)| (command, key))
    }

    /// Where dependencies are declared, for what is shown by none being there.
    pub(crate) fn dependencies_place(&self, tree: &Tree, nothing: &str) -> Evidence {
        let key = self.node.entries().iter().find(|(key, _)| key.text() == Some("dependencies"));
        let count = self.node.entries_at(&["dependencies"]).len();
        let place = key.map_or_else(|| Tree::file_evidence(&self.path), |(key, _)| tree.evidence(&key.place));
        Evidence { text: format!("{nothing} among {count} dependencies"), ..place }
    }
}

/// What is there instead of a package.json.
fn no_manifest(tree: &Tree) -> anyhow::Error {
    let shown = tree.root().display();
    if tree.count() == 0 && tree.skipped_folders == 0 && tree.limits().is_empty() {
        return usage(format!(
            "{shown} is empty. `seaworthy new` makes a repository; `init` fits into one that is there."
        ));
    }
    if let Some(limit) = tree.limits().into_iter().find(|limit| limit.file == "package.json") {
        return usage(format!("{}: {}", tree.root().join("package.json").display(), limit.reason));
    }
    let below = tree.paths().find(|path| name(path) == "package.json");
    if let Some(path) = below {
        let folder = tree.root().join(folder_of(path).trim_end_matches('/'));
        return usage(format!("{shown} has no package.json, but {path} is there: name {}.", folder.display()));
    }
    let others = [
        ("pyproject.toml", "Python"),
        ("requirements.txt", "Python"),
        ("go.mod", "Go"),
        ("Cargo.toml", "Rust"),
        ("pom.xml", "Java"),
        ("build.gradle", "Java"),
        ("composer.json", "PHP"),
        ("Gemfile", "Ruby"),
        ("deno.json", "Deno"),
        ("deno.jsonc", "Deno"),
    ];
    let language = others.iter().find(|(file, _)| tree.has(file));
    let seen = language.map_or_else(String::new, |(file, language)| format!(" ({file} says {language})"));
    usage(format!("{shown} is not a Node.js repository: it has no package.json{seen}. Name the folder that holds one."))
}
