//! How the image is made: the stages, what each needs, and what is in the last one.

mod existing;
mod workspace;

use anyhow::Context;
use serde::Serialize;

use super::existing::turbo;
use super::place::PACKAGES;
use super::{Packages, Place};
use crate::spec::Spec;
use crate::stack::PackageManager;
use crate::stack::pins::Pins;

/// The image, stage by stage. `.dockerignore` follows from the same copies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Image {
    /// What all stages start from.
    pub base: String,
    /// The stage that gets the package manager, in its exact version.
    pub manager: Manager,
    /// Arguments of the module that leaves of a workspace what an install reads; empty where no stage does that.
    pub manifests: String,
    /// Command that takes what only installs read out of the sources; empty where a build does that, or nothing is there.
    pub tidy: String,
    /// What an install needs, and the two installs.
    pub install: Install,
    /// What the build needs beside the packages, and its commands.
    pub build: Build,
    /// What the last stage takes, in the order of its layers: what changes least first.
    pub contents: Vec<Copy>,
    /// Folders that mounts go over; each is there, empty.
    pub mounts: Vec<String>,
    /// Folder of the service in a workspace, absolute; empty where it is that of all stages.
    pub workdir: String,
    /// Arguments of `node`, relative to the working directory.
    pub start: Vec<String>,
    /// The same of the worker.
    pub worker_start: Vec<String>,
    /// Files and folders that the stages take from the repository, those with a dot in front apart.
    pub context: Vec<String>,
    /// Those with a dot in front.
    pub hidden_context: Vec<String>,
}

/// The stage that gets the package manager.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Manager {
    /// Its name.
    pub stage: &'static str,
    /// Which version, for the comment above it.
    pub comment: String,
    /// How the manager gets in. It needs neither Corepack, which Node.js brings no more, nor a download at run time.
    pub install: Run,
}

/// The files that an install needs, and the installs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Install {
    /// Manifest, lock file, settings and patches.
    pub copies: Vec<Copy>,
    /// Why the commands do more than install; empty when they do not.
    pub comment: &'static str,
    /// With what building and testing need.
    pub all: Run,
    /// What the running service needs. Without it, what only building needs is taken out again at the end.
    pub production: Option<Run>,
}

/// What turns sources into what runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Build {
    /// Sources and settings of the compiler.
    pub copies: Vec<Copy>,
    /// Commands, one layer each. They see no variable of the service. Without any, and nothing to take out, there is no such stage.
    pub commands: Vec<String>,
    /// Takes out what only building needed, where the packages have no stage of their own.
    pub take_out: Option<Run>,
}

/// A command with a cache that outlives the build.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Run {
    /// The command.
    pub command: String,
    /// The folder that is kept.
    pub cache: &'static str,
}

/// A `COPY`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Copy {
    /// The stage that has the sources; the repository without one.
    pub from: Option<&'static str>,
    /// What is copied: paths in the repository, absolute ones in a stage.
    pub sources: Vec<String>,
    /// Sources and target as the instruction takes them.
    pub arguments: String,
}

impl Copy {
    fn of_repository(sources: &[&str], target: &str) -> Self {
        Self::new(None, sources, target)
    }

    fn of_stage(stage: &'static str, source: &str, target: &str) -> Self {
        Self::new(Some(stage), &[source], target)
    }

    fn new(from: Option<&'static str>, sources: &[&str], target: &str) -> Self {
        let words: Vec<String> = sources.iter().copied().chain([target]).map(ToOwned::to_owned).collect();
        // The form for paths with blanks in them.
        let arguments = if words.iter().any(|word| word.contains(char::is_whitespace)) {
            crate::text::json_list(&words)
        } else {
            words.join(" ")
        };
        Self { from, sources: sources.iter().map(|source| (*source).to_owned()).collect(), arguments }
    }
}

/// Where npm keeps what it downloaded, for root in a container. It brings the other managers.
const NPM_CACHE: &str = "/root/.npm";

/// Puts the stages together.
pub(super) fn decide(
    spec: &Spec,
    source_dir: &str,
    place: &Place,
    packages: &Packages,
    pins: &Pins,
) -> anyhow::Result<Image> {
    let manager = spec.package_manager;
    let major = spec.node.major;
    let node = pins.node.get(major).with_context(|| format!("pins.toml has no image of Node.js {major}"))?;
    let run = |command: &str| Run { command: command.to_owned(), cache: manager.cache };
    let (without_peers, comment) = without_peers(spec);
    let at = Root { prefix: &place.prefix };
    let mut copies = vec![Copy::of_repository(&["package.json", manager.lock_file, manager.settings_file], "./")];
    let mut production = format!("{}{without_peers}", manager.install_production);
    let mut build_command = format!("{} build", manager.run);
    if place.is_within() {
        let folder = &place.folder;
        copies.push(Copy::of_repository(&[PACKAGES], &format!("./{PACKAGES}")));
        copies.push(at.of_repository(&["package.json"], "./"));
        production = manager.install_part(folder, &[]);
        build_command = format!("{} && rm -rf {PACKAGES}/*/node_modules", turbo("build", folder));
    }
    let install = Install { copies, comment, all: run(manager.install), production: Some(run(&production)) };
    let stage = Manager {
        stage: manager.name,
        comment: version_comment(spec, packages),
        install: install_manager(manager, &packages.specifier),
    };
    if let Some(existing) = &spec.existing {
        let base = node.image.clone();
        return Ok(if spec.app_dir.is_empty() {
            existing::image(existing, manager, base, stage)
        } else {
            workspace::image(&spec.app_dir, &place.prefix, existing, manager, base, stage)
        });
    }
    let build = Build { copies: build_copies(spec, &at, source_dir), commands: vec![build_command], take_out: None };
    let contents = contents(spec, place, &at);
    let all = install.copies.iter().chain(&build.copies).chain(&contents);
    let (hidden_context, context) = context(all);
    Ok(Image {
        base: node.image.clone(),
        manager: stage,
        manifests: String::new(),
        tidy: String::new(),
        install,
        build,
        contents,
        mounts: Vec::new(),
        workdir: if place.is_within() { format!("/app/{}", place.folder) } else { String::new() },
        start: vec!["dist/server.js".to_owned()],
        worker_start: vec!["dist/worker.js".to_owned()],
        context,
        hidden_context,
    })
}

fn version_comment(spec: &Spec, packages: &Packages) -> String {
    let name = packages.manager.name;
    match (&spec.existing, packages.manager.comes_with_node) {
        (Some(_), _) => format!("{name} in one exact version, so that every build installs alike."),
        (None, true) => format!("{name} in the version that package.json names; the image's own may differ."),
        (None, false) => format!("{name} in the version that package.json names."),
    }
}

fn install_manager(manager: &PackageManager, specifier: &str) -> Run {
    let install = format!("npm install --global {specifier}");
    let command = match manager.replaces {
        [] => install,
        replaced => format!("rm -f {} && {install}", replaced.join(" ")),
    };
    Run { command, cache: NPM_CACHE }
}

/// What keeps tools for building out of an install for production where a package has them as peers, and why.
fn without_peers(spec: &Spec) -> (&'static str, &'static str) {
    if spec.data_access.is_some_and(|it| it.tool_is_peer) {
        (spec.package_manager.without_peers, spec.package_manager.without_peers_comment)
    } else {
        ("", "")
    }
}

/// Where the service lies in the repository and in the stages.
struct Root<'a> {
    /// In front of a path: empty, or with a slash at its end.
    prefix: &'a str,
}

impl Root<'_> {
    fn of_repository(&self, sources: &[&str], target: &str) -> Copy {
        let sources: Vec<String> = sources.iter().map(|it| format!("{}{it}", self.prefix)).collect();
        let sources: Vec<&str> = sources.iter().map(String::as_str).collect();
        Copy::of_repository(&sources, &self.target(target))
    }

    fn of_stage(&self, stage: &'static str, path: &str) -> Copy {
        Copy::of_stage(stage, &format!("/app/{}{path}", self.prefix), &self.target(path))
    }

    fn target(&self, path: &str) -> String {
        format!("./{}{}", self.prefix, path.trim_start_matches("./"))
    }
}

/// Settings in one layer, and each folder in one of its own.
fn build_copies(spec: &Spec, at: &Root, source_dir: &str) -> Vec<Copy> {
    let (files, folders): (Vec<&str>, Vec<&str>) =
        spec.framework.build_reads.iter().copied().partition(|path| path.contains('.'));
    let settings: Vec<&str> = ["tsconfig.json", "tsconfig.build.json"].into_iter().chain(files).collect();
    let folders = folders.into_iter().chain([source_dir]);
    let generated = spec.data_access.and_then(|it| it.generated.as_ref()).map_or(&[][..], |it| it.from);
    let of_workspace = (!at.prefix.is_empty()).then(|| Copy::of_repository(&["turbo.json"], "./"));
    of_workspace
        .into_iter()
        .chain([at.of_repository(&settings, "./")])
        .chain(generated.iter().map(|(source, folder)| at.of_repository(&[source], folder)))
        .chain(folders.map(|folder| at.of_repository(&[folder], folder)))
        .collect()
}

fn contents(spec: &Spec, place: &Place, at: &Root) -> Vec<Copy> {
    let packages = Copy::of_stage("dependencies", "/app/node_modules", "./node_modules");
    let mut contents = if place.is_within() {
        let of_stage = |stage| Copy::of_stage(stage, &format!("/app/{PACKAGES}"), &format!("./{PACKAGES}"));
        let own = at.of_stage("dependencies", "node_modules");
        // Packages of the workspace: what each needs at run time, then what was built of it.
        vec![packages, of_stage("dependencies"), own, of_stage("build"), at.of_repository(&["package.json"], "./")]
    } else {
        vec![at.of_repository(&["package.json"], "./"), packages]
    };
    if let Some(data_access) = spec.data_access {
        let folder = data_access.migrations.folder;
        contents.push(at.of_repository(&[folder], folder));
    }
    contents.extend(spec.framework.built.iter().map(|folder| at.of_stage("build", folder)));
    contents
}

/// What the copies take from the repository, each once: hidden names, and the others.
fn context<'a>(copies: impl Iterator<Item = &'a Copy>) -> (Vec<String>, Vec<String>) {
    let mut sources: Vec<String> = Vec::new();
    for source in copies.filter(|copy| copy.from.is_none()).flat_map(|copy| &copy.sources) {
        if !sources.contains(source) {
            sources.push(source.clone());
        }
    }
    sources.into_iter().partition(|source| source.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_with_a_blank_is_one_word_of_a_copy() {
        assert_eq!(Copy::of_repository(&["src"], "./src").arguments, "src ./src");
        assert_eq!(Copy::of_repository(&["my src"], "./my src").arguments, r#"["my src", "./my src"]"#);
    }

    #[test]
    fn the_context_is_what_the_repository_gives_each_once() {
        let copies = [
            Copy::of_repository(&["package.json", ".npmrc"], "./"),
            Copy::of_stage("build", "/app/dist", "./dist"),
            Copy::of_repository(&["package.json", "src"], "./"),
        ];
        let (hidden, open) = context(copies.iter());
        assert_eq!(hidden, [".npmrc"]);
        assert_eq!(open, ["package.json", "src"]);
    }
}
