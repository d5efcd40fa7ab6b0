//! Tests of what `new` decides.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use super::*;
use crate::apply::{LOCK_FILE, TRANSACTION_FOLDER, transaction, with_lock};
use crate::failure::{REFUSED, exit_code};

fn file(path: &str, contents: &str) -> EmittedFile {
    let id = path.replace(['/', '.'], "-").to_lowercase();
    let id = id.trim_start_matches('-').to_owned();
    EmittedFile { id, path: path.into(), contents: contents.into(), mode: Mode::Regular, policy: Policy::Merge }
}

fn files() -> FileSet {
    with_lock(
        FileSet::new(vec![
            file("Dockerfile", "FROM x\n"),
            file("src/server.ts", "export {};\n"),
            file("seaworthy.toml", "schema = 1\n"),
        ])
        .unwrap(),
    )
    .unwrap()
}

fn decide(root: &Path) -> ChangeSet {
    ChangeSet::for_new(&Target::look(root).unwrap(), &files()).unwrap()
}

fn refusal(set: &ChangeSet) -> String {
    let error = set.ensure_clear().unwrap_err();
    assert_eq!(exit_code(&error), REFUSED);
    error.to_string()
}

/// A target that `new` made.
fn made() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    transaction::apply(dir.path(), &decide(dir.path()).operations().unwrap()).unwrap();
    dir
}

#[test]
fn everything_is_created_where_nothing_is() {
    let dir = tempfile::tempdir().unwrap();
    for root in [dir.path().join("absent"), dir.path().to_owned()] {
        let set = decide(&root);
        assert!(set.ensure_clear().is_ok());
        assert_eq!(set.of_class(Class::Create).count(), set.changes().len());
        assert!(!set.is_unchanged());
    }
}

#[test]
fn the_answers_file_may_be_there_with_the_same_bytes_only() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join(".git")).unwrap();
    fs::write(dir.path().join("seaworthy.toml"), "schema = 1\n").unwrap();
    let set = decide(dir.path());
    assert!(set.ensure_clear().is_ok());
    assert_eq!(
        set.of_class(Class::Unchanged).map(|change| change.path.as_str()).collect::<Vec<_>>(),
        ["seaworthy.toml"]
    );

    fs::write(dir.path().join("seaworthy.toml"), "schema = 1\n# mine\n").unwrap();
    let message = refusal(&decide(dir.path()));
    assert!(message.contains("\n  seaworthy.toml: a file with other contents is there\n"), "{message}");
}

#[test]
fn the_same_answers_again_change_nothing() {
    let dir = made();
    fs::write(dir.path().join("mine.txt"), "").unwrap();
    let set = decide(dir.path());
    assert!(set.is_unchanged());
    assert!(set.ensure_clear().is_ok());
}

#[test]
fn an_edit_a_missing_file_and_other_answers_are_told_apart() {
    let dir = made();
    fs::write(dir.path().join("Dockerfile"), "FROM mine\n").unwrap();
    fs::remove_file(dir.path().join("src/server.ts")).unwrap();
    let message = refusal(&decide(dir.path()));
    assert!(
        message.contains("\n  Dockerfile: it was edited since it was emitted\n  src/server.ts: it is missing\n"),
        "{message}"
    );

    let dir = made();
    let mut other = vec![file("Dockerfile", "FROM y\n")];
    other.extend(files().files().iter().filter(|f| f.path != "Dockerfile" && !f.path.starts_with(".seaw")).cloned());
    let other = with_lock(FileSet::new(other).unwrap()).unwrap();
    let set = ChangeSet::for_new(&Target::look(dir.path()).unwrap(), &other).unwrap();
    let message = refusal(&set);
    assert!(
        message.contains(":\n  Dockerfile: these answers, or this version, give another text\nNothing"),
        "{message}"
    );
}

#[test]
fn a_damaged_lock_is_an_error_and_not_a_difference() {
    let dir = made();
    fs::write(dir.path().join(LOCK_FILE), "schema = ").unwrap();
    let error = ChangeSet::for_new(&Target::look(dir.path()).unwrap(), &files()).unwrap_err();
    assert!(error.to_string().contains("lock.toml, line 1 is damaged"), "{error}");
}

#[test]
fn foreign_and_unfinished_targets_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("notes.md"), "").unwrap();
    assert!(refusal(&decide(dir.path())).contains("did not make what is in it:\n  notes.md\n"));
    fs::create_dir_all(dir.path().join(TRANSACTION_FOLDER)).unwrap();
    assert!(refusal(&decide(dir.path())).contains("another run of seaworthy"));
}

#[test]
fn a_path_through_a_link_is_blocked() {
    let dir = made();
    fs::rename(dir.path().join("src"), dir.path().join("elsewhere")).unwrap();
    symlink("elsewhere", dir.path().join("src")).unwrap();
    assert!(refusal(&decide(dir.path())).contains("src/server.ts: src is a symbolic link"));
}

#[test]
fn unsafe_paths_are_an_error_before_the_disk_is_looked_at() {
    let set = FileSet::new(vec![file("../outside", "")]).unwrap();
    let target = Target::look(Path::new("/nonexistent")).unwrap();
    assert!(ChangeSet::for_new(&target, &set).is_err());
}

#[test]
fn json_has_the_documented_fields() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("seaworthy.toml"), "").unwrap();
    let json = serde_json::to_value(decide(dir.path())).unwrap();
    let of = |path: &str| json.as_array().unwrap().iter().find(|change| change["path"] == path).unwrap().clone();
    let expected = serde_json::json!({
        "path": "Dockerfile", "id": "dockerfile", "class": "create", "reason": null, "mode": "regular", "bytes": 7,
        "policy": "merge",
    });
    assert_eq!(of("Dockerfile"), expected);
    assert_eq!(of("seaworthy.toml")["class"], "blocked");
    assert_eq!(of("seaworthy.toml")["reason"], "a file with other contents is there");
}
