//! What the checker reads of a repository.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::compose::{self, Compose};
use super::dockerfile::{self, Dockerfile};
use super::env::{self, EnvFile, EnvKey};
use super::kustomize::{self, Overlay};
use super::workflow::{self, Workflow};
use crate::review::{Node, Place, Problem, Read, parse};

/// Folders that hold other people's files, or what a build made.
const NOT_OURS: [&str; 6] = ["node_modules", ".git", "dist", "target", ".seaworthy", "coverage"];

/// The files of a repository, by path, and what they mean.
pub(crate) struct Repository {
    pub(crate) files: BTreeMap<String, String>,
    pub(crate) dockerfile: Option<Dockerfile>,
    /// Each compose file as docker compose would see it: `compose.dev.yaml` merged over `compose.yaml`.
    pub(crate) compose: Vec<Compose>,
    /// The keys of the zod schema in src/ops/env.ts.
    pub(crate) schema: Vec<EnvKey>,
    pub(crate) env_example: Option<EnvFile>,
    pub(crate) workflows: Vec<Workflow>,
    /// Each kustomization that no other one includes, built.
    pub(crate) overlays: Vec<Overlay>,
    pub(crate) unreadable: Vec<Problem>,
}

impl Repository {
    pub(crate) fn read(root: &Path) -> Result<Self> {
        let mut files = BTreeMap::new();
        gather(root, "", &mut files).with_context(|| format!("reading {}", root.display()))?;
        Ok(Self::from_files(files))
    }

    fn from_files(files: BTreeMap<String, String>) -> Self {
        let mut unreadable = Vec::new();
        let documents = documents(&files, &mut unreadable);
        let schema = env::schema(&files);
        if let (Some(path), true) = (env::schema_path(&files), schema.is_empty()) {
            unreadable.push(Problem::new(
                &Place::file(path),
                "no keys were found in the schema",
                "Keep the keys one to a line, `KEY: z...`, inside z.object({ ... }).",
            ));
        }
        Self {
            dockerfile: files.get("Dockerfile").map(|text| dockerfile::parse("Dockerfile", text)),
            compose: compose::read(&documents),
            schema,
            env_example: files.get(".env.example").map(|text| env::parse_file(".env.example", text)),
            workflows: workflow::read(&documents),
            overlays: kustomize::read(&files, &documents),
            unreadable,
            files,
        }
    }

    pub(crate) fn count(&self) -> Read {
        Read {
            dockerfiles: usize::from(self.dockerfile.is_some()),
            compose: self.compose.len(),
            kustomizations: self.overlays.len(),
            workflows: self.workflows.len(),
            env_keys: self.schema.len(),
        }
    }

    /// The lines of a file, for what the parsers do not keep, such as comments.
    pub(crate) fn line(&self, place: &Place) -> &str {
        let text = self.files.get(place.file.as_ref()).map_or("", String::as_str);
        let index = place.line.unwrap_or(1).saturating_sub(1);
        text.lines().nth(index).unwrap_or_default()
    }

    pub(crate) fn key(&self, name: &str) -> Option<&EnvKey> {
        self.schema.iter().find(|key| key.name == name)
    }
}

fn gather(directory: &Path, prefix: &str, files: &mut BTreeMap<String, String>) -> Result<()> {
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = format!("{prefix}{name}");
        let kind = entry.file_type()?;
        if kind.is_dir() && !NOT_OURS.contains(&name.as_str()) {
            gather(&entry.path(), &format!("{path}/"), files)?;
        } else if kind.is_file() {
            // What is not UTF-8 is not text that any rule reads.
            if let Ok(text) = fs::read_to_string(entry.path()) {
                files.insert(path, text);
            }
        }
    }
    Ok(())
}

/// The YAML files, parsed.
fn documents(files: &BTreeMap<String, String>, unreadable: &mut Vec<Problem>) -> BTreeMap<String, Vec<Node>> {
    let mut documents = BTreeMap::new();
    for (path, text) in files {
        let extension = Path::new(path).extension().and_then(|extension| extension.to_str());
        if !matches!(extension, Some("yaml" | "yml")) {
            continue;
        }
        match parse(path, text) {
            Ok(parsed) => {
                documents.insert(path.clone(), parsed);
            }
            Err(error) => unreadable.push(Problem::new(
                &Place::file(path),
                format!("not valid YAML: {error:#}"),
                "Mend the syntax; nothing in this file was checked.",
            )),
        }
    }
    documents
}
