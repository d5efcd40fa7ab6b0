//! A repository as it is: what it is made of, each fact with the file and line that shows it.
//!
//! Nothing is run, nothing is written, and no value of a variable is kept. Where places disagree, that is said and the
//! question that they would answer stays open; what cannot be told is said too. Everything is bounded: files, their
//! sizes and the depth of folders.

mod address;
mod code;
mod command;
mod data;
mod deployment;
mod entry;
mod env;
mod fact;
mod fit;
pub mod format;
mod framework;
mod install_files;
mod installs_with;
mod json;
mod kept;
mod left_out;
mod locked;
mod look;
mod manager;
mod manifest;
mod mask;
mod migrations;
mod modules;
mod node_version;
mod one_app;
pub mod ops;
mod package_manager;
mod parts;
mod project;
mod range;
mod run;
mod scripts;
pub(crate) mod source;
mod sqlite;
mod subjects;
mod tree;
mod workspaces;

use std::path::Path;

pub use fact::{AnswerOf, Contradiction, Evidence, Fact, Limit, Looked, Report, Unknown};
pub use fit::{Fit, fit};
pub use one_app::candidates;
pub use subjects::{SUBJECTS, Subject};

use crate::spec::table::QUESTIONS;
use look::{App, Look};
use manifest::Manifest;
use source::Source;
use tree::Tree;

/// Everything that can be told of the repository at `root`.
///
/// # Errors
/// Usage when `root` is no folder, is empty or is not a Node.js repository; otherwise when its package.json cannot be
/// read, with file and line. What is wrong elsewhere is part of the report.
pub fn detect(root: &Path) -> anyhow::Result<Report> {
    let tree = Tree::look(root)?;
    let manifest = Manifest::root(&tree)?;
    let others = Manifest::others(&tree);
    let sources = sources(&tree);
    let mut look = Look { tree: &tree, root: &manifest, report: Report::default() };
    package_manager::look(&mut look);
    install_files::look(&mut look);
    node_version::look(&mut look);
    let members = workspaces::look(&mut look, &others);
    deployment::look(&mut look);
    for manifest in applications(&mut look, &manifest, &members) {
        workspaces::parts(&mut look, manifest, &members);
        let linked = linked(manifest, &members);
        let of_linked = linked.iter().flat_map(|it| own(&sources, it, &others));
        let own = own(&sources, manifest, &others).into_iter().chain(of_linked).collect();
        let app = App { manifest, linked, sources: own };
        application(&mut look, &app);
    }
    let mut report = look.report;
    report.looked = Looked { files: tree.count(), sources: sources.len(), skipped_folders: tree.skipped_folders };
    report.limits = tree.limits();
    open_questions(&mut report);
    report.facts.sort_by_key(|fact| (subjects::rank(fact.subject), fact.folder.clone()));
    Ok(report)
}

/// What is told of each application. Later looks read what earlier ones found.
fn application(look: &mut Look<'_>, app: &App<'_>) {
    project::look(look, app);
    framework::look(look, app);
    scripts::look(look, app);
    let output = modules::look(look, app);
    entry::look(look, app, output.as_deref());
    project::folders(look, app);
    data::look(look, app);
    run::look(look, app, output.as_deref());
    parts::look(look, app);
    code::look(look, app);
    env::look(look, app);
}

/// The packages that something runs: the root without a workspace, else those members that are services.
fn applications<'a>(look: &mut Look<'_>, root: &'a Manifest, members: &[&'a Manifest]) -> Vec<&'a Manifest> {
    if look.report.of("workspace").next().is_none() {
        return vec![root];
    }
    let mut found = Vec::new();
    for manifest in members.iter().copied().chain([root]) {
        let is_root = manifest.folder.is_empty();
        // Scripts of the root start what lies in the members.
        let evidence =
            workspaces::deployable(look, manifest).filter(|it| !is_root || !it.text.starts_with("\"start\""));
        if let Some(evidence) = evidence {
            let folder = if is_root { "." } else { manifest.app() };
            let fact = Fact::new("application", manifest.app(), folder, evidence);
            look.add(fact);
            found.push(manifest);
        }
    }
    let folders: Vec<String> = look.report.of("application").map(|fact| fact.value.clone()).collect();
    match folders.as_slice() {
        [] => {
            let reason = "no member of the workspace has a start script or a framework".to_owned();
            look.unknown("application", "", Some("stack.app-dir"), reason);
        }
        [_] => {
            for fact in look.report.facts.iter_mut().filter(|fact| fact.subject == "application") {
                let value = fact.folder.clone();
                fact.answers = Some(AnswerOf { key: "stack.app-dir", value });
            }
        }
        many => {
            let names = listed(many.iter().map(String::as_str));
            look.unknown("application", "", Some("stack.app-dir"), format!("{names} can each be deployed; name one"));
        }
    }
    found
}

/// The code of the repository, tests left out.
fn sources(tree: &Tree) -> Vec<Source> {
    let paths = tree.paths().filter(|path| is_code(path) && !is_test(path));
    paths.filter_map(|path| Some(Source::new(path, &tree.text(path)?))).collect()
}

fn is_code(path: &str) -> bool {
    let ends = [".ts", ".mts", ".cts", ".tsx", ".js", ".mjs", ".cjs", ".jsx", "bin/www"];
    ends.iter().any(|end| path.ends_with(end)) && !path.ends_with(".d.ts") && !path.ends_with(".min.js")
}

/// Whether nothing of a file runs in production.
fn is_test(path: &str) -> bool {
    let folders = [
        "test",
        "tests",
        "__tests__",
        "__mocks__",
        "e2e",
        "spec",
        "cypress",
        ".storybook",
        "fixtures",
        "examples",
        "public",
        "docs",
    ];
    let (parents, name) = path.rsplit_once('/').unwrap_or(("", path));
    parents.split('/').any(|part| folders.contains(&part))
        || [".test.", ".spec.", ".e2e-spec.", ".stories.", ".bench."].iter().any(|part| name.contains(part))
}

/// The members of the workspace that a package depends on, and those that they depend on.
fn linked<'a>(manifest: &Manifest, members: &[&'a Manifest]) -> Vec<&'a Manifest> {
    let mut found: Vec<&Manifest> = Vec::new();
    let mut next = 0;
    loop {
        let from = if next == 0 {
            manifest
        } else if let Some(known) = found.get(next - 1) {
            known
        } else {
            return found;
        };
        let used = members.iter().filter(|it| it.text(&["name"]).is_some_and(|name| from.runtime(name).is_some()));
        let new: Vec<&Manifest> = used
            .copied()
            .filter(|it| it.path != manifest.path && !found.iter().any(|known| known.path == it.path))
            .collect();
        found.extend(new);
        next += 1;
    }
}

/// The code of a package, without that of packages below it.
fn own<'a>(sources: &'a [Source], manifest: &Manifest, others: &[Manifest]) -> Vec<&'a Source> {
    let below: Vec<&str> = others
        .iter()
        .map(|other| other.folder.as_str())
        .filter(|folder| folder.len() > manifest.folder.len() && folder.starts_with(&manifest.folder))
        .collect();
    let is_own = |source: &&Source| {
        source.path.starts_with(&manifest.folder) && !below.iter().any(|folder| source.path.starts_with(folder))
    };
    sources.iter().filter(is_own).collect()
}

/// Says of each question of the interview that nothing answers it, unless that is said already.
fn open_questions(report: &mut Report) {
    for question in QUESTIONS {
        let is_answered =
            report.facts.iter().any(|fact| fact.answers.as_ref().is_some_and(|it| it.key == question.key));
        let is_said = report.unknown.iter().any(|unknown| unknown.question == Some(question.key))
            || report.contradictions.iter().any(|it| it.question == Some(question.key));
        let is_of_people = matches!(question.section(), "scale" | "deploy");
        if is_of_people && !is_answered && !is_said && (question.asked)(&crate::spec::Answers::default()) {
            report.unknown.push(Unknown {
                subject: "question",
                folder: String::new(),
                reason: format!("no file says it: {}", question.prompt),
                question: Some(question.key),
            });
        }
    }
}

/// `a, b and c`, each once.
fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let mut each: Vec<&str> = Vec::new();
    for name in names {
        if !each.contains(&name) {
            each.push(name);
        }
    }
    match each.as_slice() {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [init @ .., last] => format!("{} and {last}", init.join(", ")),
    }
}
