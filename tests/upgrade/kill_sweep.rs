//! The real binary, killed by the system before every call that changes the file system, and told at every
//! such call that the disk is full, broken or read-only, or that it may not.
//!
//! strace does both. It counts the calls of an undisturbed run first. `tests/run.sh` installs it; it works on
//! Linux only.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]
#![allow(clippy::print_stdout, reason = "the numbers of calls are what a sweep is judged by")]

#[path = "kill_sweep/mounted.rs"]
mod mounted;
#[path = "kill_sweep/scene.rs"]
mod scene;
#[path = "kill_sweep/strace.rs"]
mod strace;

use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use scene::{Scene, files_only, target};
use seaworthy::apply::transaction::recover;
use strace::{Point, Tamper};

/// What a system says about a disk that does not take what is written, and how it says it.
const ERRORS: [(&str, &str); 4] = [
    ("ENOSPC", "No space left on device"),
    ("EACCES", "Permission denied"),
    ("EROFS", "Read-only file system"),
    ("EIO", "Input/output error"),
];

/// Exit codes of a run that failed, or refused.
const FAILURES: [i32; 2] = [1, 5];

/// Does something for each of many points, on every processor.
fn for_each<T: Sync>(all: &[T], work: impl Fn(&T) + Sync) {
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                while let Some(one) = all.get(next.fetch_add(1, Ordering::Relaxed)) {
                    work(one);
                }
            });
        }
    });
}

fn kill_everywhere(scene: &Scene) {
    let points = strace::points(scene);
    let (undone, finished) = (AtomicUsize::new(0), AtomicUsize::new(0));
    for_each(&points, |point| {
        let room = scene.room();
        let run = strace::run(scene, room.path(), point, &Tamper::Kill);
        assert!(run.was_killed, "{point:?} was not reached: {run:?}");
        recover(&target(room.path())).unwrap();
        let found = scene.look(room.path());
        if found == scene.before {
            undone.fetch_add(1, Ordering::Relaxed);
        } else {
            assert_same(&found, &scene.after, point);
            finished.fetch_add(1, Ordering::Relaxed);
        }
    });
    let (undone, finished) = (undone.into_inner(), finished.into_inner());
    println!("{}: killed at {} calls, {undone} undone, {finished} finished", scene.name, points.len());
    assert!(undone > 50 && finished > 50, "{}: {undone} undone, {finished} finished", scene.name);
}

/// The same command once more, after a kill: it recovers by itself, and then does its work.
fn run_again_after_a_kill(scene: &Scene) {
    let points: Vec<Point> = strace::points(scene).into_iter().step_by(16).collect();
    for_each(&points, |point| {
        let room = scene.room();
        assert!(strace::run(scene, room.path(), point, &Tamper::Kill).was_killed, "{point:?}");
        let again = scene.command(room.path()).output().unwrap();
        assert!(again.status.success(), "{point:?}: {again:?}");
        assert_same(&scene.look(room.path()), &scene.after, point);
    });
}

fn fail_everywhere(scene: &Scene) {
    // What is printed is no file.
    let points: Vec<Point> = strace::points(scene).into_iter().filter(|point| !point.prints).collect();
    let numbered: Vec<(usize, &Point)> = points.iter().enumerate().collect();
    for_each(&numbered, |(number, point)| {
        // Neighbouring calls meet different errors; four neighbours mostly do the same to four files.
        let (error, told) = ERRORS[number % ERRORS.len()];
        let room = scene.room();
        let run = strace::run(scene, room.path(), point, &Tamper::Error(error));
        let found = scene.look(room.path());
        match run.exit_code {
            // There was another way: a rename where no link can be made.
            Some(0) => assert_same(&found, &scene.after, point),
            Some(code) if FAILURES.contains(&code) && run.stderr.contains("all files are in") => {
                recover(&target(room.path())).unwrap();
                assert_same(&scene.look(room.path()), &scene.after, point);
            }
            Some(code) if FAILURES.contains(&code) => {
                assert_same(&found, &scene.before, point);
                assert!(run.stderr.contains("nothing was written to"), "{point:?}: {run:?}");
                assert!(run.stderr.contains(told), "{point:?}: {run:?}");
            }
            _ => panic!("{error} at {point:?}: {run:?}"),
        }
    });
    println!("{}: failed at {} calls", scene.name, points.len());
}

fn assert_same(found: &scene::Snapshot, expected: &scene::Snapshot, point: &Point) {
    let differs = |one: &scene::Snapshot, other: &scene::Snapshot| -> Vec<String> {
        one.iter().filter(|(path, what)| other.get(*path) != Some(what)).map(|(path, _)| path.clone()).collect()
    };
    let (more, less) = (differs(found, expected), differs(expected, found));
    assert!(more.is_empty() && less.is_empty(), "{point:?}: found {more:#?}, expected {less:#?}");
}

#[test]
fn new_killed_at_any_call_leaves_everything_or_nothing() {
    kill_everywhere(&Scene::new_repository());
}

#[test]
fn new_that_fails_at_any_call_leaves_nothing() {
    fail_everywhere(&Scene::new_repository());
}

#[test]
fn an_upgrade_killed_at_any_call_leaves_all_old_or_all_new() {
    kill_everywhere(&Scene::upgrade());
}

#[test]
fn an_upgrade_that_was_killed_is_done_by_the_next_one() {
    run_again_after_a_kill(&Scene::upgrade());
}

#[test]
fn an_upgrade_that_fails_at_any_call_leaves_all_old() {
    fail_everywhere(&Scene::upgrade());
}

#[test]
fn of_many_upgrades_at_once_each_is_done_or_refused() {
    let scene = Scene::upgrade();
    for _ in 0..8 {
        let room = scene.room();
        let start = || scene.command(room.path()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let runs: Vec<_> = (0..6).map(|_| start()).collect();
        let outputs: Vec<_> = runs.into_iter().map(|run| run.wait_with_output().unwrap()).collect();
        assert!(outputs.iter().any(|output| output.status.success()), "{outputs:?}");
        for output in outputs.iter().filter(|output| !output.status.success()) {
            let told = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(5), "{told}");
            let who = ["another run of seaworthy", "since this run looked at it", "while seaworthy was"];
            assert!(who.iter().any(|words| told.contains(words)), "{told}");
        }
        assert!(scene.look(room.path()) == scene.after);
    }
}

#[test]
fn the_upgrade_creates_updates_merges_and_deletes() {
    let scene = Scene::upgrade();
    let (before, after) = (files_only(&scene.before), files_only(&scene.after));
    let own = |path: &&String| !path.starts_with(".seaworthy/");
    assert!(after.keys().filter(own).any(|path| !before.contains_key(path)), "nothing is created");
    assert!(before.keys().filter(own).any(|path| !after.contains_key(path)), "nothing is deleted");
    let merged = &after[scene::EDITED];
    assert!(merged.starts_with(scene::EDIT) && *merged != before[scene::EDITED], "nothing is merged");
}
