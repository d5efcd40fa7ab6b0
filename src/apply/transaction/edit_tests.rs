//! The user, or any other program, writes at every moment of a transaction: nothing of it is lost.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::symlink;
use std::path::Path;

use super::disk::Call;
use super::mixed::{
    ABILITIES, Ability, Snapshot, after, before, calls, dead_from, in_memory, operations, room, snapshot,
};
use super::recover::recover_with;
use super::*;

const MINE: &str = "mine, just now\n";

/// The ways in which a file changes under our hands.
#[derive(Debug, Clone, Copy)]
enum Edit {
    /// Written to through its name.
    InPlace,
    /// Replaced by a rename, as most editors do.
    Renamed,
    /// Gone, and a folder with a file in it.
    Folder,
    /// Gone, and a link to a place outside.
    Link,
}

impl Edit {
    const ALL: [Self; 4] = [Self::InPlace, Self::Renamed, Self::Folder, Self::Link];

    fn make(self, path: &Path, outside: &Path) -> io::Result<()> {
        fs::create_dir_all(path.parent().unwrap())?;
        match self {
            Self::InPlace => fs::write(path, MINE),
            Self::Renamed => {
                let beside = path.with_file_name("editor.tmp");
                fs::write(&beside, MINE)?;
                fs::rename(&beside, path).inspect_err(|_| fs::remove_file(&beside).unwrap())
            }
            Self::Folder => {
                fs::remove_file(path)?;
                fs::create_dir(path)?;
                fs::write(path.join("inside"), MINE)
            }
            Self::Link => {
                fs::remove_file(path)?;
                symlink(outside, path)
            }
        }
    }

    /// Whether the edit is still there, at its path or beside it.
    fn survives(self, found: &Snapshot, path: &str, outside: &Path) -> bool {
        let text = match self {
            Self::Link => format!("link to {}", outside.display()),
            _ => MINE.to_owned(),
        };
        let flat = path.replace('/', "-");
        found.iter().any(|(at, (held, _))| *held == text && (at.starts_with(path) || at.starts_with(&flat)))
    }
}

/// The files that are edited: one of each kind of operation.
const EDITED: [&str; 6] =
    ["Dockerfile", "conf", "docs/old.md", "kube/base/service.yaml", "new/deep/file", "src/ops.ts"];

/// Each kind of edit meets another part of the calls, all of them together meet each call often.
const STRIPES: usize = 8;

/// Every kind of edit to every file, and the call that it starts with.
fn edits() -> impl Iterator<Item = (usize, &'static str, Edit)> {
    let all = EDITED.iter().flat_map(|path| Edit::ALL.map(|edit| (*path, edit)));
    all.enumerate().map(|(number, (path, edit))| (number * 3 % STRIPES, path, edit))
}

/// Whether every file but those at and below the edited path is as in one of two trees.
fn is_either(found: &Snapshot, edited: &str, old: &Snapshot, new: &Snapshot) -> bool {
    let top = edited.split('/').next().unwrap();
    let rest = |tree: &Snapshot| -> Snapshot {
        tree.iter().filter(|(path, _)| !path.starts_with(top)).map(|(a, b)| (a.clone(), b.clone())).collect()
    };
    let found = rest(found);
    found == rest(old) || found == rest(new)
}

#[test]
fn an_edit_at_any_call_survives() {
    let (old, new) = (before(), after());
    for ability in ABILITIES {
        for (offset, path, edit) in edits() {
            for at in calls().skip(offset).step_by(STRIPES) {
                let dir = room();
                let outside = in_memory();
                let (mut count, mut edited) = (0, false);
                let result = apply_with(dir.path(), &operations(), &mut |step| {
                    count += 1;
                    // Without links there is a gap between the look and the rename: see `rename_new`.
                    let gap = ability == Ability::NoLinks && step.call == Call::Rename;
                    if count == at && !gap {
                        edited = edit.make(&dir.path().join(path), outside.path()).is_ok();
                    }
                    ability.answer(step)
                });
                if count < at {
                    break;
                }
                let told = format!("{path}, {edit:?} at {at}, {ability:?}: {result:?}");
                let found = snapshot(dir.path());
                assert!(!dir.path().join(".seaworthy/txn").exists(), "{told}");
                assert!(!edited || edit.survives(&found, path, outside.path()), "{told}: {found:#?}");
                assert!(is_either(&found, path, &old, &new), "{told}: {found:#?}");
                assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0, "{told}");
            }
        }
    }
}

#[test]
fn an_edit_after_a_cut_at_any_call_survives_the_recovery() {
    let (old, new) = (before(), after());
    for ability in ABILITIES {
        for (offset, path, edit) in edits() {
            for at in calls().skip(offset).step_by(STRIPES) {
                let dir = room();
                let outside = in_memory();
                if apply_with(dir.path(), &operations(), &mut dead_from(at, ability)).is_ok() {
                    break;
                }
                let edited = edit.make(&dir.path().join(path), outside.path()).is_ok();
                let recovery = recover_with(dir.path(), &mut |step| ability.answer(step));
                let told = format!("{path}, {edit:?} at {at}, {ability:?}: {recovery:?}");
                assert!(recovery.is_ok(), "{told}");
                let found = snapshot(dir.path());
                assert!(!edited || edit.survives(&found, path, outside.path()), "{told}: {found:#?}");
                assert!(is_either(&found, path, &old, &new), "{told}: {found:#?}");
                assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0, "{told}");
            }
        }
    }
}

/// A program that has the old file open writes to it wherever it has gone.
#[test]
fn what_is_written_to_an_open_file_at_any_call_survives() {
    for path in ["Dockerfile", "docs/old.md"] {
        for at in calls() {
            let dir = room();
            let mut open: File = OpenOptions::new().append(true).open(dir.path().join(path)).unwrap();
            let mut count = 0;
            let mut removing = false;
            let result = apply_with(dir.path(), &operations(), &mut |step| {
                count += 1;
                if count == at {
                    // The moment between the last look and the removal is the one that nobody can close.
                    removing = step.call == Call::RemoveFile && step.path.to_str().unwrap().contains("/old.");
                    open.write_all(MINE.as_bytes())?;
                }
                Ok(())
            });
            if count < at {
                break;
            }
            let found = snapshot(dir.path());
            let kept = found.iter().any(|(at, (text, _))| at.starts_with(path) && text.ends_with(MINE));
            let gone = !found.values().any(|(text, _)| text.ends_with(MINE));
            let finished = found.contains_key("new/deep/file");
            assert!(
                kept || (finished && gone && (removing || result.is_ok())),
                "{path} at {at}: {result:?} {found:#?}"
            );
        }
    }
}

#[test]
fn what_was_written_to_an_open_file_in_the_end_is_told() {
    let dir = room();
    let mut open = OpenOptions::new().append(true).open(dir.path().join("src/ops.ts")).unwrap();
    let error = apply_with(dir.path(), &operations(), &mut |step| {
        if step.path.ends_with("done") && step.call == Call::Rename {
            open.write_all(MINE.as_bytes())?;
        }
        Ok(())
    })
    .unwrap_err();
    let told = format!("{error:#}");
    assert!(told.ends_with("meanwhile: what src/ops.ts held before is in src/ops.ts.seaworthy-old"), "{told}");
    assert!(told.starts_with("all files are in"), "{told}");
    assert_eq!(fs::read_to_string(dir.path().join("src/ops.ts")).unwrap(), "new\n");
    assert_eq!(fs::read_to_string(dir.path().join("src/ops.ts.seaworthy-old")).unwrap(), format!("old\n{MINE}"));
}
