//! Repositories with several services: which one a directory on the command line means.

use std::path::{Path, PathBuf};

use crate::apply::{LOCK_FILE, OnDisk, Target};
use crate::spec::file::ANSWERS_FILE;
use crate::spec::repository;

/// What a directory on the command line means.
#[derive(Debug)]
pub(super) struct Named {
    /// The repository, whose record and workflows are those of all its services.
    pub(super) root: PathBuf,
    /// The folder of the one service that was named; none where all are meant, or where the repository has one only.
    pub(super) service: Option<String>,
}

/// Takes a directory for a repository, or for the folder of one of its services.
///
/// # Errors
/// Exit 2 for a list of services that is not right.
pub(super) fn named(directory: &Path) -> anyhow::Result<Named> {
    let whole = || Named { root: directory.to_owned(), service: None };
    let Ok(full) = directory.canonicalize() else { return Ok(whole()) };
    if full.join(LOCK_FILE).is_file() {
        return Ok(whole());
    }
    for root in full.ancestors().skip(1).filter(|root| root.join(LOCK_FILE).is_file()) {
        let Some(folder) = full.strip_prefix(root).ok().and_then(Path::to_str) else { continue };
        let services = listed(root)?;
        if services.is_some_and(|services| services.iter().any(|service| service == folder)) {
            return Ok(Named { root: shown(directory, folder, root), service: Some(folder.to_owned()) });
        }
    }
    Ok(whole())
}

/// The services that the answers file of a directory lists; none where it holds the answers of one, or is not there.
///
/// # Errors
/// Exit 2 for a list that is not right.
pub(super) fn listed(directory: &Path) -> anyhow::Result<Option<Vec<String>>> {
    let target = Target::look(directory)?;
    let path = if directory == Path::new(".") { PathBuf::from(ANSWERS_FILE) } else { directory.join(ANSWERS_FILE) };
    match target.read(ANSWERS_FILE)? {
        OnDisk::File(bytes) => repository::services(&path.display().to_string(), &String::from_utf8_lossy(&bytes)),
        _ => Ok(None),
    }
}

/// The root as the user would write it: the directory as it was named, without the folder at its end.
fn shown(directory: &Path, folder: &str, root: &Path) -> PathBuf {
    let mut named = directory.to_owned();
    if !named.ends_with(folder) {
        return root.to_owned();
    }
    for _ in Path::new(folder).components() {
        named.pop();
    }
    if named.as_os_str().is_empty() { PathBuf::from(".") } else { named }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn the_folder_of_a_service_means_that_one_and_the_root_all() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        fs::create_dir_all(root.join(".seaworthy")).unwrap();
        fs::create_dir_all(root.join("apps/api/src")).unwrap();
        fs::write(root.join(LOCK_FILE), "").unwrap();
        fs::write(root.join(ANSWERS_FILE), repository::text("apps/api")).unwrap();
        let of = |path: &str| named(&root.join(path)).unwrap();
        assert_eq!((of("apps/api").root.as_path(), of("apps/api").service.as_deref()), (root, Some("apps/api")));
        assert_eq!((of(".").service, of("apps/api/src").service, of("apps").service), (None, None, None));
    }

    #[test]
    fn the_root_is_written_as_the_user_wrote_the_folder() {
        let root = Path::new("/x/shop");
        for (directory, shown_root) in [("apps/api", "."), ("../shop/apps/api/", "../shop"), (".", "/x/shop")] {
            assert_eq!(shown(Path::new(directory), "apps/api", root), Path::new(shown_root), "{directory}");
        }
    }
}
