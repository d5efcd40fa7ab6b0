//! What every look at a part of a repository starts from.

use super::fact::{Contradiction, Evidence, Fact, Report, Unknown, cleaned};
use super::json;
use super::manifest::{Dependency, Manifest};
use super::source::Source;
use super::tree::Tree;
use crate::review::{Node, parse};

/// A repository that is being looked at.
pub(crate) struct Look<'a> {
    pub(crate) tree: &'a Tree,
    /// The package.json of the root.
    pub(crate) root: &'a Manifest,
    pub(crate) report: Report,
}

/// One application: a package that something runs.
pub(crate) struct App<'a> {
    pub(crate) manifest: &'a Manifest,
    /// Packages of the workspace that it is made of, in the order of their dependencies.
    pub(crate) linked: Vec<&'a Manifest>,
    /// Its code and that of the linked packages, without tests and without other packages below them.
    pub(crate) sources: Vec<&'a Source>,
}

impl<'a> App<'a> {
    /// The folder as facts name it; empty for the root.
    pub(crate) fn folder(&self) -> &'a str {
        self.manifest.app()
    }

    /// A dependency of its own or of a linked package; the code of those runs in it.
    pub(crate) fn dependency(&self, name: &str) -> Option<Dependency<'a>> {
        let linked = || self.linked.iter().find_map(|manifest| manifest.dependency(name));
        self.manifest.dependency(name).or_else(linked)
    }

    /// A dependency that the running service needs.
    pub(crate) fn runtime(&self, name: &str) -> Option<Dependency<'a>> {
        let linked = || self.linked.iter().find_map(|manifest| manifest.runtime(name));
        self.manifest.runtime(name).or_else(linked)
    }

    /// The folders of its code, each with its final `/` or empty.
    pub(crate) fn folders(&self) -> Vec<&'a str> {
        [self.manifest].into_iter().chain(self.linked.iter().copied()).map(|it| it.folder.as_str()).collect()
    }

    /// A path of the repository for one of the application.
    pub(crate) fn path(&self, path: &str) -> String {
        crate::review::join(&self.manifest.folder, path)
    }

    /// As [`Self::path`] for a folder, with its final `/`.
    pub(crate) fn path_of_folder(&self, path: &str) -> String {
        format!("{}{path}", self.manifest.folder)
    }
}

impl Look<'_> {
    pub(crate) fn add(&mut self, fact: Fact) {
        self.report.add(fact);
    }

    pub(crate) fn unknown(
        &mut self,
        subject: &'static str,
        folder: &str,
        question: Option<&'static str>,
        reason: String,
    ) {
        let reason = cleaned(reason);
        self.report.unknown.push(Unknown { subject, folder: folder.to_owned(), reason, question });
    }

    pub(crate) fn contradict(
        &mut self,
        subject: &'static str,
        folder: &str,
        question: Option<&'static str>,
        message: String,
        evidence: Vec<Evidence>,
    ) {
        let (folder, message) = (folder.to_owned(), cleaned(message));
        self.report.contradict(Contradiction { subject, folder, message, question, evidence });
    }

    /// A JSON file with comments, as TypeScript and editors write it; what is wrong with it is said.
    pub(crate) fn json(&self, path: &str) -> Option<Node> {
        match json::parse(path, &self.tree.text(path)?, true) {
            Ok(node) => Some(node),
            Err(error) => {
                self.tree.limit(path, Some(error.line), format!("not valid JSON: {}", error.message));
                None
            }
        }
    }

    /// A YAML file; what is wrong with it is said.
    pub(crate) fn yaml(&self, path: &str) -> Option<Node> {
        match parse(path, &self.tree.text(path)?) {
            Ok(documents) => documents.into_iter().next(),
            Err(error) => {
                self.tree.limit(path, error.line, format!("not valid YAML: {}", error.message));
                None
            }
        }
    }

    /// The first line of a file that starts with a text, without the blanks before it.
    pub(crate) fn line_with(&self, path: &str, start: &str) -> Option<Evidence> {
        let text = self.tree.text(path)?;
        let (index, line) = text.lines().enumerate().find(|(_, line)| line.trim_start().starts_with(start))?;
        Some(Evidence::new(path, Some(index + 1), line))
    }
}
