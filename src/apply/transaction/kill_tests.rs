//! Kills a real process before each of its calls that change the disk, and looks at what the next
//! run makes of it.
//!
//! The child is this test binary itself, running only the test [`child`].

use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Stdio};

use super::apply_with;
use super::disk::{Call, Step};
use super::mixed::{self, after, before, calls, snapshot};
use super::recover::{Recovery, recover, recover_with};
use super::tests::{all_new, changes, operations, tree};

/// The target of the child, the call before which it dies, and what it does.
const VARIABLES: [&str; 3] = ["SEAWORTHY_TEST_ROOT", "SEAWORTHY_TEST_DIE_AT", "SEAWORTHY_TEST_DO"];

#[test]
#[ignore = "the process that the other tests start and that dies"]
fn child() {
    let [root, at, what] = VARIABLES.map(|name| std::env::var(name).unwrap());
    let (root, at) = (Path::new(&root), at.parse::<usize>().unwrap());
    let mut count = 0;
    let mut hook = |_: Step<'_>| {
        count += 1;
        if count == at {
            // No destructor runs and no buffer is written, as with SIGKILL, and the signal tells it
            // from a panic.
            std::process::abort();
        }
        Ok(())
    };
    match what.as_str() {
        "apply" => apply_with(root, &operations(root), &mut hook).unwrap(),
        "mix" => apply_with(root, &mixed::operations(), &mut hook).unwrap(),
        _ => drop(recover_with(root, &mut hook).unwrap()),
    }
}

/// Runs the child; whether it died.
fn dies(root: &Path, at: usize, what: &str) -> bool {
    let test = format!("{}::child", module_path!().split_once("::").unwrap().1);
    let status = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", &test, "--ignored", "--quiet"])
        .envs(VARIABLES.into_iter().zip([root.to_str().unwrap(), &at.to_string(), what]))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .unwrap();
    assert!(status.success() || status.signal().is_some(), "the child failed: {status}");
    !status.success()
}

#[test]
fn a_kill_at_any_call_leaves_all_old_or_all_new() {
    let (mut undone, mut finished) = (0, 0);
    for at in calls() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("orders");
        if !dies(&root, at, "apply") {
            break;
        }
        match recover(&root).unwrap() {
            Recovery::Finished { kept } | Recovery::Undone { kept } => assert_eq!(kept, Vec::<String>::new()),
            Recovery::Cleaned | Recovery::Nothing => {}
        }
        if tree(&root).is_empty() {
            undone += 1;
        } else {
            assert_eq!(tree(&root), all_new(), "killed before call {at}");
            finished += 1;
        }
        // The next run finds a target that it can write to, or one with nothing to do.
        let again = changes(&root);
        super::apply(&root, &again.operations().unwrap()).unwrap();
        assert_eq!(tree(&root), all_new());
    }
    assert!(undone > 10 && finished > 10, "{undone} undone, {finished} finished");
}

#[test]
fn a_kill_at_any_call_of_the_recovery_leaves_all_new_too() {
    let in_the_middle = call_of_a_link();
    for at in calls() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("orders");
        assert!(dies(&root, in_the_middle, "apply"));
        if !dies(&root, at, "recover") {
            break;
        }
        recover(&root).unwrap();
        assert_eq!(tree(&root), all_new(), "killed before call {at}");
    }
}

#[test]
fn a_kill_at_any_call_of_a_mixed_transaction_leaves_all_old_or_all_new() {
    let (old, new) = (before(), after());
    let (mut undone, mut finished) = (0, 0);
    for at in calls() {
        let dir = mixed::room();
        if !dies(dir.path(), at, "mix") {
            assert_eq!(snapshot(dir.path()), new);
            break;
        }
        recover(dir.path()).unwrap();
        let found = snapshot(dir.path());
        if found == old {
            undone += 1;
        } else {
            assert_eq!(found, new, "killed before call {at}");
            finished += 1;
        }
    }
    assert!(undone > 30 && finished > 30, "{undone} undone, {finished} finished");
}

/// The number of the call that gives the third file its place.
fn call_of_a_link() -> usize {
    let dir = tempfile::tempdir().unwrap();
    let mut calls = Vec::new();
    let hook = &mut |step: Step<'_>| {
        calls.push(step.call);
        Ok(())
    };
    apply_with(dir.path(), &operations(dir.path()), hook).unwrap();
    // One more call in the other run, which makes the target too.
    1 + 1 + calls.iter().enumerate().filter(|(_, call)| **call == Call::Link).nth(2).unwrap().0
}
