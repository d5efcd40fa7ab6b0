//! Every path that documents, workflows, scripts and comments name is there.

use std::collections::BTreeMap;

use anyhow::{Result, ensure};
use seaworthy::stack::PackageManager;

/// Folders of the emitted tree: a word that starts with one of them is a path from the root.
const FOLDERS: &[&str] = &["deploy", "src", "docs", "test", "migrations", ".github", ".seaworthy"];

/// Endings by which a word alone is the name of a file.
const ENDINGS: &[&str] =
    &[".ts", ".yaml", ".yml", ".md", ".json", ".jsonc", ".sh", ".toml", ".example", ".ini", ".sql"];

/// Files that come to be later: from a secret, and while a build, a workflow or a script runs.
const MADE_LATER: &[&str] = &[
    "database.ini",
    "next-env.d.ts",
    "sbom.spdx.json",
    "worker.spdx.json",
    "response.json",
    "readiness.json",
    "policy.json",
    "trust.json",
];

/// What Prisma makes from the schema, and nobody commits.
const GENERATED: &str = "src/generated";

/// Look like paths, and are keys of annotations.
const NO_PATH: &[&str] = &[
    "deploy/verified-image",
    "deploy/verified-replicaset",
    "deploy/verified-worker-replicaset",
    "deploy/release",
    "keda.sh",
];

/// Checks all references of one tree.
pub(crate) fn check(files: &BTreeMap<String, String>) -> Result<()> {
    for (path, text) in files.iter().filter(|(path, _)| !path.starts_with(".seaworthy/")) {
        for (index, line) in text.lines().enumerate() {
            if let Some(word) = words(line).find(|word| !is_there(word, files)) {
                ensure!(false, "{path}:{}: there is no {word}: {line}", index + 1);
            }
        }
    }
    Ok(())
}

/// The words of a line that may be paths. Absolute paths and URLs start with a slash after the split; what stands
/// before a parenthesis is called: `response.json(`.
fn words(line: &str) -> impl Iterator<Item = &str> {
    let in_path = |c: char| c.is_ascii_alphanumeric() || "_./*<>${}@-".contains(c);
    let pieces = line.split_inclusive(move |c| !in_path(c)).filter(|piece| !piece.ends_with('('));
    let words = pieces.map(move |piece| piece.trim_end_matches(|c| !in_path(c)));
    words.map(|word| word.trim_start_matches("./").trim_end_matches(['.', '/']))
}

fn is_there(word: &str, files: &BTreeMap<String, String>) -> bool {
    match word.split_once('/') {
        Some(_) if word == GENERATED => files.contains_key("prisma.config.ts"),
        Some((folder, _)) if FOLDERS.contains(&folder) => {
            NO_PATH.contains(&word) || files.keys().any(|path| leads_to(word, path))
        }
        None if ENDINGS.iter().any(|ending| word.len() > ending.len() && word.ends_with(ending)) => {
            // `*.test.ts` and `.sh` alone are patterns.
            word.contains(['*', '$'])
                || NO_PATH.contains(&word)
                || MADE_LATER.contains(&word)
                || lock_file(files) == Some(word)
                || files.keys().any(|path| is_named(path, word))
        }
        _ => true,
    }
}

/// What the tree's own package manager writes.
fn lock_file(files: &BTreeMap<String, String>) -> Option<&'static str> {
    let (_, pinned) = files.get("package.json")?.split_once("\"packageManager\": \"")?;
    PackageManager::named(pinned.split('@').next()?).map(|manager| manager.lock_file)
}

fn is_named(path: &str, name: &str) -> bool {
    path == name || path.strip_suffix(name).is_some_and(|before| before.ends_with('/'))
}

/// Whether a path, perhaps with placeholders, is a file or a folder above it.
fn leads_to(word: &str, path: &str) -> bool {
    let mut parts = path.split('/');
    let (fixed, _) = word.split_once("/**").unwrap_or((word, ""));
    fixed.split('/').all(|wanted| {
        let is_open = wanted.contains(['*', '<', '$']);
        parts.next().is_some_and(|part| is_open || part == wanted)
    })
}

#[test]
fn a_path_that_is_not_there_is_found() {
    let tree = |line: &str| {
        let manifest = r#""packageManager": "pnpm@12.0.0""#;
        let own = [("README.md", line), ("package.json", manifest)];
        let files = [own, [("deploy/compose/backup.sh", "\n"), ("src/ops/env.ts", "\n")]].concat();
        files.into_iter().map(|(path, text)| (path.to_owned(), text.to_owned())).collect()
    };
    for good in [
        "`deploy/compose/backup.sh`, deploy/compose/ and `backup.sh`.",
        "./src/ops/env.ts https://a.example/deploy/x /home/deploy/.ssh",
        "deploy/<platform>/backup.sh, src/*/env.ts",
        "pnpm-lock.yaml, *.sh",
        "context.json({ status })",
    ] {
        assert!(check(&tree(good)).is_ok(), "{good}");
    }
    for bad in [
        "deploy/compose/restore.sh",
        "(src/ops/envs.ts)",
        "see `restore.sh`",
        "package-lock.json",
        "deploy/<platform>/restore.sh",
    ] {
        assert!(check(&tree(bad)).is_err(), "{bad}");
    }
}
