//! What is emitted is clean: the golden trees, and every combination of the answers that change which files there are.

use std::process::Command;

use anyhow::{Result, ensure};
use seaworthy::review::{RULES, check};
use tempfile::TempDir;

use crate::support::{examples, report};

#[test]
fn examples_agree() -> Result<()> {
    let mut failures = Vec::new();
    for tree in examples()? {
        let reviewed = check(&tree)?;
        let findings = &reviewed.findings;
        if !findings.is_empty() {
            failures.push(format!("{}:\n{}", tree.display(), report(findings)));
        }
        // Nothing found must not mean nothing read.
        let read = [
            ("keys in the env schema", reviewed.read.env_keys),
            ("compose files", reviewed.read.compose),
            ("workflows", reviewed.read.workflows),
            ("Dockerfile", reviewed.read.dockerfiles),
        ];
        for (what, count) in read {
            ensure!(count > 0, "{}: no {what} read", tree.display());
        }
    }
    ensure!(failures.is_empty(), "{}", failures.join("\n"));
    Ok(())
}

/// Answers that change which files there are or which numbers stand in them; every one with every other.
const STACKS: &[&[&str]] = &[
    &["stack.database=postgres", "stack.redis=true"],
    &["stack.database=postgres", "stack.redis=false", "stack.port=8080"],
    &["stack.database=none", "stack.redis=true"],
    &["stack.database=none", "stack.redis=false"],
];
const PLATFORMS: &[&[&str]] = &[
    &["scale.peak-rps=50"],
    &["scale.peak-rps=900", "scale.rps-per-replica=500"],
    &["scale.peak-rps=12000", "scale.trough-rps=100", "scale.db-max-connections=500", "deploy.cloud=aws"],
    &["scale.peak-rps=1500", "scale.trough-rps=10", "scale.db-max-connections=200", "deploy.cloud=aws"],
    &["scale.team-size=11", "scale.trough-rps=50", "deploy.cloud=gcp"],
    &["scale.regions=3", "scale.peak-rps=9000", "scale.db-max-connections=120", "deploy.cloud=azure"],
    &["deploy.platform=cloud-run", "deploy.cloud=gcp", "scale.peak-rps=900", "scale.db-max-connections=200"],
    &[
        "deploy.kubernetes-because=the platform team runs one",
        "scale.peak-rps=3000",
        "scale.availability=99.99",
        "deploy.routing=ingress",
    ],
];
const ENVIRONMENTS: &[&[&str]] = &[
    &["deploy.environments=production"],
    &["deploy.environments=staging,production"],
    &["deploy.environments=dev,acceptance,live"],
];

#[allow(clippy::print_stdout, reason = "the count is part of the result")]
#[test]
fn every_combination_agrees() -> Result<()> {
    let folder = TempDir::new()?;
    let mut trees = 0;
    let mut failures = Vec::new();
    for (stack, platform, environments) in combinations() {
        let mut answers = [stack, platform, environments].concat();
        // What can change nothing is refused.
        if stack.contains(&"stack.database=none") {
            answers.retain(|answer| !answer.starts_with("scale.db-max-connections"));
        }
        let tree = folder.path().join(format!("tree-{trees}"));
        let mut command = Command::new(env!("CARGO_BIN_EXE_seaworthy"));
        command.args(["new", "--yes", "--no-install", "--set", "project.name=orders"]).arg(&tree);
        command.args(answers.iter().flat_map(|answer| ["--set", answer]));
        let output = command.output()?;
        ensure!(output.status.success(), "{answers:?}: {}", String::from_utf8_lossy(&output.stderr));
        let findings = check(&tree)?.findings;
        if !findings.is_empty() {
            failures.push(format!("{answers:?}:\n{}", report(&findings)));
        }
        trees += 1;
    }
    println!("{trees} trees checked against {} rules", RULES.len());
    ensure!(trees == STACKS.len() * PLATFORMS.len() * ENVIRONMENTS.len());
    ensure!(failures.is_empty(), "{}", failures.join("\n"));
    Ok(())
}

type Answers = &'static [&'static str];

fn combinations() -> impl Iterator<Item = (Answers, Answers, Answers)> {
    STACKS.iter().flat_map(|stack| {
        let platforms = PLATFORMS.iter().map(move |platform| (stack, platform));
        platforms.flat_map(|(stack, platform)| ENVIRONMENTS.iter().map(move |names| (*stack, *platform, *names)))
    })
}
