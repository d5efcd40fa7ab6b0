//! Damaged files: whatever stands in them, a review ends soon, without a panic and without an error.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use seaworthy::review::{check, format};
use tempfile::TempDir;

use crate::support::{copy, fixture};
use crate::table::{COMPOSE, FOREIGN, KUBERNETES};

/// In a debug build on a busy machine; nothing that ends takes nearly as long.
const SOON: Duration = Duration::from_secs(20);

/// One damage to one file. Numbers are taken modulo the length of what they point into.
#[derive(Clone, Debug)]
enum Damage {
    Delete(usize),
    Duplicate(usize),
    Swap(usize, usize),
    Replace(usize, String),
    Indent(usize, usize),
    Truncate(usize),
    WindowsEnds,
    ByteOrderMark,
    Bytes(usize, Vec<u8>),
}

fn damage() -> impl Strategy<Value = Damage> {
    let odd = prop_oneof![
        Just("&a [*a, *a]".to_owned()),
        Just("<<: *nowhere".to_owned()),
        Just("- - - {a: [".to_owned()),
        Just("${A:-${B:-${C".to_owned()),
        Just("FROM a AS a".to_owned()),
        Just("replicas: 99999999999999999999".to_owned()),
        Just("memory: -1e309Gi".to_owned()),
        Just("? [a]: b".to_owned()),
        "\\PC{0,40}",
    ];
    prop_oneof![
        any::<usize>().prop_map(Damage::Delete),
        any::<usize>().prop_map(Damage::Duplicate),
        any::<(usize, usize)>().prop_map(|(a, b)| Damage::Swap(a, b)),
        (any::<usize>(), odd).prop_map(|(at, text)| Damage::Replace(at, text)),
        (any::<usize>(), 0_usize..9).prop_map(|(at, by)| Damage::Indent(at, by)),
        any::<usize>().prop_map(Damage::Truncate),
        Just(Damage::WindowsEnds),
        Just(Damage::ByteOrderMark),
        (any::<usize>(), proptest::collection::vec(any::<u8>(), 1..8)).prop_map(|(at, bytes)| Damage::Bytes(at, bytes)),
    ]
}

fn damaged(bytes: &[u8], damage: &Damage) -> Vec<u8> {
    let text = String::from_utf8_lossy(bytes);
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    if lines.is_empty() {
        lines.push(String::new());
    }
    let count = lines.len();
    match damage {
        Damage::Delete(at) => drop(lines.remove(at % count)),
        Damage::Duplicate(at) => lines.insert(at % count, lines[at % count].clone()),
        Damage::Swap(a, b) => lines.swap(a % count, b % count),
        Damage::Replace(at, new) => {
            let old = &mut lines[at % count];
            let indent = old.len() - old.trim_start().len();
            *old = format!("{}{new}", &old[..indent]);
        }
        Damage::Indent(at, by) => {
            let trimmed = lines[at % count].trim_start().to_owned();
            lines[at % count] = format!("{}{trimmed}", " ".repeat(*by));
        }
        Damage::Truncate(at) => return bytes[..at % (bytes.len() + 1)].to_vec(),
        Damage::WindowsEnds => return text.replace('\n', "\r\n").into_bytes(),
        Damage::ByteOrderMark => return [b"\xef\xbb\xbf", bytes].concat(),
        Damage::Bytes(at, new) => {
            let at = at % (bytes.len() + 1);
            return [&bytes[..at], new, &bytes[at..]].concat();
        }
    }
    (lines.join("\n") + "\n").into_bytes()
}

fn files(root: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(root)? {
        let path = entry?.path();
        if path.is_dir() { found.extend(files(&path)?) } else { found.push(path) }
    }
    found.sort();
    Ok(found)
}

/// Reviews and prints in all forms; how long that took.
fn survives(root: &Path) -> Result<Duration> {
    let start = Instant::now();
    let report = check(root)?;
    let _ = (format::text(&report), format::json(&report, root).to_string(), format::sarif(&report).to_string());
    Ok(start.elapsed())
}

#[test]
fn damaged_trees_are_reviewed() -> Result<()> {
    for tree in [COMPOSE, KUBERNETES, FOREIGN] {
        let good = files(&fixture(tree))?;
        let strategy = proptest::collection::vec((any::<usize>(), damage()), 1..6);
        let mut runner = TestRunner::new(Config { cases: 64, failure_persistence: None, ..Config::default() });
        runner.run(&strategy, |damages| {
            let directory = TempDir::new()?;
            copy(&fixture(tree), directory.path()).map_err(|error| TestCaseError::fail(error.to_string()))?;
            for (file, damage) in &damages {
                let path = good[file % good.len()]
                    .strip_prefix(fixture(tree))
                    .map_err(|it| TestCaseError::fail(it.to_string()))?;
                let path = directory.path().join(path);
                let bytes = damaged(&fs::read(&path)?, damage);
                fs::write(&path, bytes)?;
            }
            let took = survives(directory.path()).map_err(|error| TestCaseError::fail(format!("{error:#}")))?;
            prop_assert!(took < SOON, "took {took:?}");
            Ok(())
        })?;
    }
    Ok(())
}

/// One file in an otherwise empty repository: it is reviewed soon, and either read, reported or said to be skipped.
fn hostile(file: &str, text: &str) -> Result<()> {
    let directory = TempDir::new()?;
    let path = directory.path().join(file);
    fs::create_dir_all(path.parent().context("a folder")?)?;
    fs::write(&path, text)?;
    let took = survives(directory.path())?;
    ensure!(took < SOON, "{file} took {took:?}");
    let report = check(directory.path())?;
    let is_told = !report.findings.is_empty() || !report.skipped.is_empty() || !report.read.is_empty();
    ensure!(is_told, "{file} was passed over in silence");
    Ok(())
}

#[test]
fn bombs_are_bounded() -> Result<()> {
    let mut aliases = String::from("services:\n  a: &a0 {image: x}\n");
    for level in 1..60 {
        let before = level - 1;
        aliases.push_str(&format!("  b{level}: &a{level} [*a{before}, *a{before}, *a{before}, *a{before}]\n"));
    }
    hostile("compose.yaml", &aliases)?;
    hostile("compose.yaml", &format!("services: {}\n", "[".repeat(50_000)))?;
    hostile("compose.yaml", &format!("services:\n{}x\n", "- ".repeat(200_000)))?;
    let deep: Vec<String> = (0..900).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect();
    hostile("compose.yaml", &deep.concat())?;
    let wide: Vec<String> = (0..60_000).map(|index| format!("  s{index}: {{}}\n")).collect();
    hostile("compose.yaml", &format!("services:\n{}", wide.concat()))?;
    let services: Vec<String> = (0..4_000).map(|index| format!("  s{index}: {{image: a}}\n")).collect();
    hostile("compose.yaml", &format!("services:\n{}", services.concat()))?;
    hostile("compose.yaml", &format!("services: {{a: {{image: \"{}\"}}}}\n", "${A:-".repeat(20_000)))?;
    hostile("compose.yaml", &format!("# {}\n", "x".repeat(2 * 1024 * 1024)))?;
    hostile("Dockerfile", &"FROM a AS a\n".repeat(5_000))?;
    hostile("Dockerfile", &format!("FROM {}\n", "${A}".repeat(10_000)))?;
    hostile("Dockerfile", &"RUN a && \\\n".repeat(20_000))?;
    Ok(())
}

#[test]
fn includes_that_grow_or_turn_in_circles_end() -> Result<()> {
    let directory = TempDir::new()?;
    let root = directory.path();
    for level in 0..40 {
        let folder = root.join(format!("k8s/l{level}"));
        fs::create_dir_all(&folder)?;
        let next = (level + 1) % 40;
        fs::write(folder.join("kustomization.yaml"), format!("resources: [../l{next}, ../l{next}, object.yaml]\n"))?;
        fs::write(folder.join("object.yaml"), "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n")?;
    }
    let took = survives(root)?;
    ensure!(took < SOON, "took {took:?}");
    let report = check(root)?;
    ensure!(report.findings.iter().any(|finding| finding.rule.id == "kustomize"), "the circle was not found");
    Ok(())
}

#[cfg(unix)]
#[test]
fn what_cannot_be_read_is_said() -> Result<()> {
    let directory = TempDir::new()?;
    let root = directory.path();
    fs::write(root.join("Dockerfile"), b"FROM \xff\xfe\n")?;
    fs::create_dir(root.join("deploy"))?;
    std::os::unix::fs::symlink("/etc/passwd", root.join("compose.yaml"))?;
    std::os::unix::fs::symlink("..", root.join("deploy/up"))?;
    fs::write(root.join("docker-compose.yml"), vec![b'#'; 2 * 1024 * 1024])?;
    let report = check(root)?;
    let skipped: Vec<&str> = report.skipped.iter().map(|skipped| skipped.file.as_str()).collect();
    ensure!(skipped == ["Dockerfile", "compose.yaml", "docker-compose.yml"], "{:?}", report.skipped);
    ensure!(report.findings.is_empty());
    Ok(())
}
