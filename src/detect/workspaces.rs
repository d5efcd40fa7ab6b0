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
        let evidence = name_place(look, member);
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

/// What a service of the workspace is made of beside its own folder, and what has to be built before it.
pub(crate) fn parts(look: &mut Look<'_>, app: &Manifest, members: &[&Manifest]) {
    if members.is_empty() {
        return;
    }
    let at_run_time = ordered(app, members, false);
    let at_build = ordered(app, members, true);
    for member in &at_run_time {
        look.add(Fact::new("workspace-part", app.app(), member.app(), name_place(look, member)));
    }
    for member in at_build.iter().filter(|it| !at_run_time.iter().any(|other| other.path == it.path)) {
        look.add(Fact::new("workspace-build-part", app.app(), member.app(), name_place(look, member)));
    }
    for member in &at_build {
        if let Some((_, key)) = member.script("build") {
            look.add(Fact::new("build-first", app.app(), member.app(), look.tree.evidence(&key.place)));
        }
    }
    if let (Some(turbo), true, Some(_)) =
        (look.root.dependency("turbo"), look.tree.has("turbo.json"), app.script("build"))
    {
        look.add(Fact::new("build-with", app.app(), "turbo", look.tree.evidence(&turbo.key.place)));
    }
    for manifest in [look.root, app].into_iter().chain(at_build) {
        for script in ["preinstall", "install", "postinstall"] {
            // Which package manager is right is known here.
            if let Some((command, key)) = manifest.script(script)
                && !command.contains("only-allow")
            {
                let value = format!("{script} of {}", manifest.path);
                look.add(Fact::new("workspace-install-script", app.app(), value, look.tree.evidence(&key.place)));
            }
        }
    }
}

/// The members that a package depends on, each after those that it depends on itself; `dev` with those of development.
fn ordered<'a>(app: &Manifest, members: &[&'a Manifest], dev: bool) -> Vec<&'a Manifest> {
    let mut found: Vec<&Manifest> = Vec::new();
    // A member, and whether what it depends on was visited; none is opened twice, so that circles end.
    let mut opened = vec![app.path.clone()];
    let mut open: Vec<(&Manifest, bool)> = uses(app, members, dev).into_iter().rev().map(|it| (it, false)).collect();
    while let Some((member, is_done)) = open.pop() {
        if is_done {
            found.push(member);
        } else if !opened.contains(&member.path) {
            opened.push(member.path.clone());
            open.push((member, true));
            open.extend(uses(member, members, dev).into_iter().rev().map(|it| (it, false)));
        }
    }
    found
}

fn uses<'a>(manifest: &Manifest, members: &[&'a Manifest], dev: bool) -> Vec<&'a Manifest> {
    let is_used = |member: &&&Manifest| {
        let dependency = member.text(&["name"]).and_then(|name| manifest.dependency(name));
        dependency.is_some_and(|it| dev || !it.is_dev)
    };
    members.iter().filter(is_used).copied().collect()
}

fn name_place(look: &Look<'_>, manifest: &Manifest) -> Evidence {
    let name = manifest.node.get("name");
    name.map_or_else(|| Evidence::new(&manifest.path, None, ""), |name| look.tree.evidence(&name.place))
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
