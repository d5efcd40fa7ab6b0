//! `cargo bench --bench monorepo`: `check` and `diff` on every service of a monorepo of 100, beside `git status` of all of it.
//!
//! All are run in turns, so that whatever else the machine does meets them alike; the ratios of the
//! medians are the result. They are reported and never asserted.
#![allow(clippy::print_stdout, reason = "a report is what a benchmark is for")]
#![allow(clippy::expect_used, reason = "a benchmark that cannot measure has nothing to go on with")]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const SERVICES: usize = 100;
const ROUNDS: usize = 21;
const PRESET: &str = "api";

fn main() {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let root = folder.path();
    let services: Vec<PathBuf> = (0..SERVICES).map(|number| root.join(format!("services/service-{number}"))).collect();
    for service in &services {
        run(seaworthy(&["new", "--preset", PRESET, "--yes", "--no-install"], service));
    }
    commit(root);
    let files = fs_extra::dir::get_dir_content(root.join("services")).expect("the tree can be read").files.len();
    println!("{SERVICES} services of preset {PRESET}, {files} files, median of {ROUNDS} rounds in turns");
    let (mut status, mut check, mut diff) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        status.push(time(|| run(git(root, &["status", "--short"]))));
        check.push(time(|| services.iter().for_each(|service| run(seaworthy(&["check"], service)))));
        diff.push(time(|| services.iter().for_each(|service| run(seaworthy(&["diff"], service)))));
    }
    let status = median(&mut status);
    println!("git status of all         {:>9.2} ms", milliseconds(status));
    for (name, times) in [("check", &mut check), ("diff ", &mut diff)] {
        let all = median(times);
        println!(
            "seaworthy {name} of each   {:>9.2} ms, {:.2} ms a service, ratio {:.1}",
            milliseconds(all),
            milliseconds(all) / 100.0,
            all.as_secs_f64() / status.as_secs_f64()
        );
    }
}

fn commit(root: &Path) {
    run(git(root, &["init", "--quiet"]));
    run(git(root, &["add", "--all"]));
    run(git(root, &["-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "--quiet", "--message", "all"]));
}

fn seaworthy(arguments: &[&str], directory: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_seaworthy"));
    command.args(arguments).arg(directory);
    command
}

fn git(root: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new("git");
    command.arg("-C").arg(root).args(arguments);
    command
}

fn run(mut command: Command) {
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    assert!(status.expect("the command starts").success(), "{command:?} failed");
}

fn time(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
