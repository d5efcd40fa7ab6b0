//! What the application is called, where its source lies, and what runs it.

use super::fact::{Evidence, Fact};
use super::look::{App, Look};
use crate::spec::table::question;

pub(crate) fn look(look: &mut Look<'_>, app: &App<'_>) {
    if let Some(node) = app.manifest.node.get("name")
        && let Some(text) = node.text()
    {
        let fact = Fact::new("project-name", app.folder(), text, look.tree.evidence(&node.place));
        let bare = text.rsplit('/').next().unwrap_or(text);
        // A name that no Kubernetes object may have leaves the question to the name of the folder.
        let is_valid = question("project.name").is_some_and(|row| row.parse(bare).is_ok());
        look.add(if is_valid { fact.answering("project.name", bare) } else { fact });
    }
    if let Some(node) = app.manifest.node.get("description")
        && let Some(text) = node.text().filter(|text| !text.trim().is_empty())
    {
        let fact = Fact::new("project-description", app.folder(), text, look.tree.evidence(&node.place));
        look.add(fact.answering("project.description", text));
    }
}

/// The folder of the entry point, and the runtime that its start script names.
pub(crate) fn folders(look: &mut Look<'_>, app: &App<'_>) {
    let folder = app.folder();
    let entry = look.report.in_app("entry-point", folder).next().cloned();
    if let Some(entry) = &entry {
        let source = match entry.value.split_once('/') {
            Some((first, _)) if first != "bin" => first,
            _ => ".",
        };
        look.add(
            Fact::new("source-folder", folder, source, entry.evidence[0].clone()).answering("stack.source-dir", source),
        );
    } else if look.report.value("framework", folder) == Some("next") {
        let found = ["src/app/", "src/pages/", "app/", "pages/"]
            .iter()
            .find(|it| look.tree.has_folder(&app.path_of_folder(it)));
        if let Some(place) = found {
            let source = if place.starts_with("src/") { "src" } else { "." };
            let evidence = Evidence::new(&app.path_of_folder(place), None, "");
            look.add(Fact::new("source-folder", folder, source, evidence).answering("stack.source-dir", source));
        }
    }
    runtime(look, app);
}

/// Node with JavaScript, Node with TypeScript as it is, Bun, or a tool that must be there in production.
fn runtime(look: &mut Look<'_>, app: &App<'_>) {
    let folder = app.folder();
    let Some(start) = look.report.value("start-script", folder).map(str::to_owned) else { return };
    let Some((command, key)) = app.manifest.script(&start) else { return };
    let evidence = look.tree.evidence(&key.place);
    let programs: Vec<String> = super::scripts::programs(command).collect();
    let Some(last) = programs.last() else { return };
    let file = look.report.value("start-file", folder).unwrap_or_default();
    let is_typed = [".ts", ".mts", ".cts"].iter().any(|end| file.ends_with(end));
    let value = match last.as_str() {
        "node" if is_typed => "Node.js, TypeScript without a build".to_owned(),
        "node" => "Node.js".to_owned(),
        "bun" => "Bun".to_owned(),
        tool => {
            let tool = tool.to_owned();
            let package = match tool.as_str() {
                "fastify" => "fastify-cli",
                "nest" => "@nestjs/cli",
                other => other,
            };
            let is_dev = app.manifest.dependency(package).is_some_and(|it| it.is_dev);
            let note = if is_dev { ", a development dependency that the image does not hold" } else { "" };
            format!("{tool}{note}")
        }
    };
    look.add(Fact::new("runtime", folder, value, evidence));
}
