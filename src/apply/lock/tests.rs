//! Tests of the lock: what is written is read back, and what is damaged is said to be.

use std::fs;
use std::path::Path;

use super::*;
use crate::apply::Target;
use crate::failure::{REFUSED, exit_code};

fn file(id: &str, path: &str, contents: &[u8], policy: Policy) -> EmittedFile {
    EmittedFile { id: id.into(), path: path.into(), contents: contents.into(), mode: Mode::Regular, policy }
}

fn sample() -> FileSet {
    FileSet::new(vec![
        file("dockerfile", "Dockerfile", b"FROM x\n", Policy::Merge),
        file("overlay.staging", "deploy/staging.yaml", b"a: \"\xc3\xa9\"\r\n", Policy::Merge),
        file("package", "package.json", b"{}\n", Policy::Once),
        file("answers", "seaworthy.toml", b"schema = 1\n", Policy::Managed),
    ])
    .unwrap()
}

fn write(root: &Path, files: &FileSet) {
    for file in files.files() {
        let path = root.join(&file.path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, &file.contents).unwrap();
    }
}

fn written() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), &with_lock(sample()).unwrap());
    dir
}

fn read(root: &Path) -> anyhow::Result<Option<Lock>> {
    Lock::read(&Target::look(root).unwrap())
}

/// The message of a refusal to read a lock after `change` was made to its text.
fn damage(change: impl Fn(String) -> String) -> String {
    let dir = written();
    let path = dir.path().join(LOCK_FILE);
    fs::write(&path, change(fs::read_to_string(&path).unwrap())).unwrap();
    let error = read(dir.path()).unwrap_err();
    assert_eq!(exit_code(&error), REFUSED);
    error.to_string()
}

#[test]
fn what_was_written_is_read_back() {
    let dir = written();
    assert_eq!(read(dir.path()).unwrap(), Some(Lock::of(&sample()).unwrap()));
    let empty = tempfile::tempdir().unwrap();
    assert_eq!(read(empty.path()).unwrap(), None);
}

#[test]
fn the_lock_reads_as_one_table_a_file_in_the_order_of_ids() {
    let text = Lock::of(&sample()).unwrap().to_toml().unwrap();
    let version = env!("CARGO_PKG_VERSION");
    let hash = sha256(b"FROM x\n");
    let start = format!(
        "{HEADER}schema = 1\nversion = \"{version}\"\n\n[files.dockerfile]\npath = \"Dockerfile\"\npolicy = \"merge\"\nmode = \
         \"regular\"\nsha256 = \"{hash}\"\n\n[files.\"overlay.staging\"]\n"
    );
    assert!(text.starts_with(&start), "{text}");
    assert!(text.find("[files.package]").is_some());
    assert!(!text.contains("seaworthy.toml"), "managed files are not in the lock");
}

#[test]
fn base_texts_are_kept_byte_for_byte() {
    let files = with_lock(sample()).unwrap();
    let base = files.files().iter().find(|file| file.path == ".seaworthy/base/overlay.staging").unwrap();
    assert_eq!(base.contents, b"a: \"\xc3\xa9\"\r\n");
    assert_eq!(base.policy, Policy::Managed);
    assert!(!files.files().iter().any(|file| file.path == ".seaworthy/base/answers"));
}

#[test]
fn ids_that_are_no_file_names_and_ids_of_ours_are_refused() {
    for id in ["Docker/file", "seaworthy.lock"] {
        let files = FileSet::new(vec![file(id, "Dockerfile", b"", Policy::Merge)]).unwrap();
        assert!(Lock::of(&files).is_err(), "{id}");
    }
}

#[test]
fn merge_markers_are_named_with_their_line() {
    let message = damage(|text| text.replace("[files.package]", "<<<<<<< HEAD\n[files.package]"));
    assert!(
        message.starts_with(".seaworthy/lock.toml, line 18 is damaged: it has unresolved merge conflicts."),
        "{message}"
    );
    assert!(message.contains("git checkout HEAD -- .seaworthy"), "{message}");
}

#[test]
fn broken_toml_is_named_with_its_line() {
    let message = damage(|text| text.replace("policy = \"once\"", "policy = \"twice\""));
    assert!(message.contains("lock.toml, line 20 is damaged: unknown variant `twice`"), "{message}");
    let message = damage(|text| text.replace("[files.package]", "[files.package"));
    assert!(message.contains("lock.toml, line 18 is damaged"), "{message}");
    let message = damage(|text| text + "\n[files.dockerfile]\n");
    assert!(message.contains("line 24 is damaged: duplicate key"), "{message}");
}

#[test]
fn unsafe_and_double_paths_are_named_with_their_line() {
    let message = damage(|text| text.replace("deploy/staging.yaml", "../staging.yaml"));
    assert!(message.contains("lock.toml, line 12 is damaged: \"../staging.yaml\" is not a safe path"), "{message}");
    let message = damage(|text| text.replace("deploy/staging.yaml", "package.json"));
    assert!(message.contains("line 18 is damaged: package.json is in it twice"), "{message}");
}

#[test]
fn a_newer_schema_asks_for_a_newer_version() {
    let message = damage(|text| text.replace("schema = 1", "schema = 2\nnovel = true"));
    assert!(message.contains("written by a newer version of seaworthy"), "{message}");
    assert!(message.contains("update seaworthy"), "{message}");
    assert!(damage(|text| text.replace("schema = 1", "schema = 0")).contains("never existed"));
    assert!(damage(|text| text.replace("schema = 1\n", "")).contains("missing field `schema`"));
}

#[test]
fn a_base_that_does_not_belong_to_its_hash_is_named() {
    let dir = written();
    fs::write(dir.path().join(".seaworthy/base/package"), "{ }\n").unwrap();
    let message = read(dir.path()).unwrap_err().to_string();
    assert!(message.starts_with(".seaworthy/base/package is damaged: it is not the text"), "{message}");
    fs::remove_file(dir.path().join(".seaworthy/base/package")).unwrap();
    let message = read(dir.path()).unwrap_err().to_string();
    assert!(message.starts_with(".seaworthy/base/package is damaged: it is missing."), "{message}");
}
