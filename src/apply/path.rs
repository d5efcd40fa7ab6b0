//! Which relative paths and ids are safe to turn into files, on every system that may check the
//! repository out.

use std::collections::HashSet;

use anyhow::{Context, ensure};

use super::TRANSACTION_FOLDER;

/// Longest name of one file or folder that every common file system takes, in bytes.
const NAME_MAX: usize = 255;

/// Names that Windows keeps for devices, whatever their extension.
const DEVICES: [&str; 22] = [
    "con", "prn", "aux", "nul", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8", "com9", "lpt1", "lpt2",
    "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9",
];

/// Checks that `path` names a file below the target and nothing else.
///
/// # Errors
/// When it is empty, absolute, has `.`, `..`, a backslash, a colon or control characters in it,
/// leads into `.git` or into the folder of a running transaction, or has a name that some system
/// cannot store.
pub fn check(path: &str) -> anyhow::Result<()> {
    ensure!(!path.is_empty(), "the path of a file is empty");
    ensure!(!path.starts_with('/'), "{path:?} is an absolute path");
    ensure!(
        !path.contains(|c: char| c.is_control() || "\\:*?\"<>|".contains(c)),
        "{path:?} holds a character that is not portable in a path"
    );
    for name in path.split('/') {
        check_name(name).with_context(|| format!("{path:?} is not a safe path"))?;
    }
    ensure!(
        !path.strip_prefix(TRANSACTION_FOLDER).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')),
        "{path:?} is kept for transactions"
    );
    Ok(())
}

/// Checks one component of a path.
fn check_name(name: &str) -> anyhow::Result<()> {
    ensure!(!name.is_empty(), "it has an empty name in it");
    ensure!(!matches!(name, "." | ".."), "it has {name:?} in it");
    ensure!(name.len() <= NAME_MAX, "one name in it is longer than {NAME_MAX} bytes");
    ensure!(!name.ends_with(['.', ' ']), "{name:?} ends in a dot or a space, which Windows drops");
    // macOS ignores some invisible characters in names: whatever is not ASCII does not count here.
    let plain: String = name.chars().filter(char::is_ascii).collect::<String>().to_ascii_lowercase();
    ensure!(!matches!(plain.as_str(), ".git" | "git~1"), "{name:?} belongs to git");
    let stem = plain.split('.').next().unwrap_or_default().trim_end();
    ensure!(!DEVICES.contains(&stem), "{name:?} is the name of a device on Windows");
    Ok(())
}

/// Checks that no path of a set is the folder of another one.
///
/// # Errors
/// When one is, or when [`check`] refuses one.
pub fn check_all<'a>(paths: impl Iterator<Item = &'a str> + Clone) -> anyhow::Result<()> {
    let mut folders = HashSet::new();
    for path in paths.clone() {
        check(path)?;
        folders.extend(parents(path));
    }
    for path in paths {
        ensure!(!folders.contains(path), "{path:?} is both a file and a folder");
    }
    Ok(())
}

/// Checks that `id` can be the name of a file on every system: lower case, digits, and `-`, `_`,
/// `.` within.
///
/// # Errors
/// When it cannot.
pub fn check_id(id: &str) -> anyhow::Result<()> {
    ensure!(
        id.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
            && id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_.".contains(c)),
        "the id {id:?} may only have lower-case letters, digits, '-', '_' and '.', and starts with a letter or digit"
    );
    check_name(id).with_context(|| format!("the id {id:?} cannot be the name of a file"))
}

/// The folders that lead to `path`, outermost first, without the target itself.
pub fn parents(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/').map(|(end, _)| &path[..end])
}

/// The folder of a path, empty for the target itself, and the name in it.
pub(super) fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_paths_are_safe() {
        for path in
            ["Dockerfile", ".env.example", ".github/workflows/ci.yml", "src/ops/env.ts", "docs/über.md", ".gitignore"]
        {
            assert!(check(path).is_ok(), "{path}");
        }
    }

    #[test]
    fn unsafe_paths_are_refused() {
        let long = "x".repeat(256);
        for path in [
            "",
            "/etc/passwd",
            "..",
            "a/../b",
            "a/./b",
            "a//b",
            "a/",
            "a\\b",
            "C:/x",
            "a\nb",
            "a\0b",
            ".git/config",
            ".GIT/hooks/x",
            ".g\u{200c}it/config",
            "sub/.git",
            "git~1/config",
            "con",
            "src/NUL.txt",
            "aux .ts",
            "dot.",
            "space ",
            "what?",
            ".seaworthy/txn",
            ".seaworthy/txn/journal",
            &long,
        ] {
            assert!(check(path).is_err(), "{path:?}");
        }
    }

    #[test]
    fn a_file_is_not_a_folder_too() {
        assert!(check_all(["a", "a.b", "b/c", "b/d"].into_iter()).is_ok());
        let error = check_all(["deploy", "deploy/compose.yaml"].into_iter()).unwrap_err();
        assert_eq!(error.to_string(), "\"deploy\" is both a file and a folder");
    }

    #[test]
    fn ids_are_file_names_everywhere() {
        for id in ["dockerfile", "ci-workflow", "overlay.staging", "3scale"] {
            assert!(check_id(id).is_ok(), "{id}");
        }
        for id in ["", "Dockerfile", "a/b", "..", ".hidden", "-x", "nul", "con.staging", "a b", "é", "trailing."] {
            assert!(check_id(id).is_err(), "{id}");
        }
    }

    #[test]
    fn parents_are_outermost_first() {
        assert_eq!(parents("a/b/c.txt").collect::<Vec<_>>(), ["a", "a/b"]);
        assert_eq!(parents("c.txt").count(), 0);
    }
}
