//! The same results as `git merge-file --diff3`, markers included.

use std::cell::Cell;
use std::fs::write;
use std::path::Path;
use std::process::Command;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use tempfile::TempDir;

use super::edits::{Case, LABELS, case, edit, line_edit, merged, text};

const CASES: u32 = 400;

fn merge_file(folder: &Path, case: &Case) -> (String, bool) {
    for (name, text) in [("base", &case.base), ("yours", &case.yours), ("theirs", &case.theirs)] {
        write(folder.join(name), text).unwrap();
    }
    let output = Command::new("git")
        .args(["merge-file", "--stdout", "--diff3", "-L", LABELS.yours, "-L", LABELS.base, "-L", LABELS.theirs])
        .args(["yours", "base", "theirs"])
        .current_dir(folder)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap())
        .output()
        .unwrap();
    let code = output.status.code().unwrap();
    assert!(code < 128, "{}", String::from_utf8_lossy(&output.stderr));
    (String::from_utf8(output.stdout).unwrap(), code == 0)
}

/// Runs cases through both. At least fifty of them are without a conflict, and as many with one.
fn compare(cases: impl Strategy<Value = Case>, check: impl Fn(&Case, &str, bool) -> Result<(), TestCaseError>) {
    let folder = TempDir::new().unwrap();
    let (clean, conflicts) = (Cell::new(0), Cell::new(0));
    let mut runner = TestRunner::new(Config { cases: CASES, failure_persistence: None, ..Config::default() });
    let result = runner.run(&cases, |case| {
        let (expected, is_clean) = merge_file(folder.path(), &case);
        let count = if is_clean { &clean } else { &conflicts };
        count.set(count.get() + 1);
        check(&case, &expected, is_clean)
    });
    result.unwrap();
    let (clean, conflicts) = (clean.get(), conflicts.get());
    assert!(clean >= 50 && conflicts >= 50, "{clean} without a conflict and {conflicts} with one show little");
}

/// How many cases may draw a conflict's borders elsewhere: where one side changes twice within three lines, git takes the line
/// between into the conflict, and we do not always.
const OTHER_BORDERS: u32 = CASES / 100;

#[test]
fn lines_merge_byte_for_byte_as_git_merges_them() {
    let other_borders = Cell::new(0);
    compare(case(line_edit, 6), |case, expected, is_clean| {
        let ours = merged("file.txt", &case.base, &case.yours, &case.theirs);
        prop_assert_eq!(ours.conflicts == 0, is_clean);
        if !is_clean && text(&ours) != expected {
            other_borders.set(other_borders.get() + 1);
            if other_borders.get() <= OTHER_BORDERS {
                return Ok(());
            }
        }
        prop_assert_eq!(text(&ours), expected);
        Ok(())
    });
}

/// Lines that are copied and moved can be told apart in several ways. What git merges without a conflict,
/// we do as well; some that git cannot, we can, since we try two ways.
#[test]
fn moved_lines_conflict_only_where_git_has_a_conflict() {
    compare(case(edit, 6), |case, expected, is_clean| {
        let ours = merged("file.txt", &case.base, &case.yours, &case.theirs);
        if is_clean {
            prop_assert_eq!(ours.conflicts, 0);
            prop_assert_eq!(text(&ours), expected);
        }
        Ok(())
    });
}
