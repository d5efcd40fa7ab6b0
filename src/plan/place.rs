//! Where a service lies: it is the repository, or one of several in a workspace, each in a folder of its own.

use serde::Serialize;

use crate::spec::Spec;
use crate::spec::repository::id_prefix;

/// Folder of the workflows: GitHub reads them from nowhere else.
const WORKFLOWS: &str = ".github/workflows/";

/// Folder of what services of an emitted workspace share.
pub const PACKAGES: &str = "packages";

/// Where the files of a service lie, and what keeps them apart from those of others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Place {
    /// Folder of the service; empty where it is the repository.
    pub folder: String,
    /// The same in front of a path: empty, or with a slash at its end.
    pub prefix: String,
    /// Last part of the folder, for names of workflows and jobs; empty where the service is the repository.
    pub name: String,
    /// The name behind a slash, for the name of the image in the registry.
    pub image: String,
    /// The name behind a hyphen, for groups of jobs that wait for each other.
    pub suffix: String,
    /// What `build` of a compose file takes, as a mapping in YAML; behind it the same with the target of each process.
    pub build: Build,
    /// Port of the developer's machine, where services of other folders have theirs.
    pub local_port: u16,
    /// File name of the workflow that checks.
    pub ci: String,
    /// File name of the workflow that deploys.
    pub deploy: String,
    /// Patterns of GitHub for the files that the service is made of: changes to others deploy nothing.
    pub paths: Vec<String>,
    /// The same for git, as words of a shell.
    pub pathspecs: String,
    /// Paths of the answers, for git as words of a shell.
    pub answers: &'static str,
}

/// Values of `build` in a compose file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Build {
    /// Of an image with one process.
    pub only: String,
    /// Of the service beside a worker.
    pub service: String,
    /// Of the worker.
    pub worker: String,
}

impl Place {
    /// A service that is the repository.
    #[must_use]
    pub fn whole(spec: &Spec) -> Self {
        Self {
            folder: String::new(),
            prefix: String::new(),
            name: String::new(),
            image: String::new(),
            suffix: String::new(),
            build: Build {
                only: ".".to_owned(),
                service: "{ context: ., target: service }".to_owned(),
                worker: "{ context: ., target: worker }".to_owned(),
            },
            local_port: spec.port,
            ci: "ci.yml".to_owned(),
            deploy: "deploy.yml".to_owned(),
            paths: Vec::new(),
            pathspecs: String::new(),
            answers: "seaworthy.toml",
        }
    }

    /// A service in the folder of its answers, beside others. `local_port` is one that no other has.
    #[must_use]
    pub fn within(spec: &Spec, local_port: u16) -> Self {
        let folder = &spec.app_dir;
        let name = folder.rsplit('/').next().unwrap_or_default().to_owned();
        let up = vec![".."; folder.split('/').count()].join("/");
        let build = |target: &str| format!("{{ context: {up}, dockerfile: {folder}/Dockerfile{target} }}");
        let (ci, deploy) = (format!("ci-{name}.yml"), format!("deploy-{name}.yml"));
        Self {
            prefix: format!("{folder}/"),
            image: format!("/{}", name.to_ascii_lowercase()),
            suffix: format!("-{name}"),
            build: Build { only: build(""), service: build(", target: service"), worker: build(", target: worker") },
            local_port,
            paths: paths(spec, &[&ci, &deploy]),
            pathspecs: pathspecs(spec, &[&ci, &deploy]),
            // Those of each service, and the list of them.
            answers: "':(glob)**/seaworthy.toml'",
            folder: folder.clone(),
            name,
            ci,
            deploy,
        }
    }

    /// Whether the service is one of several.
    #[must_use]
    pub fn is_within(&self) -> bool {
        !self.folder.is_empty()
    }

    /// Where a file lies that has this path in a repository of one service.
    #[must_use]
    pub fn path(&self, path: &str) -> String {
        if !self.is_within() {
            return path.to_owned();
        }
        match (path.strip_prefix(WORKFLOWS).and_then(|name| name.strip_suffix(".yml")), path) {
            (Some(name), _) => format!("{WORKFLOWS}{name}-{}.yml", self.name),
            // Its builder sees the whole repository, and reads the one beside its Dockerfile first.
            (None, ".dockerignore") => format!("{}Dockerfile.dockerignore", self.prefix),
            (None, _) => format!("{}{path}", self.prefix),
        }
    }

    /// The id of a file that has this one in a repository of one service.
    #[must_use]
    pub fn id(&self, id: &str) -> String {
        if self.is_within() { format!("{}{id}", id_prefix(&self.folder)) } else { id.to_owned() }
    }
}

/// Folders of the workspace that the service is made of, its own first.
fn folders(spec: &Spec) -> Vec<&str> {
    let existing = spec.existing.iter();
    let mut folders = vec![spec.app_dir.as_str()];
    // In a workspace of ours a service may be made of any of its packages.
    folders.extend(spec.existing.is_none().then_some(PACKAGES));
    for folder in existing.flat_map(|it| it.packages.iter().chain(&it.build_first).chain(&it.depends_on)) {
        if !folders.contains(&folder.as_str()) {
            folders.push(folder);
        }
    }
    folders
}

/// What installs read of folders and of hidden files; the others lie at the root, where each file counts.
fn install_paths(spec: &Spec) -> impl Iterator<Item = &String> {
    let needed = spec.existing.iter().flat_map(|it| &it.install_files);
    needed.filter(|path| path.contains('/') || path.starts_with('.'))
}

/// Any file at the root may be a setting that builds read; prose and the list of services are none.
fn paths(spec: &Spec, workflows: &[&str]) -> Vec<String> {
    let folders = folders(spec).into_iter().map(|folder| format!("{folder}/**"));
    let needed = install_paths(spec).map(|path| path.strip_suffix('/').map_or(path.clone(), |it| format!("{it}/**")));
    let workflows = workflows.iter().map(|name| format!("{WORKFLOWS}{name}"));
    let root = ["*", "!*.md", "!seaworthy.toml"].map(ToOwned::to_owned);
    root.into_iter().chain(folders).chain(needed).chain(workflows).collect()
}

fn pathspecs(spec: &Spec, workflows: &[&str]) -> String {
    let root = ["':(glob)*'", "':(exclude,glob)*.md'", "':(exclude)seaworthy.toml'"].map(ToOwned::to_owned);
    let folders = folders(spec).into_iter().map(ToOwned::to_owned);
    let needed = install_paths(spec).map(|path| path.trim_end_matches('/').to_owned());
    let workflows = workflows.iter().map(|name| format!("{WORKFLOWS}{name}"));
    let words: Vec<String> = root.into_iter().chain(folders).chain(needed).chain(workflows).collect();
    words.join(" ")
}
