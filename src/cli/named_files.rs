//! Files that the user names on the command line, as paths below the target.

use std::path::{Component, Path, PathBuf};

use anyhow::Context;

use super::several;
use crate::failure::usage;

/// The files of a command, and the tree that they are in.
#[derive(Debug, clap::Args)]
pub(super) struct FileArgs {
    /// The files, as paths from the current directory
    #[arg(value_name = "FILE", required = true)]
    pub(super) files: Vec<PathBuf>,

    /// The repository
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub(super) directory: PathBuf,
}

impl FileArgs {
    /// The files as paths below the target, with `/`.
    ///
    /// # Errors
    /// Exit 2 for a file that is not below it.
    pub(super) fn paths(&self) -> anyhow::Result<Vec<String>> {
        below(&self.root()?, &self.files)
    }

    /// The repository, also where the folder of one of its services was named.
    ///
    /// # Errors
    /// As [`several::named`].
    pub(super) fn root(&self) -> anyhow::Result<PathBuf> {
        Ok(several::named(&self.directory)?.root)
    }
}

/// Files as paths below a directory, with `/`, each once.
///
/// # Errors
/// Exit 2 for a file that is not below it.
pub(super) fn below(directory: &Path, files: &[PathBuf]) -> anyhow::Result<Vec<String>> {
    let root = directory.canonicalize().with_context(|| format!("cannot look at {}", directory.display()))?;
    let mut paths = Vec::new();
    for file in files {
        let path = below_one(&root, file)?.ok_or_else(|| usage(not_below(directory, file)))?;
        if !paths.contains(&path) {
            paths.push(path);
        }
    }
    Ok(paths)
}

fn not_below(directory: &Path, file: &Path) -> String {
    let inside = directory.join(file);
    let hint = if file.is_relative() && directory != Path::new(".") {
        format!("; files are named from the current directory, as in {}", inside.display())
    } else {
        String::new()
    };
    format!("{} is not a file below {}{hint}", file.display(), directory.display())
}

fn below_one(root: &Path, file: &Path) -> anyhow::Result<Option<String>> {
    let mut full = std::env::current_dir().context("the current directory is gone")?;
    for part in file.components() {
        match part {
            Component::ParentDir => drop(full.pop()),
            Component::CurDir => {}
            other => full.push(other),
        }
    }
    // The file may be gone, and its folder too: what is there of its path is followed, the rest is taken as it is.
    let mut rest = Vec::new();
    while let (Some(name), Some(folder)) = (full.file_name(), full.parent()) {
        rest.push(name.to_owned());
        if let Ok(folder) = folder.canonicalize() {
            let full = rest.iter().rev().fold(folder, |path, name| path.join(name));
            let path = full.strip_prefix(root).ok().and_then(Path::to_str);
            return Ok(path.filter(|path| !path.is_empty()).map(ToOwned::to_owned));
        }
        full = folder.to_owned();
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn files_are_named_from_anywhere_and_need_not_exist() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("real");
        fs::create_dir_all(root.join("src")).unwrap();
        symlink(&root, dir.path().join("link")).unwrap();
        let file =
            |path: &str| below(&dir.path().join("link"), &[dir.path().join(path)]).map(|mut paths| paths.remove(0));
        assert_eq!(file("real/src/a.ts").unwrap(), "src/a.ts");
        assert_eq!(file("link/src/a.ts").unwrap(), "src/a.ts");
        assert_eq!(file("link/gone/too/a.ts").unwrap(), "gone/too/a.ts");
        assert_eq!(file("link/src/../b").unwrap(), "b");
        for outside in ["other", "real", "link/../c"] {
            assert_eq!(crate::failure::exit_code(&file(outside).unwrap_err()), crate::failure::USAGE, "{outside}");
        }
    }
}
