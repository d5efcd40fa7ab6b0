//! Folders whose files stay when an instance ends: a database in a file, files that users uploaded.

use serde::Serialize;

use super::platform::Platform;
use crate::failure::usage;
use crate::spec::Spec;

/// A folder whose files stay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Kept {
    /// Its path in the repository.
    pub path: String,
    /// Its path in the image, absolute.
    pub folder: String,
    /// The volume that holds it.
    pub volume: String,
}

/// Gives each folder a volume.
///
/// # Errors
/// Exit 2 where instances have no disk that stays, or share none.
pub(super) fn decide(spec: &Spec, chosen: Platform) -> anyhow::Result<Vec<Kept>> {
    let folders = spec.existing.as_ref().map_or(&[][..], |existing| existing.kept.as_slice());
    if let (Some(folder), false) = (folders.first(), chosen == Platform::Compose) {
        return Err(usage(format!(
            "existing.kept: {folder} stays on the disk of one machine, and the answers call for {}, where each instance has a \
             disk of its own that ends with it. Ways on: move a database to PostgreSQL and files to object storage; or stay on \
             one machine with deploy.platform=compose, if it carries the load",
            chosen.title()
        )));
    }
    let kept = folders.iter().map(|folder| {
        let path = if spec.app_dir.is_empty() { folder.clone() } else { format!("{}/{folder}", spec.app_dir) };
        Kept { folder: format!("/app/{path}"), path, volume: format!("kept-{}", volume_name(folder)) }
    });
    Ok(kept.collect())
}

/// A volume's name has no `/` and begins with a letter or digit; two folders must not come to the same.
fn volume_name(folder: &str) -> String {
    folder.replace('_', "__").replace('/', "_-").replace('@', "_at")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_that_differ_have_volumes_that_differ() {
        let folders = ["data", "var/data", "var-data", "var_data", "var_-data", "var/_data", ".data", "a@b", "a_atb"];
        let names: std::collections::BTreeSet<String> = folders.iter().map(|it| volume_name(it)).collect();
        assert_eq!(names.len(), folders.len(), "{names:?}");
        assert!(names.iter().all(|name| name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))));
    }
}
