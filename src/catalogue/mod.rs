//! Which files a plan calls for: one row a file.

mod data_access_rows;
mod framework_rows;
mod ops_rows;
mod rows;

use std::collections::BTreeSet;

use crate::plan::{Environment, Plan};
use crate::render::file_set::{Mode, Policy};
use crate::stack::parts;

/// Folder name in a template path that stands for each environment in turn.
const EACH_ENVIRONMENT: &str = "/ENV/";

/// One emitted file, or one for each environment when its template stands below a folder `ENV`.
pub struct Row {
    /// Stable across versions, also when the path moves.
    pub id: &'static str,
    /// Path of the template below `templates/`; without its first folder and `.j2` it is the emitted path.
    pub template: &'static str,
    /// What later runs may do with the file.
    pub policy: Policy,
    /// A condition beyond the one of the part that owns the folder.
    pub when: fn(&Plan, Option<&Environment>) -> bool,
}

/// A file that a plan calls for, still to be rendered.
pub struct Output<'a> {
    /// The row.
    pub row: &'static Row,
    /// Stable id, with the environment's name where there is one file for each.
    pub id: String,
    /// Path relative to the target.
    pub path: String,
    /// The environment that it is for.
    pub environment: Option<&'a Environment>,
}

impl Row {
    /// The template folder, which names the part.
    #[must_use]
    pub fn folder(&self) -> &'static str {
        self.template.split_once('/').map_or("", |(folder, _)| folder)
    }

    fn path(&self) -> &'static str {
        let path = self.template.split_once('/').map_or(self.template, |(_, path)| path);
        path.strip_suffix(".j2").unwrap_or(path)
    }

    fn is_for_each_environment(&self) -> bool {
        self.template.contains(EACH_ENVIRONMENT)
    }

    /// Whether it is JavaScript of `src/ops`, for code that was there before.
    #[must_use]
    pub fn is_javascript_of_ops(&self) -> bool {
        self.folder().starts_with("javascript-")
    }

    /// Permission bits: scripts are executable.
    #[must_use]
    pub fn mode(&self) -> Mode {
        if self.path().ends_with(".sh") { Mode::Executable } else { Mode::Regular }
    }
}

/// All files that any plan can call for.
pub fn rows() -> impl Iterator<Item = &'static Row> {
    rows::ROWS.iter().chain(framework_rows::ROWS).chain(ops_rows::ROWS).chain(data_access_rows::ROWS)
}

/// The files that a plan calls for.
#[must_use]
pub fn outputs(plan: &Plan) -> Vec<Output<'_>> {
    let folders: BTreeSet<&str> = parts::used(plan).map(|part| part.folder).collect();
    rows().filter(|row| folders.contains(row.folder())).flat_map(|row| row_outputs(row, plan)).collect()
}

/// The files that a repository of several services calls for, beside those of each; `is_emitted`: with the root of the workspace.
pub fn of_repository(is_emitted: bool) -> impl Iterator<Item = Output<'static>> {
    let own =
        rows().filter(move |row| row.folder() == parts::REPOSITORY || (is_emitted && row.folder() == parts::WORKSPACE));
    own.map(|row| Output { row, id: row.id.to_owned(), path: row.path().to_owned(), environment: None })
}

fn row_outputs<'a>(row: &'static Row, plan: &'a Plan) -> Vec<Output<'a>> {
    if row.is_for_each_environment() {
        let each = plan.environments.iter().filter(|environment| (row.when)(plan, Some(environment)));
        return each.map(|environment| environment_output(row, plan, environment)).collect();
    }
    if !(row.when)(plan, None) {
        return Vec::new();
    }
    // In code that was there before, `src/ops` lies where the answers say.
    let in_theirs = plan.existing.ops.as_ref().and_then(|ops| ops.path(row.path()));
    let path = in_theirs.unwrap_or_else(|| plan.place.path(row.path()));
    vec![Output { row, id: plan.place.id(row.id), path, environment: None }]
}

fn environment_output<'a>(row: &'static Row, plan: &Plan, environment: &'a Environment) -> Output<'a> {
    let path = row.path().replacen(EACH_ENVIRONMENT, &format!("/{}/", environment.name), 1);
    Output {
        row,
        id: plan.place.id(&format!("{}.{}", row.id, environment.name)),
        path: plan.place.path(&path),
        environment: Some(environment),
    }
}
