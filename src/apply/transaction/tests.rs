//! Tests of transactions that end well, that fail, and that meet another one.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use super::disk::{Call, Step};
use super::recover::recover_with;
use super::*;
use crate::apply::lock::sha256;
use crate::apply::{ChangeSet, OWN_FOLDER, TRANSACTION_FOLDER, Target, with_lock};
use crate::failure::{FAILED, REFUSED, exit_code};
use crate::render::file_set::{EmittedFile, FileSet, Mode, Policy};

pub(super) fn files() -> FileSet {
    let file = |path: &str, mode| EmittedFile {
        id: path.replace('/', "-").to_lowercase().trim_start_matches('.').to_owned(),
        path: path.into(),
        contents: format!("contents of {path}\n").into(),
        mode,
        policy: Policy::Merge,
    };
    with_lock(
        FileSet::new(vec![
            file("Dockerfile", Mode::Regular),
            file("deploy/compose/deploy.sh", Mode::Executable),
            file("deploy/compose/compose.yaml", Mode::Regular),
        ])
        .unwrap(),
    )
    .unwrap()
}

pub(super) fn changes(root: &Path) -> ChangeSet {
    ChangeSet::for_new(&Target::look(root).unwrap(), &files()).unwrap()
}

pub(super) fn operations(root: &Path) -> Vec<Operation> {
    changes(root).operations().unwrap()
}

/// Every file below a directory, with its contents.
pub(super) fn tree(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut open = vec![root.to_owned()];
    while let Some(folder) = open.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for path in entries.map(|entry| entry.unwrap().path()) {
            if path.is_dir() && !path.is_symlink() {
                open.push(path);
            } else {
                let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
                found.insert(name, fs::read(path).unwrap());
            }
        }
    }
    found
}

pub(super) fn all_new() -> BTreeMap<String, Vec<u8>> {
    files().files().iter().map(|file| (file.path.clone(), file.contents.clone())).collect()
}

fn room() -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("team/orders");
    (dir, root)
}

/// Fails one call, by its number.
fn failing(at: usize, kind: io::ErrorKind) -> impl FnMut(Step<'_>) -> io::Result<()> {
    let mut count = 0;
    move |_| {
        count += 1;
        if count == at { Err(kind.into()) } else { Ok(()) }
    }
}

#[test]
fn a_tree_is_created_with_its_modes_and_nothing_else() {
    let (_dir, root) = room();
    apply(&root, &operations(&root)).unwrap();
    assert_eq!(tree(&root), all_new());
    assert!(!root.join(TRANSACTION_FOLDER).exists());
    let mode = |path: &str| fs::metadata(root.join(path)).unwrap().permissions().mode();
    assert_eq!(mode("deploy/compose/deploy.sh") & 0o700, 0o700);
    assert_eq!(mode("Dockerfile") & 0o700, 0o600);
    assert!(changes(&root).is_unchanged());
    assert_eq!(recover(&root).unwrap(), Recovery::Nothing);
}

#[test]
fn an_error_at_any_call_leaves_all_old_or_all_new() {
    for kind in [io::ErrorKind::StorageFull, io::ErrorKind::PermissionDenied, io::ErrorKind::Other] {
        for at in 1.. {
            let (dir, root) = room();
            let mut called = 0;
            let mut fail = failing(at, kind);
            let result = apply_with(&root, &operations(&root), &mut |step| {
                called += 1;
                fail(step)
            });
            if called < at {
                result.unwrap();
                break;
            }
            match &result {
                // The very last calls only clean up.
                Err(error) if tree(&root).contains_key("Dockerfile") => {
                    assert!(error.to_string().starts_with("all files are in"), "{error:#}");
                    recover(&root).unwrap();
                }
                Err(error) => {
                    assert!(error.to_string().starts_with("nothing was written to"), "{at}: {error:#}");
                    assert_eq!(exit_code(error), FAILED);
                    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0, "{at}: {error:#}");
                    continue;
                }
                // A file system without links.
                Ok(()) => assert_eq!(kind, io::ErrorKind::PermissionDenied),
            }
            assert_eq!(tree(&root), all_new());
        }
    }
}

#[test]
fn a_full_disk_is_told_with_the_file_and_what_to_do() {
    let (_dir, root) = room();
    let error = apply_with(&root, &operations(&root), &mut |step| match step.call {
        Call::WriteFile if step.path.ends_with("3") => Err(io::ErrorKind::StorageFull.into()),
        _ => Ok(()),
    })
    .unwrap_err();
    let told = format!("{error:#}");
    assert!(told.contains("orders (free some space there, and run again): cannot write "), "{told}");
}

#[test]
fn a_long_name_is_an_error_of_the_disk_that_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("x".repeat(300));
    let error = Target::look(&root).map(|_| ()).unwrap_err();
    assert!(format!("{error:#}").contains("name too long"), "{error:#}");
}

#[test]
fn what_appears_meanwhile_is_never_overwritten() {
    let (_dir, root) = room();
    let theirs = root.join("deploy/compose/deploy.sh");
    let error = apply_with(&root, &operations(&root), &mut |step| {
        if step.call == Call::Link && step.path == theirs {
            fs::write(&theirs, "mine\n")?;
        }
        Ok(())
    })
    .unwrap_err();
    assert_eq!(exit_code(&error), REFUSED);
    assert!(format!("{error:#}").contains("deploy.sh appeared while seaworthy was writing"), "{error:#}");
    assert_eq!(tree(&root), BTreeMap::from([("deploy/compose/deploy.sh".into(), b"mine\n".to_vec())]));
}

#[test]
fn an_edit_that_comes_before_the_undoing_survives() {
    let (_dir, root) = room();
    let error = apply_with(&root, &operations(&root), &mut |step| {
        if step.call == Call::Link && step.path.ends_with("deploy.sh") {
            fs::write(root.join("Dockerfile"), "edited\n")?;
            return Err(io::ErrorKind::StorageFull.into());
        }
        Ok(())
    });
    error.unwrap_err();
    assert_eq!(tree(&root), BTreeMap::from([("Dockerfile".into(), b"edited\n".to_vec())]));
}

#[test]
fn a_link_that_appears_meanwhile_leads_nowhere() {
    let (dir, root) = room();
    let outside = dir.path().join("outside");
    fs::create_dir(&outside).unwrap();
    let error = apply_with(&root, &operations(&root), &mut |step| {
        if step.call == Call::CreateFolder && step.path.ends_with("deploy/compose") {
            fs::remove_dir(root.join("deploy"))?;
            symlink(&outside, root.join("deploy"))?;
            fs::create_dir(outside.join("compose"))?;
        }
        Ok(())
    });
    error.unwrap_err();
    assert_eq!(tree(&outside), BTreeMap::new());
}

#[test]
fn a_linked_folder_of_ours_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let outside = tempfile::tempdir().unwrap();
    let made = operations(dir.path());
    symlink(outside.path(), dir.path().join(OWN_FOLDER)).unwrap();
    assert_eq!(exit_code(&recover(dir.path()).unwrap_err()), REFUSED);
    apply(dir.path(), &made).unwrap_err();
    assert_eq!(tree(outside.path()), BTreeMap::new());
}

#[test]
fn a_second_run_is_refused_while_the_first_one_lives() {
    let (_dir, root) = room();
    let mut told = Vec::new();
    let operations = operations(&root);
    apply_with(&root, &operations, &mut |step| {
        if step.call == Call::Link {
            told.push(recover(&root).map(|_| ()).unwrap_err());
            told.push(apply(&root, &operations).unwrap_err());
        }
        Ok(())
    })
    .unwrap();
    assert!(!told.is_empty());
    for error in told {
        assert_eq!(exit_code(&error), REFUSED);
        let pid = std::process::id();
        assert!(
            format!("{error:#}").contains(&format!("another run of seaworthy (pid {pid}) is writing to")),
            "{error:#}"
        );
    }
    assert_eq!(tree(&root), all_new());
}

#[test]
fn of_many_runs_at_once_each_is_refused_or_finds_its_files_there() {
    for _ in 0..20 {
        let (_dir, root) = room();
        let operations = operations(&root);
        let results: Vec<_> = std::thread::scope(|scope| {
            let runs: Vec<_> = (0..8)
                .map(|_| {
                    scope.spawn(|| {
                        recover(&root)?;
                        apply(&root, &operations)
                    })
                })
                .collect();
            runs.into_iter().map(|run| run.join().unwrap()).collect()
        });
        assert!(results.iter().any(Result::is_ok), "{results:?}");
        for error in results.into_iter().filter_map(Result::err) {
            assert_eq!(exit_code(&error), REFUSED, "{error:#}");
        }
        assert_eq!(tree(&root), all_new());
    }
}

fn journal_with(folders: &str, files: &str) -> String {
    format!(r#"{{"format":2,"version":"0.1.0","folders":[{folders}],"emptied":[],"files":[{files}]}}"#)
}

fn signed(json: &str) -> String {
    format!("{json}\n{}\n", sha256(json.as_bytes()))
}

#[test]
fn a_journal_of_a_newer_version_is_told_and_nothing_is_touched() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir_all(dir.path().join(TRANSACTION_FOLDER)).unwrap();
    let text = signed(r#"{"format":3,"version":"9.8.7","what":"ever"}"#);
    fs::write(dir.path().join(TRANSACTION_FOLDER).join("journal"), &text).unwrap();
    let error = recover(dir.path()).unwrap_err();
    assert_eq!(exit_code(&error), REFUSED);
    assert!(format!("{error:#}").contains("journal was written by seaworthy 9.8.7, which is newer"), "{error:#}");
    assert_eq!(fs::read_to_string(dir.path().join(TRANSACTION_FOLDER).join("journal")).unwrap(), text);
}

#[test]
fn old_files_without_their_journal_are_never_removed() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir_all(dir.path().join(TRANSACTION_FOLDER)).unwrap();
    let old = dir.path().join(TRANSACTION_FOLDER).join("old.0.compose.yaml");
    fs::write(&old, "mine\n").unwrap();
    let error = recover(dir.path()).unwrap_err();
    assert_eq!(exit_code(&error), REFUSED);
    assert!(format!("{error:#}").contains("txn holds old.0.compose.yaml"), "{error:#}");
    assert!(old.exists());
}

#[test]
fn a_damaged_journal_is_told_and_nothing_is_touched() {
    for text in [
        "",
        "{",
        &signed(&journal_with("", r#"{"path":"../x","number":0,"new":"","old":null}"#)),
        &signed(&journal_with(r#""src""#, "")),
        &journal_with("", ""),
    ] {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir_all(dir.path().join(TRANSACTION_FOLDER)).unwrap();
        fs::write(dir.path().join(TRANSACTION_FOLDER).join("journal"), text).unwrap();
        let before = tree(dir.path()).len();
        let error = recover(dir.path()).unwrap_err();
        assert_eq!(exit_code(&error), REFUSED);
        assert!(format!("{error:#}").contains("can neither be finished nor undone"), "{error:#}");
        // The owner file is new; it is empty.
        assert_eq!(tree(dir.path()).len(), before + 1);
    }
}

#[test]
fn staged_files_that_a_power_loss_emptied_are_not_finished() {
    let (_dir, root) = room();
    let cut = cut_off_at(&root, |step| step.call == Call::Link && step.path.ends_with("deploy.sh"));
    assert!(cut);
    for entry in fs::read_dir(root.join(TRANSACTION_FOLDER)).unwrap() {
        let path = entry.unwrap().path();
        let is_placed = fs::metadata(&path).unwrap().nlink() > 1;
        if !is_placed && fs::read(&path).unwrap().starts_with(b"contents of") {
            fs::write(path, "").unwrap();
        }
    }
    assert_eq!(recover(&root).unwrap(), Recovery::Undone { kept: Vec::new() });
    assert!(!root.exists());
}

#[test]
fn a_recovery_keeps_what_others_wrote_meanwhile() {
    let (_dir, root) = room();
    assert!(cut_off_at(&root, |step| step.call == Call::Link && step.path.ends_with("deploy.sh")));
    fs::write(root.join("deploy/compose/deploy.sh"), "mine\n").unwrap();
    let kept = vec!["deploy/compose/deploy.sh was changed meanwhile, and is kept as it is".to_owned()];
    assert_eq!(recover(&root).unwrap(), Recovery::Finished { kept });
    let mut expected = all_new();
    expected.insert("deploy/compose/deploy.sh".into(), b"mine\n".to_vec());
    assert_eq!(tree(&root), expected);
}

/// Runs a transaction that stops at a step as if the process had died there.
fn cut_off_at(root: &Path, is_there: impl Fn(&Step<'_>) -> bool) -> bool {
    let mut dead = false;
    let mut hook = |step: Step<'_>| {
        dead = dead || is_there(&step);
        if dead { Err(io::ErrorKind::Other.into()) } else { Ok(()) }
    };
    apply_with(root, &operations(root), &mut hook).unwrap_err();
    dead
}

#[test]
fn a_recovery_that_fails_anywhere_is_finished_by_the_next_one() {
    for at in 1.. {
        let (_dir, root) = room();
        assert!(cut_off_at(&root, |step| step.call == Call::Link && step.path.ends_with("deploy.sh")));
        if recover_with(&root, &mut failing(at, io::ErrorKind::StorageFull)).is_ok() {
            break;
        }
        recover(&root).unwrap();
        assert_eq!(tree(&root), all_new(), "{at}");
    }
}
