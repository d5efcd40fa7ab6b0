//! Tests of the look at a target directory.

use std::os::unix::fs::symlink;

use super::*;
use crate::failure::{REFUSED, exit_code};

fn state(root: &Path) -> State {
    Target::look(root).unwrap().state
}

#[test]
fn absent_empty_and_harmless_are_free_to_write() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(state(&dir.path().join("none")), State::Absent);
    assert_eq!(state(dir.path()), State::Free);
    fs::create_dir(dir.path().join(".git")).unwrap();
    fs::write(dir.path().join("seaworthy.toml"), "schema = 1\n").unwrap();
    fs::create_dir(dir.path().join(OWN_FOLDER)).unwrap();
    assert_eq!(state(dir.path()), State::Free);
}

#[test]
fn what_is_in_the_way_is_listed_in_order_and_counted_beyond_ten() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("src")).unwrap();
    fs::write(dir.path().join("a\u{1b}[31m"), "").unwrap();
    let State::Foreign(found) = state(dir.path()) else { panic!("not foreign") };
    assert_eq!(found.to_string(), "  a\\u{1b}[31m\n  src/");
    for n in 0..20 {
        fs::write(dir.path().join(format!("f{n:02}")), "").unwrap();
    }
    let State::Foreign(found) = state(dir.path()) else { panic!("not foreign") };
    assert!(found.to_string().ends_with("  f08\n  and 12 more"), "{found}");
    assert_eq!(found.all().len(), 22);
}

#[test]
fn a_lock_makes_it_ours_and_a_transaction_unfinished() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join(".seaworthy")).unwrap();
    fs::write(dir.path().join(LOCK_FILE), "").unwrap();
    fs::write(dir.path().join("mine.txt"), "").unwrap();
    assert_eq!(state(dir.path()), State::Ours);
    fs::create_dir(dir.path().join(TRANSACTION_FOLDER)).unwrap();
    assert_eq!(state(dir.path()), State::Unfinished);
}

#[test]
fn a_link_to_a_directory_is_what_the_user_named_and_other_things_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    fs::create_dir(at("real")).unwrap();
    fs::write(at("file"), "").unwrap();
    symlink("real", at("link")).unwrap();
    symlink("nowhere", at("dangling")).unwrap();
    symlink("file", at("to-file")).unwrap();
    assert_eq!(state(&at("link")), State::Free);
    for (name, message) in [("file", "is a file"), ("dangling", "a symbolic link to nothing"), ("to-file", "is a file")]
    {
        let error = Target::look(&at(name)).unwrap_err();
        assert!(error.to_string().contains(message), "{error}");
        assert_eq!(exit_code(&error), REFUSED);
    }
}

#[test]
fn nothing_is_read_through_a_link() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    fs::create_dir(at("real")).unwrap();
    fs::write(at("real/x"), "x").unwrap();
    symlink("real", at("linked")).unwrap();
    symlink("real/x", at("y")).unwrap();
    let target = Target::look(dir.path()).unwrap();
    assert_eq!(target.read("real/x").unwrap(), OnDisk::File(b"x".to_vec()));
    assert_eq!(target.read("real/none/x").unwrap(), OnDisk::Absent);
    assert_eq!(target.read("linked/x").unwrap(), OnDisk::Other("linked is a symbolic link".into()));
    assert_eq!(target.read("y").unwrap(), OnDisk::Other("it is a symbolic link".into()));
    assert_eq!(target.read("real").unwrap(), OnDisk::Other("it is a directory".into()));
    assert_eq!(target.read("real/x/deeper").unwrap(), OnDisk::Other("real/x is a file".into()));
}
