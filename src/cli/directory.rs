//! The target directory as a source of the project's name.

use std::path::Path;

use crate::spec::table::question;

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
pub(super) fn last_part(directory: &Path) -> Option<String> {
    let part = match directory.file_name() {
        Some(part) => part.to_owned(),
        None => directory.canonicalize().ok()?.file_name()?.to_owned(),
    };
    part.into_string().ok()
}
