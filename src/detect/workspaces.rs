//! Workspaces, and which packages in them something runs.

use super::fact::{Evidence, Fact};
use super::framework::{FRAMEWORKS, OTHERS};
use super::look::Look;
use super::manifest::Manifest;
use crate::review::{Node, matches_path};

/// Tools that run the scripts of a workspace, each with its file.
const TOOLS: [(&str, &str); 4] =
    [("turbo.json", "turborepo"), ("nx.json", "Nx"), ("lerna.json", "Lerna"), ("rush.json", "Rush")];

/// The packages of the workspace, by folder; empty where there is none.
pub(crate) fn look<'a>(look: &mut Look<'_>, others: &'a [Manifest]) -> Vec<&'a Manifest> {
    for (file, tool) in TOOLS.iter().filter(|(file, _)| look.tree.has(file)) {
        look.add(Fact::new("workspace-tool", "", *tool, Evidence::new(file, None, "")));
    }
    let mut patterns: Vec<(String, Evidence)> = Vec::new();
    let declared = look.root.node.get("workspaces");
    let listed = declared.map(|node| node.get("packages").unwrap_or(node));
    gather(look, listed, &mut patterns);
    let in_pnpm = look.yaml("pnpm-workspace.yaml");
    gather(look, in_pnpm.as_ref().and_then(|node| node.get("packages")), &mut patterns);
    let is_member = |manifest: &&Manifest| {
        let hit = |pattern: &str| matches_path(pattern.trim_start_matches("./").trim_end_matches('/'), manifest.app());
        let mut is_in = false;
        for (pattern, _) in &patterns {
            match pattern.strip_prefix('!') {
                Some(pattern) if hit(pattern) => is_in = false,
                None if hit(pattern) => is_in = true,
                _ => {}
            }
        }
        is_in
    };
    let members: Vec<&Manifest> = others.iter().filter(is_member).collect();
    for member in &members {
        let evidence = member
            .node
            .get("name")
            .map_or_else(|| Evidence::new(&member.path, None, ""), |name| look.tree.evidence(&name.place));
        let name = member.text(&["name"]).unwrap_or_default();
        look.add(Fact::new("workspace-package", member.app(), name, evidence));
    }
    if !patterns.is_empty() && members.is_empty() {
        let places: Vec<&str> = patterns.iter().map(|(pattern, _)| pattern.as_str()).collect();
        let reason = format!("no package.json in a folder that {} names", crate::detect::listed(places.into_iter()));
        look.unknown("workspace-package", "", None, reason);
    }
    members
}

fn gather(look: &mut Look<'_>, listed: Option<&Node>, patterns: &mut Vec<(String, Evidence)>) {
    for node in listed.map_or(&[][..], Node::items) {
        let Some(text) = node.text() else { continue };
        let evidence = look.tree.evidence(&node.place);
        look.add(Fact::new("workspace", "", text, evidence.clone()));
        patterns.push((text.to_owned(), evidence));
    }
}

/// Why a package is an application that something runs, if it is one.
pub(crate) fn deployable(look: &Look<'_>, manifest: &Manifest) -> Option<Evidence> {
    let frameworks = FRAMEWORKS.iter().map(|(package, _)| *package).chain(OTHERS.iter().map(|(package, _)| *package));
    let mut used = frameworks.chain(QUEUES).filter_map(|package| manifest.runtime(package));
    // A library for a framework is no service: it starts nothing.
    let start = manifest.script("start").or_else(|| manifest.script("serve")).or_else(|| manifest.script("dev"));
    let place = match (used.next(), start) {
        (Some(dependency), Some(_)) => &dependency.key.place,
        (None, Some((_, key))) if key.text() == Some("start") => &key.place,
        (Some(dependency), None) if manifest.text(&["exports"]).is_none() && is_private(manifest) => {
            &dependency.key.place
        }
        _ => return None,
    };
    Some(look.tree.evidence(place))
}

/// Whether nobody installs it.
fn is_private(manifest: &Manifest) -> bool {
    manifest.text(&["private"]) == Some("true") && manifest.node.get("exports").is_none()
}

/// Packages that make a worker.
const QUEUES: [&str; 4] = ["bullmq", "bull", "pg-boss", "graphile-worker"];
