//! Deployment files that are there already.

use super::fact::{Evidence, Fact};
use super::look::{App, Look};
use crate::review::{Node, dockerfile, is_compose, is_dockerfile};

pub(crate) fn look(look: &mut Look<'_>) {
    let kinds: [Kind; 4] = [
        ("dockerfile", is_dockerfile),
        ("compose-file", is_compose),
        ("workflow", is_workflow),
        ("other-deployment", is_other),
    ];
    for (subject, is_one) in kinds {
        let paths: Vec<String> = look.tree.paths().filter(|path| is_one(path)).map(str::to_owned).collect();
        for path in paths {
            look.add(Fact::new(subject, "", &path, Evidence::new(&path, None, "")));
        }
    }
}

/// A subject, and which paths are of it.
type Kind = (&'static str, fn(&str) -> bool);

fn is_workflow(path: &str) -> bool {
    path.starts_with(".github/workflows/") && (path.ends_with(".yml") || path.ends_with(".yaml"))
}

/// Files of other platforms.
fn is_other(path: &str) -> bool {
    let files = [
        "fly.toml",
        "render.yaml",
        "vercel.json",
        "netlify.toml",
        "Procfile",
        "app.yaml",
        "serverless.yml",
        "railway.json",
        "railway.toml",
        "ecosystem.config.js",
        "skaffold.yaml",
        "Chart.yaml",
        "kustomization.yaml",
        ".gitlab-ci.yml",
        "Jenkinsfile",
        "bitbucket-pipelines.yml",
        "azure-pipelines.yml",
    ];
    files.contains(&super::tree::name(path)) || path == ".circleci/config.yml"
}

/// Ports that images and compose files of an application name.
pub(crate) fn ports(look: &Look<'_>, app: &App<'_>) -> Vec<(u32, Evidence)> {
    let base = &app.manifest.folder;
    let own: Vec<&str> = look.tree.below(base).filter(|path| !path[base.len()..].contains('/')).collect();
    let mut found = Vec::new();
    for path in own.iter().filter(|path| is_dockerfile(path)) {
        let Some(text) = look.tree.text(path) else { continue };
        let image = dockerfile::parse(path, &text);
        if image.is_development() || !image.is_node() {
            continue;
        }
        if let Some(expose) = image.last("EXPOSE") {
            let ports = expose.rest.split_whitespace().filter_map(|port| port.split('/').next()?.parse().ok());
            found.extend(ports.map(|port: u32| (port, look.tree.evidence(&expose.place))));
        }
    }
    for path in own.iter().filter(|path| is_compose(path)) {
        let Some(node) = look.yaml(path) else { continue };
        for (_, service) in node.entries_at(&["services"]).iter().filter(|(_, service)| builds_here(service)) {
            found.extend(service.items_at(&["ports"]).iter().filter_map(|port| published(look, port)));
        }
    }
    found
}

/// Whether a service is made from the folder that its compose file lies in.
fn builds_here(service: &Node) -> bool {
    let context = service.get("build").and_then(|build| build.text().or_else(|| build.text_at(&["context"])));
    matches!(context, Some("." | "./"))
}

/// The port within the container.
fn published(look: &Look<'_>, port: &Node) -> Option<(u32, Evidence)> {
    let text = port.text_at(&["target"]).or_else(|| port.text())?;
    let number = text.split('/').next()?.rsplit(':').next()?.parse().ok()?;
    Some((number, look.tree.evidence(&port.place)))
}
