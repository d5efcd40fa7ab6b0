//! Trees that are broken on purpose: each fault is found by its rule, and by no other.

use std::collections::BTreeSet;
use std::fs;

use anyhow::{Context, Result, ensure};
use seaworthy::review::{RULES, check};
use tempfile::TempDir;

use crate::support::{copy, fixture, report};
use crate::table::{CLOUD_RUN, COMPOSE, ECS, FAULTS, FOREIGN, Fault, KUBERNETES};

#[test]
fn good_trees_are_clean() -> Result<()> {
    for tree in [COMPOSE, KUBERNETES, CLOUD_RUN, ECS, FOREIGN] {
        let findings = check(&fixture(tree))?.findings;
        ensure!(findings.is_empty(), "{tree}:\n{}", report(&findings));
    }
    Ok(())
}

#[test]
fn each_fault_is_found_by_its_rule_alone() -> Result<()> {
    let mut failures = Vec::new();
    for fault in FAULTS {
        let directory = TempDir::new()?;
        copy(&fixture(fault.tree), directory.path())?;
        let path = directory.path().join(fault.file);
        if fault.from.is_empty() {
            fs::write(&path, fault.to)?;
        } else {
            let text = fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
            ensure!(text.contains(fault.from), "{} is not in {}", fault.from, fault.file);
            fs::write(&path, text.replacen(fault.from, fault.to, 1))?;
        }
        let findings = check(directory.path())?.findings;
        let rules: BTreeSet<&str> = findings.iter().map(|finding| finding.rule.id).collect();
        let expected: BTreeSet<&str> = fault.also.iter().copied().chain([fault.rule]).collect();
        if rules != expected {
            let Fault { rule, file, from, to, .. } = fault;
            failures.push(format!("{rule}: {file}: {from:?} -> {to:?} gave\n{}", report(&findings)));
        }
    }
    ensure!(failures.is_empty(), "{}", failures.join("\n"));
    Ok(())
}

#[test]
fn every_rule_has_a_fault_and_an_id_of_its_own() -> Result<()> {
    let mut seen = BTreeSet::new();
    for rule in RULES.iter() {
        ensure!(seen.insert(rule.id), "two rules are called {}", rule.id);
        ensure!(
            FAULTS.iter().any(|fault| fault.rule == rule.id),
            "no broken tree for {}: {}",
            rule.id,
            rule.description
        );
    }
    Ok(())
}
