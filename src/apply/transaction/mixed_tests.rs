//! Transactions that create, replace and remove: done, refused, cut off and failing at every call.

use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

use super::disk::{Call, Step};
use super::mixed::{ABILITIES, after, before, calls, dead_from, operations, room, snapshot};
use super::recover::recover_with;
use super::*;
use crate::apply::lock::sha256;
use crate::failure::{FAILED, REFUSED, exit_code};
use crate::render::file_set::Mode;

fn write(path: &str, text: &str, expected: Option<&str>) -> Operation {
    let expected =
        expected.map_or(Expected::Absent, |text| Expected::File { contents_sha256: sha256(text.as_bytes()) });
    Operation::Write { path: path.into(), contents: text.into(), mode: Mode::Regular, expected }
}

fn remove(path: &str, expected: &str) -> Operation {
    Operation::Remove { path: path.into(), expected: Expected::File { contents_sha256: sha256(expected.as_bytes()) } }
}

#[test]
fn everything_is_done_on_every_file_system() {
    for ability in ABILITIES {
        let dir = room();
        fs::hard_link(dir.path().join("Dockerfile"), dir.path().join("Dockerfile.link")).unwrap();
        apply_with(dir.path(), &operations(), &mut |step| ability.answer(step)).unwrap();
        assert_eq!(fs::read_to_string(dir.path().join("Dockerfile.link")).unwrap(), "FROM old\n");
        fs::remove_file(dir.path().join("Dockerfile.link")).unwrap();
        assert_eq!(snapshot(dir.path()), after(), "{ability:?}");
        assert_eq!(recover(dir.path()).unwrap(), Recovery::Nothing);
    }
}

#[test]
fn a_replaced_file_is_there_all_the_time() {
    let dir = room();
    let path = dir.path().join("src/ops.ts");
    apply_with(dir.path(), &operations(), &mut |_| {
        assert!(["old\n", "new\n"].contains(&&*fs::read_to_string(&path).unwrap()));
        Ok(())
    })
    .unwrap();
}

#[test]
fn a_cut_at_any_call_leaves_all_old_or_all_new() {
    let (old, new) = (before(), after());
    for ability in ABILITIES {
        let (mut undone, mut finished) = (0, 0);
        for at in calls() {
            let dir = room();
            if apply_with(dir.path(), &operations(), &mut dead_from(at, ability)).is_ok() {
                break;
            }
            recover_with(dir.path(), &mut |step| ability.answer(step)).unwrap();
            let found = snapshot(dir.path());
            if found == old {
                undone += 1;
            } else {
                assert_eq!(found, new, "cut off before call {at}, {ability:?}");
                finished += 1;
            }
        }
        assert!(undone > 30 && finished > 30, "{ability:?}: {undone} undone, {finished} finished");
    }
}

#[test]
fn a_cut_at_any_call_of_the_recovery_leaves_all_old_or_all_new() {
    let (old, new) = (before(), after());
    for ability in ABILITIES {
        // Each cut of the run meets another part of the cuts of its recovery.
        for at in 1..120 {
            for again in (1 + at % 13..).step_by(13) {
                let dir = room();
                if apply_with(dir.path(), &operations(), &mut dead_from(at, ability)).is_ok() {
                    break;
                }
                let done = recover_with(dir.path(), &mut dead_from(again, ability)).is_ok();
                recover_with(dir.path(), &mut |step| ability.answer(step)).unwrap();
                let found = snapshot(dir.path());
                assert!(found == old || found == new, "cut at {at}, recovery at {again}, {ability:?}: {found:#?}");
                if done {
                    break;
                }
            }
        }
    }
}

#[test]
fn an_error_at_any_call_leaves_all_old_and_nothing_behind() {
    use io::ErrorKind::{Other, PermissionDenied, ReadOnlyFilesystem, StorageFull};
    let (old, new) = (before(), after());
    for kind in [StorageFull, PermissionDenied, ReadOnlyFilesystem, Other] {
        for at in calls() {
            let dir = room();
            let mut count = 0;
            let result = apply_with(dir.path(), &operations(), &mut |_| {
                count += 1;
                if count == at { Err(kind.into()) } else { Ok(()) }
            });
            if count < at {
                break;
            }
            let found = snapshot(dir.path());
            match result {
                // Without links, or the owner that could not be given.
                Ok(()) => assert_eq!(found, new),
                Err(error) if error.to_string().starts_with("all files are in") => {
                    recover(dir.path()).unwrap();
                    assert_eq!(snapshot(dir.path()), new);
                }
                Err(error) => {
                    assert!(error.to_string().starts_with("nothing was written to"), "{at}: {error:#}");
                    assert_eq!(exit_code(&error), FAILED);
                    assert_eq!(found, old, "{kind} at {at}: {error:#}");
                }
            }
        }
    }
}

#[test]
fn a_cut_at_any_call_of_an_undoing_leaves_all_old() {
    let (old, new) = (before(), after());
    for ability in ABILITIES {
        for at in calls() {
            let dir = room();
            let mut since = None;
            let result = apply_with(dir.path(), &operations(), &mut |step| {
                // The last new file cannot have its place, and then the undoing is cut off.
                if since.is_none() && step.path.ends_with("src/ops.ts") && step.call != Call::Flush {
                    since = Some(0);
                }
                match &mut since {
                    Some(count) if *count == 0 || *count >= at => {
                        *count += 1;
                        Err(io::ErrorKind::Other.into())
                    }
                    Some(count) => {
                        *count += 1;
                        ability.answer(step)
                    }
                    None => ability.answer(step),
                }
            });
            let told = format!("{:#}", result.unwrap_err());
            let cut = told.contains("cleaning up failed too");
            recover_with(dir.path(), &mut |step| ability.answer(step)).unwrap();
            let found = snapshot(dir.path());
            // Before its first call it has not begun, and the run can be finished.
            let right = if at == 1 { &new } else { &old };
            assert_eq!(&found, right, "cut off {at} calls into the undoing, {ability:?}: {told}");
            if !cut {
                assert!(at > 20, "{at}: {told}");
                break;
            }
        }
    }
}

/// The error of a transaction that is refused and leaves everything as it was.
fn refusal(root: &Path, operations: &[Operation]) -> String {
    let old = snapshot(root);
    let error = apply(root, operations).unwrap_err();
    assert_eq!(exit_code(&error), REFUSED, "{error:#}");
    assert_eq!(snapshot(root), old);
    format!("{error:#}")
}

#[test]
fn what_is_not_as_it_was_seen_is_refused() {
    let dir = room();
    let told = |operation: Operation| refusal(dir.path(), &[write("zzz", "new\n", None), operation]);
    assert!(
        told(write("Dockerfile", "x", Some("other"))).contains("Dockerfile was edited since this run looked at it")
    );
    assert!(told(remove("Dockerfile", "other")).contains("Dockerfile was edited since"));
    assert!(told(write("none/x", "x", Some("y"))).contains("none/x is gone since"));
    assert!(told(write("docs", "x", Some("y"))).contains("docs is a directory now since"));
    assert!(told(write("Dockerfile", "x", None)).contains("Dockerfile appeared while"));
    assert!(told(write("docs", "x", None)).contains("docs appeared while"));
    assert!(told(write("conf/x", "x", None)).contains("conf is a file, not a directory"));
    symlink("docs", dir.path().join("linked")).unwrap();
    assert!(told(write("linked/old.md", "x", Some("old\n"))).contains("linked/old.md is gone since"));
    assert!(told(write("linked/new.md", "x", None)).contains("linked is a symbolic link, not a directory"));
    assert!(told(remove("linked", "old\n")).contains("linked is a symbolic link now"));
    assert!(
        refusal(dir.path(), &[Operation::Remove { path: "conf".into(), expected: Expected::Absent }]).contains("conf")
    );
}

#[test]
fn a_folder_that_still_holds_something_gives_way_to_no_file() {
    let dir = room();
    fs::write(dir.path().join("kube/base/mine.yaml"), "mine\n").unwrap();
    assert!(refusal(dir.path(), &operations()).contains("kube appeared while"));
}

#[test]
fn a_read_only_file_is_refused_and_says_how_to_go_on() {
    let dir = room();
    let path = dir.path().join("src/ops.ts");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).unwrap();
    let told = refusal(dir.path(), &operations());
    assert!(told.contains("ops.ts is read-only: allow writing to it (chmod u+w)"), "{told}");
}

#[test]
fn removing_what_is_gone_is_no_change_at_all() {
    let dir = room();
    let gone = Operation::Remove { path: "gone/x".into(), expected: Expected::Absent };
    apply(dir.path(), &[gone]).unwrap();
    assert_eq!(snapshot(dir.path()), before());
}

#[test]
fn one_path_has_one_operation() {
    let dir = room();
    let twice = [write("docs/old.md", "x", Some("old\n")), remove("docs/old.md", "old\n")];
    let error = apply(dir.path(), &twice).unwrap_err();
    assert_eq!(error.to_string(), "\"docs/old.md\" has two operations in one transaction");
    assert_eq!(snapshot(dir.path()), before());
}

/// On a file system that does not tell cases apart, the same file is seen under both names.
#[test]
fn a_name_may_change_its_case_only() {
    let dir = room();
    let (lower, upper) = (dir.path().join("case/readme.md"), dir.path().join("case/README.md"));
    let seen = write("case/README.md", "# README\n", Some("# readme\n"));
    let renamed = [remove("case/readme.md", "# readme\n"), seen];
    // What such a file system shows, as far as another one can: one file under both names, which go together.
    fs::hard_link(&lower, &upper).unwrap();
    apply_with(dir.path(), &renamed, &mut |_| {
        if !lower.exists() && upper.exists() && fs::read(&upper)? == b"# readme\n" {
            fs::remove_file(&upper)?;
        }
        Ok(())
    })
    .unwrap();
    assert!(!lower.exists());
    assert_eq!(fs::read_to_string(&upper).unwrap(), "# README\n");
}

#[test]
fn another_file_whose_name_differs_in_case_only_is_not_replaced() {
    let dir = room();
    fs::write(dir.path().join("case/README.md"), "mine\n").unwrap();
    let told = refusal(dir.path(), &[remove("case/readme.md", "# readme\n"), write("case/README.md", "x", None)]);
    assert!(told.contains("README.md appeared while"), "{told}");
}

#[test]
fn the_owner_stays_where_the_system_lets_us() {
    let dir = room();
    let path = dir.path().join("src/ops.ts");
    if std::os::unix::fs::chown(&path, Some(4711), Some(4712)).is_err() {
        return; // Only root can try this.
    }
    apply(dir.path(), &operations()).unwrap();
    let found = fs::metadata(&path).unwrap();
    assert_eq!((found.uid(), found.gid(), found.mode() & 0o777), (4711, 4712, 0o664));
}

#[test]
fn what_replaces_is_flushed_first_and_what_only_creates_is_not() {
    let calls = |operations: &[Operation]| {
        let dir = room();
        let mut calls = Vec::new();
        apply_with(dir.path(), operations, &mut |step: Step<'_>| {
            calls.push((step.call, step.path.strip_prefix(dir.path()).unwrap().display().to_string()));
            Ok(())
        })
        .unwrap();
        calls
    };
    assert!(calls(&[write("new/x", "x", None)]).iter().all(|(call, _)| *call != Call::Flush));
    let mixed = calls(&operations());
    let at = |call: Call, path: &str| mixed.iter().position(|step| *step == (call, path.to_owned())).unwrap();
    let order = [
        at(Call::Flush, ".seaworthy/txn/journal.new"),
        at(Call::Rename, ".seaworthy/txn/journal"),
        at(Call::Flush, ".seaworthy/txn"),
        at(Call::Exchange, "src/ops.ts"),
        at(Call::Flush, "src"),
        at(Call::Rename, ".seaworthy/txn/done"),
    ];
    assert!(order.is_sorted(), "{order:?}");
    let staged = |path: &str| path.rsplit('/').next().unwrap().parse::<usize>().is_ok();
    for (_, path) in mixed.iter().filter(|(call, path)| *call == Call::WriteFile && staged(path)) {
        assert!(at(Call::Flush, path) < order[1], "{path}");
    }
}
