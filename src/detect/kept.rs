//! Which folders have to stay for a SQLite database in a file, and what else has to be said of it.

use super::fact::{Evidence, Fact, Report};
use super::sqlite::IN_MEMORY;
use crate::failure::usage;
use crate::spec::existing::can_be_folder;

/// The folder for a file that a variable names.
const FOLDER: &str = "data";

/// What keeps the file.
pub(super) struct Kept {
    /// Folders of the image.
    pub(super) folders: Vec<String>,
    /// A variable with the value that puts the file there; none where the code names the folder.
    pub(super) variable: Option<(Fact, String)>,
    /// What whoever runs it has to know.
    pub(super) said: Vec<String>,
}

/// Where the file of the application at the root stays; none without one. `app` is its folder in a workspace, with its final
/// `/`, or empty.
///
/// # Errors
/// Usage where the code does not say in which folder the file lies.
pub(super) fn kept(report: &Report, app: &str) -> anyhow::Result<Option<Kept>> {
    let Some(database) = report.in_app("database", "").find(|fact| fact.value == "sqlite") else { return Ok(None) };
    let files: Vec<&str> = report.in_app("sqlite-file", "").map(|fact| fact.value.as_str()).collect();
    let variables: Vec<&Fact> = report.in_app("sqlite-variable", "").collect();
    if let [variable] = variables.as_slice() {
        let name = files.iter().map(|path| name(path)).find(|name| *name != IN_MEMORY).unwrap_or("app.db");
        let is_address = files.iter().any(|path| path.starts_with("file:"))
            || variable.evidence.first().is_some_and(|it| it.file.ends_with(".prisma"));
        let scheme = if is_address { "file:" } else { "" };
        let value = format!("{scheme}/app/{app}{FOLDER}/{name}");
        return Ok(Some(Kept {
            said: said(database, &[FOLDER.to_owned()]),
            folders: vec![FOLDER.to_owned()],
            variable: Some(((*variable).clone(), value)),
        }));
    }
    let in_files: Vec<&str> = files.iter().copied().filter(|path| *path != IN_MEMORY).collect();
    let folders: Option<Vec<String>> = in_files.iter().map(|path| folder(path)).collect();
    match folders {
        Some(mut folders) if variables.is_empty() && !files.is_empty() => {
            folders.sort();
            folders.dedup();
            Ok(Some(Kept { said: said(database, &folders), folders, variable: None }))
        }
        _ => Err(unsure(database)),
    }
}

/// The last part of a path.
fn name(path: &str) -> &str {
    path.rsplit(['/', ':']).next().unwrap_or(path)
}

/// The folder of a path below the working directory; none for a file in that itself, which no volume goes over.
fn folder(path: &str) -> Option<String> {
    let path = path.strip_prefix("file:").unwrap_or(path);
    let path = path.strip_prefix("./").unwrap_or(path);
    let (folder, _) = path.rsplit_once('/')?;
    can_be_folder(folder).then(|| folder.to_owned())
}

fn said(database: &Fact, folders: &[String]) -> Vec<String> {
    let place = database.evidence.first().map(Evidence::place).unwrap_or_default();
    if folders.is_empty() {
        return vec![format!("sqlite ({place}): it is in memory only, and empty when an instance starts")];
    }
    vec![
        format!(
            "sqlite ({place}): {} stays in a volume of the one machine. During a deploy two versions have the file open: set \
             a busy timeout, and let a new version change tables so that the one before can go on. deploy/compose/\
             backup-files.sh copies it; run that each night",
            crate::detect::listed(folders.iter().map(String::as_str))
        ),
        "migrations: no deploy runs any on SQLite; run them where the service starts".to_owned(),
    ]
}

fn unsure(database: &Fact) -> anyhow::Error {
    let place = database.evidence.first().map(Evidence::place).unwrap_or_default();
    usage(format!(
        "{place} says sqlite, and the code does not say in one place in which folder its file lies, so that nothing can keep it. \
         Give the file a folder of its own, below the one that the service starts in, and say so in seaworthy.toml:\n  \
         schema = 1\n  [existing]\n  start = [\"server.js\"]\n  kept = [\"data\"]\nand run this again; or, if the file is elsewhere \
         (libSQL over the network) or may be lost, --set stack.database=none. Nothing was written."
    ))
}
