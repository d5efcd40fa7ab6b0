//! Tests of the lock: what is written is read back, and what is damaged is said to be.

use std::fs;
use std::path::Path;

use super::*;
use crate::apply::Target;
use crate::failure::{FAILED, REFUSED, exit_code};

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

/// The message of the failure to read a lock after `change` was made to its text.
fn damage(change: impl Fn(String) -> String) -> String {
    failure(FAILED, change)
}

fn failure(code: u8, change: impl Fn(String) -> String) -> String {
    let dir = written();
    let path = dir.path().join(LOCK_FILE);
    fs::write(&path, change(fs::read_to_string(&path).unwrap())).unwrap();
    let error = read(dir.path()).unwrap_err();
    assert_eq!(exit_code(&error), code);
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
    let message = failure(REFUSED, |text| text.replace("[files.package]", "<<<<<<< HEAD\n[files.package]"));
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
    let message = failure(REFUSED, |text| text.replace("schema = 1", "schema = 2\nnovel = true"));
    assert!(message.contains("written by a newer version of seaworthy"), "{message}");
    assert!(message.contains("update seaworthy"), "{message}");
    let ours = format!("version = \"{}\"", env!("CARGO_PKG_VERSION"));
    let message = failure(REFUSED, |text| text.replace(&ours, "version = \"99.0.0\"\nnovel = true"));
    assert!(message.contains("(99.0.0; this one is "), "{message}");
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

/// A lock with every kind of entry.
fn eventful() -> Lock {
    let mut lock = Lock::of(&sample()).unwrap();
    let dockerfile = lock.files.get_mut("dockerfile").unwrap();
    dockerfile.moved_to = Some("docker/Dockerfile".into());
    dockerfile.standing = Standing::Pending(Pending {
        contents: b"FROM y\n".to_vec(),
        yours_sha256: sha256(b"FROM mine\n"),
        beside: Some("docker/Dockerfile.seaworthy-new".into()),
    });
    lock.files.get_mut("overlay.staging").unwrap().standing = Standing::Dropped;
    lock.files.get_mut("package").unwrap().told = Some(sha256(b"{}"));
    lock
}

#[test]
fn every_kind_of_entry_is_read_back() {
    let mut detached = eventful();
    detached.files.get_mut("overlay.staging").unwrap().standing = Standing::Detached;
    for lock in [eventful(), detached] {
        let dir = tempfile::tempdir().unwrap();
        write(dir.path(), &FileSet::new(lock.clone().into_files().unwrap()).unwrap());
        assert_eq!(read(dir.path()).unwrap(), Some(lock));
    }
}

#[test]
fn a_pending_text_has_its_hash_and_a_pending_entry_is_whole() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), &FileSet::new(eventful().into_files().unwrap()).unwrap());
    let pending = dir.path().join(".seaworthy/pending/dockerfile");
    fs::write(&pending, "FROM z\n").unwrap();
    let message = read(dir.path()).unwrap_err().to_string();
    assert!(message.starts_with(".seaworthy/pending/dockerfile is damaged: it is not the text"), "{message}");
    let message = damage(|text| text.replace("mode = \"regular\"", "mode = \"regular\"\nstate = \"pending\""));
    assert!(message.contains("a pending file needs pending-sha256 and yours-sha256"), "{message}");
}

fn salvage(root: &Path) -> Salvaged {
    Lock::salvage(&Target::look(root).unwrap()).unwrap()
}

#[test]
fn what_is_whole_is_salvaged() {
    let dir = written();
    let path = dir.path().join(LOCK_FILE);
    let text = fs::read_to_string(&path).unwrap();
    let whole = Lock::of(&sample()).unwrap().files;
    assert_eq!(salvage(dir.path()), Salvaged { whole: whole.clone(), ..Salvaged::default() });

    fs::write(&path, text.replace("[files.dockerfile]", "[files.dockerfile")).unwrap();
    let found = salvage(dir.path());
    assert_eq!(found.whole.keys().collect::<Vec<_>>(), ["overlay.staging", "package"]);

    fs::write(&path, &text).unwrap();
    fs::remove_file(dir.path().join(".seaworthy/base/package")).unwrap();
    let found = salvage(dir.path());
    assert_eq!(found.whole.keys().collect::<Vec<_>>(), ["dockerfile", "overlay.staging"]);
    assert_eq!(found.lost.into_iter().collect::<Vec<_>>(), [("package".to_owned(), "package.json".to_owned())]);
}

#[test]
fn of_a_conflict_in_the_lock_the_side_counts_whose_text_is_there() {
    for style in ["", "||||||| base\nsha256 = \"1\"\n"] {
        let dir = written();
        let path = dir.path().join(LOCK_FILE);
        let text = fs::read_to_string(&path).unwrap();
        let hash = format!("sha256 = \"{}\"\n", sha256(b"FROM x\n"));
        let both = format!("<<<<<<< HEAD\nsha256 = \"0\"\n{style}=======\n{hash}>>>>>>> other\n");
        fs::write(&path, text.replace(&hash, &both)).unwrap();
        assert_eq!(salvage(dir.path()).whole, Lock::of(&sample()).unwrap().files);
    }
}

#[test]
fn a_lost_pending_text_leaves_the_old_base() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), &FileSet::new(eventful().into_files().unwrap()).unwrap());
    fs::remove_file(dir.path().join(".seaworthy/pending/dockerfile")).unwrap();
    let found = salvage(dir.path());
    assert_eq!(found.whole["dockerfile"].standing, Standing::Current);
    assert_eq!(found.whole["dockerfile"].base, b"FROM x\n");
}
