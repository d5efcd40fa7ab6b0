//! A repository with more files than anybody wrote: an answer in seconds, in bounded memory.

use std::fs::{self, File};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use tempfile::TempDir;

/// Installed packages, which are not entered.
const INSTALLED: usize = 20_000;
/// Files beside them, more than are listed.
const FILES: usize = 52_000;

/// The rest of the 200,000 lies in folders that are not entered, and costs the same whatever their number: `cargo bench
/// --bench detect` measures them all.
#[test]
fn a_huge_tree_is_told_in_bounded_time_and_memory() -> Result<()> {
    let root = TempDir::new()?;
    let at = |path: &str| root.path().join(path);
    fs::write(
        at("package.json"),
        "{\"name\":\"huge\",\"dependencies\":{\"fastify\":\"^5.0.0\"},\"scripts\":{\"start\":\"node server.js\"}}",
    )?;
    fs::write(at("server.js"), "process.env.HUGE; require('fastify')().listen({ port: 3000 });")?;
    for (folder, count) in [("node_modules", INSTALLED), ("packages", FILES)] {
        for index in 0..count {
            if index % 1_000 == 0 {
                fs::create_dir_all(at(&format!("{folder}/{}", index / 1_000)))?;
            }
            File::create(at(&format!("{folder}/{}/{index}.js", index / 1_000)))?;
        }
    }
    let started = Instant::now();
    // 512 MiB of address space, threads and the binary itself included.
    let script = "ulimit -v 524288; exec \"$0\" init --dry-run --json \"$1\"";
    let output =
        Command::new("/bin/sh").args(["-c", script, env!("CARGO_BIN_EXE_seaworthy")]).arg(root.path()).output()?;
    let took = started.elapsed();
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let report: Value = serde_json::from_slice(&output.stdout)?;
    let facts = report["facts"].as_array().context("facts is an array")?;
    for (subject, value) in
        [("framework", "fastify"), ("port", "3000"), ("env-variable", "HUGE"), ("entry-point", "server.js")]
    {
        let is_told = facts.iter().any(|fact| fact["subject"] == subject && fact["value"] == value);
        ensure!(is_told, "{subject} {value} is not told");
    }
    let limits = report["limits"].as_array().context("limits is an array")?;
    ensure!(
        limits.iter().any(|limit| limit["reason"].as_str().is_some_and(|it| it.contains("more than 50000"))),
        "{limits:?}"
    );
    ensure!(report["looked"]["skipped_folders"] == 1, "{}", report["looked"]);
    ensure!(took < Duration::from_secs(20), "it took {took:?}");
    Ok(())
}
