//! `cargo bench`: the whole process of `new --no-install` beside `cp -r` of the tree that it makes.
//!
//! Both are run in turns, so that whatever else the machine does meets both alike; the ratio of the
//! medians is the result. It is reported and never asserted.
#![allow(clippy::print_stdout, reason = "a report is what a benchmark is for")]
#![allow(clippy::expect_used, reason = "a benchmark that cannot measure has nothing to go on with")]

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// The preset that emits the most files.
const PRESET: &str = "at-scale";
const ROUNDS: usize = 101;

fn main() {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let model = folder.path().join("model");
    new(&model);
    let (files, bytes) = size(&model);

    let mut ours = Vec::with_capacity(ROUNDS);
    let mut copying = Vec::with_capacity(ROUNDS);
    for round in 0..ROUNDS {
        let made = folder.path().join(format!("new-{round}"));
        ours.push(time(|| new(&made)));
        let copied = folder.path().join(format!("copy-{round}"));
        copying.push(time(|| copy(&model, &copied)));
    }
    let (new, copy) = (median(&mut ours), median(&mut copying));
    println!("preset {PRESET}: {files} files, {bytes} bytes, median of {ROUNDS} rounds in turns");
    println!("seaworthy new --no-install  {:>8.2} ms", milliseconds(new));
    println!("cp -r of the same tree      {:>8.2} ms", milliseconds(copy));
    println!("ratio                       {:>8.2}", new.as_secs_f64() / copy.as_secs_f64());
}

fn new(directory: &Path) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_seaworthy"));
    command.args(["new", "--preset", PRESET, "--yes", "--no-install"]).arg(directory);
    run(&mut command);
}

fn copy(from: &Path, to: &Path) {
    run(Command::new("cp").arg("-r").arg(from).arg(to));
}

fn run(command: &mut Command) {
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

/// Number of files and their bytes.
fn size(directory: &Path) -> (usize, u64) {
    let content = fs_extra::dir::get_dir_content(directory).expect("the tree can be read");
    (content.files.len(), content.dir_size)
}
