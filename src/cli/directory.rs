//! The target directory as a source of the project's name.

use std::path::Path;

use crate::spec::table::question;
use crate::spec::{Answers, Origin, Value};

/// The answers with the directory's name as the project's, unless they have one or it is no valid name.
pub(super) fn with_directory_name(mut answers: Answers, directory: &Path) -> Answers {
    if answers.get("project.name").is_none()
        && let Some(name) = project_name(directory)
    {
        answers.set("project.name", Value::Text(name), Origin::Directory);
    }
    answers
}

/// The answers with a stand-in for the project's name, to look at what does not depend on it.
pub(super) fn with_any_name(mut answers: Answers) -> Answers {
    if answers.get("project.name").is_none() {
        answers.set("project.name", Value::Text("service".to_owned()), Origin::Default);
    }
    answers
}

/// The last part of the path, when it is a valid project name.
pub(super) fn project_name(directory: &Path) -> Option<String> {
    let name = last_part(directory)?;
    let row = question("project.name")?;
    row.parse(&name).is_ok().then_some(name)
}

/// Why the last part of the path is no project name.
pub(super) fn name_problem(directory: &Path) -> Option<String> {
    question("project.name")?.parse(&last_part(directory)?).err()
}

/// The last part of the path; `.` and `..` are looked up.
fn last_part(directory: &Path) -> Option<String> {
    let part = match directory.file_name() {
        Some(part) => part.to_owned(),
        None => directory.canonicalize().ok()?.file_name()?.to_owned(),
    };
    part.into_string().ok()
}
