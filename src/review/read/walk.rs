//! The files of a repository that a rule may want to read, within bounds.
//!
//! Links are not followed, so nothing outside of the repository is read and no circle is walked.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::Read as _;
use std::path::Path;

use anyhow::{Context, Result};

use crate::review::Skipped;

/// Folders that hold other people's files, what a build made, or data of tests.
const NOT_OURS: [&str; 20] = [
    "node_modules",
    ".git",
    "dist",
    "target",
    ".seaworthy",
    "coverage",
    "vendor",
    ".next",
    ".nuxt",
    ".turbo",
    ".cache",
    ".venv",
    ".terraform",
    ".yarn",
    ".pnpm-store",
    "__pycache__",
    "fixtures",
    "__fixtures__",
    "testdata",
    "bower_components",
];

/// A deployment file that is larger was made by a machine.
const MOST_BYTES: u64 = 1024 * 1024;
/// Source files are only searched for a few words.
const MOST_SOURCE_BYTES: u64 = 256 * 1024;
const MOST_TOTAL_BYTES: u64 = 64 * 1024 * 1024;
const MOST_ENTRIES: usize = 100_000;
const MOST_DEPTH: usize = 24;

/// What lies in a repository.
#[derive(Default)]
pub(crate) struct Tree {
    /// Text by path, without a byte order mark.
    pub(crate) files: BTreeMap<String, String>,
    /// Every file, read or not.
    pub(crate) paths: BTreeSet<String>,
    pub(crate) skipped: Vec<Skipped>,
    entries: usize,
    bytes: u64,
}

/// What lies below `root`.
pub(crate) fn walk(root: &Path) -> Result<Tree> {
    let mut tree = Tree::default();
    let entries = fs::read_dir(root)
        .with_context(|| format!("cannot review {}: name the directory of a repository", root.display()))?;
    tree.folder(entries, "", 0);
    tree.skipped.sort();
    Ok(tree)
}

impl Tree {
    fn folder(&mut self, entries: fs::ReadDir, prefix: &str, depth: usize) {
        for entry in entries {
            self.entries += 1;
            if self.entries > MOST_ENTRIES {
                if self.entries == MOST_ENTRIES + 1 {
                    self.skip(prefix, format!("more than {MOST_ENTRIES} files; what comes after was not looked at"));
                }
                return;
            }
            let Ok(entry) = entry else { continue };
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = format!("{prefix}{name}");
            let Ok(kind) = entry.file_type() else { continue };
            if kind.is_dir() {
                if NOT_OURS.contains(&name.as_str()) || depth == MOST_DEPTH {
                    continue;
                }
                match fs::read_dir(entry.path()) {
                    Ok(entries) => self.folder(entries, &format!("{path}/"), depth + 1),
                    Err(error) => self.skip(&path, format!("cannot be listed: {error}")),
                }
            } else if kind.is_file() {
                self.file(&entry.path(), path);
            } else if is_deployment(&path) {
                self.skip(&path, "not a regular file".to_owned());
            }
        }
    }

    fn file(&mut self, on_disk: &Path, path: String) {
        let wanted = is_deployment(&path);
        let is_source = is_source(&path);
        if wanted || is_source || is_other(&path) {
            let most = if is_source { MOST_SOURCE_BYTES } else { MOST_BYTES };
            match read(on_disk, most.min(MOST_TOTAL_BYTES.saturating_sub(self.bytes))) {
                Ok(text) => {
                    self.bytes += text.len() as u64;
                    self.files.insert(path.clone(), text);
                }
                Err(reason) if wanted => self.skip(&path, reason),
                Err(_) => {}
            }
        }
        self.paths.insert(path);
    }

    fn skip(&mut self, path: &str, reason: String) {
        self.skipped.push(Skipped { file: path.to_owned(), reason });
    }
}

fn read(path: &Path, most: u64) -> Result<String, String> {
    let file = File::open(path).map_err(|error| format!("cannot be read: {error}"))?;
    let mut bytes = Vec::new();
    file.take(most + 1).read_to_end(&mut bytes).map_err(|error| format!("cannot be read: {error}"))?;
    if bytes.len() as u64 > most {
        return Err(format!("larger than {} KiB", most / 1024));
    }
    let text = String::from_utf8(bytes).map_err(|_| "not UTF-8 text".to_owned())?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn has_extension(path: &str, extensions: &[&str]) -> bool {
    name(path).rsplit_once('.').is_some_and(|(_, extension)| extensions.contains(&extension))
}

/// Whether a file by its name is one that the rules are about: not reading it must be said.
fn is_deployment(path: &str) -> bool {
    let is_yaml = has_extension(path, &["yaml", "yml"]);
    let folders = ["deploy", "deployment", "k8s", "kubernetes", "manifests", "workflows", "overlays", "base"];
    let in_folder = path.rsplit_once('/').is_some_and(|(folder, _)| folder.split('/').any(|it| folders.contains(&it)));
    is_dockerfile(path) || is_compose(path) || name(path) == "Kustomization" || (is_yaml && in_folder)
}

/// `Dockerfile`, `Dockerfile.prod`, `api.Dockerfile`, `Containerfile`.
pub(crate) fn is_dockerfile(path: &str) -> bool {
    let name = name(path);
    let is_variant = name.starts_with("Dockerfile.") && !has_extension(name, &["dockerignore", "md", "j2", "tmpl"]);
    is_variant || matches!(name, "Dockerfile" | "Containerfile") || has_extension(name, &["Dockerfile", "dockerfile"])
}

/// `compose.yaml`, `docker-compose.prod.yml`.
pub(crate) fn is_compose(path: &str) -> bool {
    let name = name(path);
    has_extension(name, &["yaml", "yml"]) && (name.starts_with("compose.") || name.starts_with("docker-compose."))
}

/// Code that says which routes there are and how long connections live.
pub(crate) fn is_source(path: &str) -> bool {
    has_extension(path, &["ts", "mts", "cts", "js", "mjs", "cjs"]) && !path.ends_with(".d.ts")
}

fn is_other(path: &str) -> bool {
    let name = name(path);
    has_extension(path, &["yaml", "yml", "sh", "conf", "env", "properties"])
        || (name.ends_with(".json") && is_definition(path))
        || name.starts_with(".env")
        || name.starts_with("Caddyfile")
        || name.ends_with("dockerignore")
        || matches!(name, "package.json" | ".gitignore" | "seaworthy.toml")
}

/// Whether a JSON file lies where definitions of ECS do.
fn is_definition(path: &str) -> bool {
    let folders = ["deploy", "deployment", "ecs", "aws", ".aws"];
    let name = name(path).to_lowercase();
    let is_named = ["task-definition", "taskdefinition", "taskdef"].iter().any(|it| name.contains(it));
    is_named || path.split('/').rev().skip(1).any(|folder| folders.contains(&folder))
}

/// A path relative to a folder, with `.` and `..` resolved.
pub(crate) fn join(folder: &str, path: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}
