//! What the checker reads of a repository.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::Result;

use super::cloud_run::{self, Definition};
use super::compose::{self, Compose, MOST_SERVICES, Purpose};
use super::dockerfile::{self, Dockerfile};
use super::ecs::{self, Ecs};
use super::env::{self, EnvFile, EnvKey};
use super::kubernetes::workloads;
use super::kustomize::{self, Overlay};
use super::walk::{is_compose, is_dockerfile, walk};
use super::workflow::{self, Workflow};
use crate::review::{Node, Place, Problem, Read, Skipped, parse};
use crate::spec::file::ANSWERS_FILE;
use crate::spec::repository::services;

/// Of one overlay or folder.
const MOST_OBJECTS: usize = 2_000;

/// The files of a repository, by path, and what they mean.
#[derive(Default)]
pub(crate) struct Repository {
    pub(crate) files: BTreeMap<String, String>,
    /// Every file, read or not.
    pub(crate) paths: BTreeSet<String>,
    pub(crate) dockerfiles: Vec<Dockerfile>,
    /// Each compose file as docker compose would see it: `compose.dev.yaml` merged over `compose.yaml`.
    pub(crate) compose: Vec<Compose>,
    /// The keys of the zod schema in src/ops/env.ts.
    pub(crate) schema: Vec<EnvKey>,
    pub(crate) env_example: Option<EnvFile>,
    pub(crate) workflows: Vec<Workflow>,
    /// Each kustomization that no other one includes, built, and manifests that no kustomization applies, by folder.
    pub(crate) overlays: Vec<Overlay>,
    /// Services and jobs of Cloud Run.
    pub(crate) cloud_run: Vec<Definition>,
    pub(crate) ecs: Ecs,
    pub(crate) unreadable: Vec<Problem>,
    pub(crate) skipped: Vec<Skipped>,
}

impl Repository {
    pub(crate) fn read(root: &Path) -> Result<Self> {
        let tree = walk(root)?;
        let mut repository = Self { paths: tree.paths, skipped: tree.skipped, ..Self::default() };
        repository.parse(tree.files, "");
        Ok(repository)
    }

    /// The same without the files of other services, and with what is relative to the folder `own` taken from there.
    pub(crate) fn of_service(&self, own: &str, services: &[String]) -> Self {
        let is_other = |path: &str| services.iter().any(|folder| folder != own && is_below(path, folder));
        let files = self.files.iter().filter(|(path, _)| !is_other(path));
        let mut repository = Self { paths: self.paths.clone(), ..Self::default() };
        repository.parse(files.map(|(path, text)| (path.clone(), text.clone())).collect(), &format!("{own}/"));
        repository
    }

    /// Folders of the services that the root's answers list; none in a repository of one.
    pub(crate) fn services(&self) -> Vec<String> {
        let list = self.files.get(ANSWERS_FILE).and_then(|text| services(ANSWERS_FILE, text).ok().flatten());
        list.unwrap_or_default()
    }

    fn parse(&mut self, files: BTreeMap<String, String>, own: &str) {
        let documents = self.documents(&files);
        self.schema = env::schema(&files);
        if let (Some(path), true) = (env::schema_path(&files), self.schema.is_empty()) {
            self.unreadable.push(Problem::new(
                &Place::file(path),
                "no keys were found in the schema",
                "Keep the keys one to a line, `KEY: z...`, inside z.object({ ... }).",
            ));
        }
        let dockerfiles = files.iter().filter(|(path, _)| is_dockerfile(path));
        self.dockerfiles = dockerfiles.map(|(path, text)| dockerfile::parse(path, text)).collect();
        self.compose = compose::read(&documents);
        let example = format!("{own}.env.example");
        self.env_example = files.get(&example).map(|text| env::parse_file(&example, text));
        self.workflows = workflow::read(&documents);
        self.cloud_run = cloud_run::read(&documents);
        self.ecs = ecs::read(&files, &documents);
        self.overlays = kustomize::read(&files, &self.paths, &documents);
        self.files = files;
        self.bound();
    }

    /// Rules compare objects with each other: what no repository has is cut, and said.
    fn bound(&mut self) {
        for compose in &self.compose {
            if compose.node.entries_at(&["services"]).len() > MOST_SERVICES {
                let reason = format!("only the first {MOST_SERVICES} services were looked at");
                self.skipped.push(Skipped { file: compose.path.clone(), reason });
            }
        }
        for overlay in &mut self.overlays {
            if overlay.objects.len() > MOST_OBJECTS {
                overlay.objects.truncate(MOST_OBJECTS);
                overlay.is_complete = false;
                let reason = format!("only the first {MOST_OBJECTS} objects were looked at");
                self.skipped.push(Skipped { file: overlay.folder.clone(), reason });
            }
        }
    }

    /// The YAML files, parsed. One that does not parse is a problem only where something is deployed from it.
    fn documents(&mut self, files: &BTreeMap<String, String>) -> BTreeMap<String, Vec<Node>> {
        let mut documents = BTreeMap::new();
        for (path, text) in files.iter().filter(|(path, _)| is_yaml(path)) {
            match parse(path, text) {
                Ok(parsed) => {
                    documents.insert(path.clone(), parsed);
                }
                Err(error) if !is_deployed(path, text) => drop(error),
                Err(error) if error.is_too_large => {
                    self.skipped.push(Skipped { file: path.clone(), reason: error.message });
                }
                Err(error) => self.unreadable.push(Problem::new(
                    &error.line.map_or_else(|| Place::file(path), |line| Place::line(path, line)),
                    format!("not valid YAML: {}", error.message),
                    "Mend the syntax; nothing in this file was checked.",
                )),
            }
        }
        documents
    }

    /// The services of compose files that run somewhere for users: without files and services for development, and without
    /// those that only stand in where the production's own files, or Kubernetes, are elsewhere in the repository.
    pub(crate) fn production_services(&self) -> Vec<(&Compose, compose::Service<'_>)> {
        let says_production = self.compose.iter().any(|compose| compose.purpose == Purpose::Production);
        let has_pods = self.overlays.iter().any(|overlay| !workloads(overlay).is_empty());
        let has_tasks = !self.ecs.tasks.is_empty();
        let files = self.compose.iter().filter(|compose| match compose.purpose {
            Purpose::Production => true,
            Purpose::Unsaid => !says_production && !has_pods && !has_tasks,
            Purpose::Development => false,
        });
        let services = files.flat_map(|compose| compose.services().into_iter().map(move |service| (compose, service)));
        services.filter(|(_, service)| !service.is_development()).collect()
    }

    /// The Dockerfile of the service that the environment schema belongs to: the one beside `src`, or the only one.
    pub(crate) fn app_image(&self) -> Option<&Dockerfile> {
        let schema = env::schema_path(&self.files);
        let root = schema.and_then(|path| path.strip_suffix("src/ops/env.ts")).unwrap_or_default();
        let own = self.dockerfiles.iter().find(|image| image.path == format!("{root}Dockerfile"));
        own.or_else(|| self.dockerfiles.iter().find(|image| image.path == "Dockerfile")).or(match &*self.dockerfiles {
            [only] => Some(only),
            _ => None,
        })
    }

    /// The Dockerfile that a compose service runs: the one that it builds, or that of the application.
    pub(crate) fn image_of(&self, service: &compose::Service<'_>) -> Option<&Dockerfile> {
        match service.dockerfile_path() {
            Some(path) => self.dockerfiles.iter().find(|image| image.path == path),
            None => self.app_image().filter(|_| service.is_app()),
        }
    }

    pub(crate) fn count(&self) -> Read {
        Read {
            dockerfiles: self.dockerfiles.len(),
            compose: self.compose.len(),
            kubernetes_objects: self.overlays.iter().map(|overlay| overlay.objects.len()).sum(),
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

/// Whether a path lies in a folder.
pub(crate) fn is_below(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

fn is_yaml(path: &str) -> bool {
    path.ends_with(".yaml") || path.ends_with(".yml") || path.ends_with("/Kustomization")
}

/// Whether a file is one that compose, GitHub or Kubernetes reads as it is. Templates (Helm's) are not.
fn is_deployed(path: &str, text: &str) -> bool {
    let has_line = |start: &str| text.lines().any(|line| line.starts_with(start));
    let is_manifest = has_line("apiVersion:") && has_line("kind:");
    let is_known = is_compose(path) || path.starts_with(".github/workflows/") || path.contains("/kustomization.");
    let is_template = text.contains("{{") && !path.starts_with(".github/");
    (is_known || is_manifest) && !is_template
}
