//! Where the files of a service go: to the root of a repository that has one, or to its folder in one that has several.

use std::path::{Path, PathBuf};

use super::{Args, directory};
use crate::cli::several;
use crate::detect::{Report, candidates};
use crate::failure::{refused, usage};
use crate::spec::file::ANSWERS_FILE;
use crate::spec::table::question;
use crate::spec::{Answers, Origin, Value};

/// The question that names the folder.
const APP_DIR: &str = "stack.app-dir";

/// The question that names the environments.
const ENVIRONMENTS: &str = "deploy.environments";

/// Where the files of a service go.
pub(super) enum Layout {
    /// To the root.
    Root,
    /// To its folder.
    Folder {
        /// Which one.
        folder: String,
        /// Whether it is the first one of the repository.
        is_first: bool,
    },
}

impl Layout {
    /// Several services lie in a folder each: where the root lists some, or where a workspace has more than one to start and
    /// nobody wrote answers at its root.
    ///
    /// # Errors
    /// Exit 2 where nobody says which service; refused for one that is there.
    pub(super) fn of(args: &Args, report: &Report) -> anyhow::Result<Self> {
        let found = candidates(report);
        let listed = several::listed(&args.directory)?;
        let has_answers = args.directory.join(ANSWERS_FILE).exists();
        if listed.is_none() && (has_answers || found.len() < 2) {
            return Ok(Self::Root);
        }
        let is_first = listed.is_none();
        let listed = listed.unwrap_or_default();
        let mut flags = Answers::default();
        for assignment in &args.answers.set {
            flags.set_from_flag(assignment)?;
        }
        let asked = flags.text(APP_DIR).map(|folder| folder.trim_end_matches('/')).filter(|folder| !folder.is_empty());
        let shown = args.directory.display();
        match asked {
            Some(folder) if listed.iter().any(|it| it == folder) => Err(refused(format!(
                "{folder} of {shown} is fitted already: `seaworthy upgrade` with its folder takes changed answers, and \
                 `seaworthy diff` shows what it would do."
            ))),
            Some(folder) => Ok(Self::Folder { folder: folder.to_owned(), is_first }),
            // Who asks without a folder is told of all of them.
            None if is_first => Ok(Self::Root),
            None => Err(next_one(&found, &listed)),
        }
    }

    /// Where its answers lie.
    pub(super) fn folder(&self, root: &Path) -> PathBuf {
        match self {
            Self::Root => root.to_owned(),
            Self::Folder { folder, .. } => root.join(folder),
        }
    }

    /// The answers with the folder of the service.
    pub(super) fn with_folder(&self, mut given: Answers) -> Answers {
        if let Self::Folder { folder, .. } = self {
            given.set(APP_DIR, Value::Text(folder.clone()), Origin::Flag);
        }
        given
    }

    /// The answers with names that no other service has, where `given` says nothing else.
    pub(super) fn named(&self, mut known: Answers, given: &Answers, report: &Report, root: &Path) -> Answers {
        let Self::Folder { folder, .. } = self else {
            if let Some(mut existing) = known.existing().cloned() {
                // Which other folders are part of it only matters beside other services.
                existing.depends_on.clear();
                known.set_existing(existing);
            }
            return directory::with_directory_name(known, root);
        };
        known = self.with_folder(known);
        let own = folder.rsplit('/').next().unwrap_or_default().to_ascii_lowercase().replace('_', "-");
        if given.get("project.name").is_none()
            && let Some(name) = service_name(&own, report, root)
        {
            known.set("project.name", Value::Text(name), Origin::Directory);
        }
        let environments = ["staging", "production"].map(|it| format!("{own}-{it}")).to_vec();
        let are_valid = question(ENVIRONMENTS).is_some_and(|row| row.check(&Value::List(environments.clone())).is_ok());
        if given.get(ENVIRONMENTS).is_none() && are_valid {
            known.set(ENVIRONMENTS, Value::List(environments), Origin::Directory);
        }
        directory::with_directory_name(known, &root.join(folder))
    }
}

/// The name of the repository and of the folder: machines and registries know services of other repositories, too.
fn service_name(own: &str, report: &Report, root: &Path) -> Option<String> {
    let row = question("project.name")?;
    let valid = |name: String| row.parse(&name).is_ok().then_some(name);
    let of_manifest = report.in_app("project-name", "").next().and_then(|fact| fact.value.rsplit('/').next());
    let of_directory = directory::project_name(root);
    let repository = of_manifest.map(ToOwned::to_owned).and_then(valid).or(of_directory);
    let joined = repository.map(|name| if name == own { name } else { format!("{name}-{own}") });
    joined.and_then(valid).or_else(|| valid(own.to_owned()))
}

fn next_one(found: &[(&str, String)], listed: &[String]) -> anyhow::Error {
    let open = found.iter().filter(|(folder, _)| !listed.iter().any(|it| it == folder));
    let lines: Vec<&str> = open.map(|(_, line)| line.as_str()).collect();
    if lines.is_empty() {
        return refused(
            "every service of this workspace is fitted already: `seaworthy upgrade` takes changed answers, and `seaworthy diff` \
             shows what it would do.",
        );
    }
    usage(format!("say which service of this workspace is the next one:\n{}", lines.join("\n")))
}
