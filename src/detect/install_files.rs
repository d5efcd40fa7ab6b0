//! What an install needs beside package.json and its lock file: settings, patches, and packages that lie in the repository.

use super::fact::{Evidence, Fact};
use super::look::Look;
use crate::review::{Node, join};
use crate::spec::existing::can_be_copied;

/// The subject of a file that an install needs.
pub(crate) const INSTALL_FILE: &str = "install-file";

/// The subject of what installs, in its version.
pub(crate) const INSTALLS_WITH: &str = "installs-with";

/// Settings at the root, each with the package managers that read it.
const SETTINGS: [(&str, &[&str]); 7] = [
    (".npmrc", &["npm", "pnpm", "yarn", "bun"]),
    (".pnpmfile.cjs", &["pnpm"]),
    (".pnpmfile.mjs", &["pnpm"]),
    (".yarnrc", &["yarn"]),
    (".yarnrc.yml", &["yarn"]),
    ("bunfig.toml", &["bun"]),
    ("pnpm-workspace.yaml", &["pnpm"]),
];

/// Keys of package.json below which a dependency may be a path.
const DEPENDENCIES: [&str; 6] =
    ["dependencies", "devDependencies", "optionalDependencies", "overrides", "resolutions", "pnpm"];

/// What stands before a path in place of a version.
const PATHS: [&str; 4] = ["file:", "link:", "portal:", "./"];

/// Whether a package manager reads a file that is known to be needed.
pub(crate) fn is_read_by(manager: &str, path: &str) -> bool {
    let folder_of_yarn = path.starts_with(".yarn/");
    SETTINGS
        .iter()
        .find(|(name, _)| *name == path)
        .map_or(!folder_of_yarn || manager == "yarn", |(_, by)| by.contains(&manager))
}

pub(crate) fn look(look: &mut Look<'_>) {
    for (file, _) in SETTINGS.iter().filter(|(file, _)| look.tree.has(file)) {
        look.add(Fact::new(INSTALL_FILE, "", *file, Evidence::new(file, None, "")));
    }
    yarn(look);
    let root = look.root;
    patched(look, root.node.at(&["pnpm", "patchedDependencies"]));
    patched(look, root.node.get("patchedDependencies"));
    let workspace = look.yaml("pnpm-workspace.yaml");
    patched(look, workspace.as_ref().and_then(|node| node.get("patchedDependencies")));
    for key in DEPENDENCIES {
        dependencies(look, root.node.get(key));
    }
    dependencies(look, workspace.as_ref().and_then(|node| node.get("overrides")));
}

/// Yarn's own program and its plugins lie in the repository where its settings name them.
fn yarn(look: &mut Look<'_>) {
    for (file, start) in [(".yarnrc.yml", "yarnPath:"), (".yarnrc.yml", "- path:"), (".yarnrc", "yarn-path ")] {
        if let Some(evidence) = look.line_with(file, start) {
            let path = evidence.text.trim_start_matches(start).trim().trim_matches(['"', '\'']).to_owned();
            needs_folder_of(look, &path, evidence);
        }
    }
}

fn patched(look: &mut Look<'_>, node: Option<&Node>) {
    for (_, value) in node.map_or(&[][..], Node::entries) {
        if let Some(path) = value.text() {
            needs_folder_of(look, path, look.tree.evidence(&value.place));
        }
    }
}

/// Dependencies that are a path, or that a patch changes; overrides may lie in each other.
fn dependencies(look: &mut Look<'_>, node: Option<&Node>) {
    for (_, value) in node.map_or(&[][..], Node::entries) {
        dependencies(look, Some(value));
        let Some(text) = value.text() else { continue };
        let evidence = look.tree.evidence(&value.place);
        if let Some(prefix) = PATHS.iter().find(|prefix| text.starts_with(**prefix)) {
            let path = join("", text.trim_start_matches(prefix).trim_end_matches('/'));
            let is_archive = [".tgz", ".tar.gz", ".tar"].iter().any(|end| path.ends_with(end));
            let is_outside = text.contains("../") || text.ends_with("..") || path.starts_with('/');
            let path = if is_archive || is_outside { path } else { format!("{path}/") };
            needs(look, if is_outside { text } else { &path }, evidence);
        } else if text.starts_with("patch:")
            && let Some((_, patch)) = text.split_once('#')
        {
            let patch = patch.split("::").next().unwrap_or_default().trim_start_matches("optional!");
            if !patch.starts_with("builtin") {
                needs_folder_of(look, patch.trim_start_matches("~/"), evidence);
            }
        }
    }
}

/// A folder whole, since other patches come beside the first one.
fn needs_folder_of(look: &mut Look<'_>, path: &str, evidence: Evidence) {
    let path = path.trim_start_matches("./");
    let folder = path.rsplit_once('/').map_or_else(|| path.to_owned(), |(folder, _)| format!("{folder}/"));
    needs(look, &folder, evidence);
}

fn needs(look: &mut Look<'_>, path: &str, evidence: Evidence) {
    if can_be_copied(path) {
        look.add(Fact::new(INSTALL_FILE, "", path, evidence));
    } else {
        let reason = format!(
            "{} names {path:?}, which no image can be given: it is outside of this folder, or its name has characters that \
             not every file takes",
            evidence.place()
        );
        look.unknown(INSTALL_FILE, "", None, reason);
    }
}
