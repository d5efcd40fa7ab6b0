//! Tests of the install step, with the shell as a stand-in for the package manager.

use super::*;
use crate::stack::package_manager::NPM;

/// A package manager whose install is a shell script.
fn stand_in(script: &'static str) -> PackageManager {
    PackageManager { name: "sh", first_install: Box::leak(Box::new(["-c", script])), ..NPM }
}

fn run_script(script: &'static str) -> (anyhow::Result<Vec<String>>, Vec<String>) {
    let dir = tempfile::tempdir().unwrap();
    let mut shown = Vec::new();
    let result = run(dir.path(), &stand_in(script), &mut |line| shown.push(line.to_owned()));
    (result, shown)
}

#[test]
fn lines_are_shown_as_they_come_and_warnings_are_returned() {
    let (result, shown) = run_script("echo one; echo 'npm warn EBADENGINE node' >&2; printf 'two\\nlast'");
    assert_eq!(result.unwrap(), ["npm warn EBADENGINE node"]);
    // The two outputs have an order of their own each, and none between them.
    let (warnings, said): (Vec<_>, Vec<_>) = shown.into_iter().partition(|line| line.starts_with("npm warn"));
    assert_eq!(said, ["one", "two", "last"]);
    assert_eq!(warnings, ["npm warn EBADENGINE node"]);
}

#[test]
fn it_runs_in_the_directory_and_without_input() {
    let dir = tempfile::tempdir().unwrap();
    run(dir.path(), &stand_in("cat && touch node_modules"), &mut |_| {}).unwrap();
    assert!(dir.path().join("node_modules").exists());
}

#[test]
fn a_failure_tells_what_ran_where_how_it_ended_and_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("my orders");
    std::fs::create_dir(&root).unwrap();
    let script = "for n in $(seq 1 40); do echo line $n; done; echo 'npm error code E404' >&2; sleep 0.1; exit 7";
    let told = run(&root, &stand_in(script), &mut |_| {}).unwrap_err().to_string();
    assert!(told.starts_with("`sh -c for n in"), "{told}");
    assert!(told.contains(&format!("failed in {} (exit status: 7).", root.display())), "{told}");
    assert!(told.contains("npm error code E404"), "{told}");
    assert!(told.contains("  line 40\n") && !told.contains("line 25\n"), "{told}");
    assert_eq!(told.lines().filter(|line| line.starts_with("  ")).count(), TAIL);
    assert!(told.ends_with(&format!("Once the cause is gone: cd '{}' && sh -c", root.display())), "{told}");
}

#[test]
fn a_silent_failure_and_a_signal_are_told() {
    let (result, _) = run_script("kill -TERM $$");
    let told = result.unwrap_err().to_string();
    assert!(told.contains("(signal: 15 (SIGTERM))") && told.contains("It said nothing."), "{told}");
}

#[test]
fn a_missing_program_is_told_with_the_way_out() {
    let dir = tempfile::tempdir().unwrap();
    let manager = PackageManager { name: "seaworthy-no-such-program", ..NPM };
    let told = run(dir.path(), &manager, &mut |_| {}).unwrap_err().to_string();
    assert!(told.starts_with("seaworthy-no-such-program was not found. All files are in"), "{told}");
    assert!(told.ends_with("&& seaworthy-no-such-program install"), "{told}");
    let other = PackageManager { comes_with_node: false, package: "@a/b", ..manager };
    let told = run(dir.path(), &other, &mut |_| {}).unwrap_err().to_string();
    assert!(told.contains("\nInstall it (npm install --global @a/b), and then: cd "), "{told}");
}

#[test]
fn a_process_that_is_left_behind_does_not_hold_us_up() {
    let start = Instant::now();
    let (result, shown) = run_script("sleep 20 & echo done");
    result.unwrap();
    assert_eq!(shown, ["done"]);
    assert!(start.elapsed() < Duration::from_secs(10));
}

/// A Ctrl-C goes to the whole process group of the terminal.
#[cfg(target_os = "linux")]
#[test]
fn the_child_is_in_our_process_group() {
    let (result, shown) = run_script("cut -d ' ' -f 5 /proc/$$/stat /proc/$PPID/stat");
    result.unwrap();
    assert_eq!(shown[0], shown[1]);
}

#[test]
fn output_cannot_move_the_cursor() {
    assert_eq!(printable("\u{1b}[31mred\u{7}\tend  \r"), "[31mred    end");
    assert_eq!(printable("10%\r50%\r100%\n"), "100%");
}
