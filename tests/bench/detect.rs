//! `cargo bench --bench detect`: `init --dry-run` in a tree of 200,000 files, most of them installed packages.
//!
//! The result is reported and never asserted; `tests/detect/huge.rs` asserts the bounds on a smaller one.
#![allow(clippy::print_stdout, reason = "a report is what a benchmark is for")]
#![allow(clippy::expect_used, reason = "a benchmark that cannot measure has nothing to go on with")]

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

/// Installed packages, which are not entered, and files of the repository itself.
const SHAPES: [(usize, usize); 2] = [(190_000, 10_000), (0, 200_000)];
const ROUNDS: usize = 11;

fn main() {
    for (installed, own) in SHAPES {
        let folder = tempfile::tempdir().expect("a temporary directory");
        make(folder.path(), installed, own);
        let mut times: Vec<_> = (0..ROUNDS).map(|_| look(folder.path())).collect();
        times.sort_unstable();
        let median = times[ROUNDS / 2].as_secs_f64() * 1000.0;
        println!("{installed} files in node_modules, {own} beside: {median:.0} ms, median of {ROUNDS}");
    }
}

fn make(root: &Path, installed: usize, own: usize) {
    fs::write(root.join("package.json"), "{\"dependencies\":{\"fastify\":\"5\"}}").expect("a manifest");
    for (folder, count) in [("node_modules", installed), ("src", own)] {
        for index in 0..count {
            let inner = root.join(folder).join((index / 1_000).to_string());
            if index % 1_000 == 0 {
                fs::create_dir_all(&inner).expect("a folder");
            }
            File::create(inner.join(format!("{index}.ts"))).expect("a file");
        }
    }
}

fn look(root: &Path) -> std::time::Duration {
    let start = Instant::now();
    let mut command = Command::new(env!("CARGO_BIN_EXE_seaworthy"));
    let status = command.args(["init", "--dry-run"]).arg(root).stdout(Stdio::null()).status();
    assert!(status.expect("it starts").success(), "it failed");
    start.elapsed()
}
