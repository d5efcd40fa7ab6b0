//! What holds for every emitted file, whatever the answers.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, ensure};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use seaworthy::spec::env_entry::check_name;
use seaworthy::stack::PACKAGE_MANAGERS;
use toml::{Table, Value};

use super::answers::{Emitted, any_answers, emit, with};
use super::structure;

/// One set of answers for each combination that has template folders of its own.
pub(crate) fn variants() -> Vec<Table> {
    let mut variants = Vec::new();
    for data_access in ["", "pg", "drizzle", "prisma"] {
        for redis in [false, true] {
            let database = if data_access.is_empty() { "none" } else { "postgres" };
            let mut stack = vec![("stack.database", Value::from(database)), ("stack.redis", Value::from(redis))];
            if !data_access.is_empty() {
                stack.push(("stack.data-access", Value::from(data_access)));
            }
            variants.push(with(&stack));
            for cloud in ["none", "aws", "gcp", "azure"] {
                let cluster =
                    [("deploy.kubernetes-because", Value::from("We run one.")), ("deploy.cloud", cloud.into())];
                let load = [("scale.peak-rps", Value::from(if redis { 3000 } else { 30 }))];
                let limit = [("scale.db-max-connections", Value::from(1000))];
                variants.push(with(&[&stack[..], &cluster, &load, &limit].concat()));
            }
        }
    }
    for cloud in ["none", "gcp"] {
        let cluster = [("deploy.kubernetes-because", Value::from("We run one.")), ("deploy.cloud", cloud.into())];
        variants.push(with(&[&cluster[..], &[("deploy.routing", "ingress".into())]].concat()));
    }
    let managers = PACKAGE_MANAGERS.iter().map(|manager| with(&[("stack.package-manager", manager.name.into())]));
    variants.extend(managers);
    variants
}

#[test]
fn random_answers_give_well_formed_files() {
    let config = ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() };
    let outcome = TestRunner::new(config).run(&any_answers(), |table| {
        let emitted = match emit(&table) {
            Ok(emitted) => emitted,
            Err(error) => {
                prop_assert_eq!(seaworthy::failure::exit_code(&error), 2, "{:#}", error);
                return Ok(());
            }
        };
        check(&emitted).map_err(|error| TestCaseError::fail(format!("{error:#}")))
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
}

#[test]
fn every_variant_gives_well_formed_files() -> Result<()> {
    for table in variants() {
        check(&emit(&table)?).with_context(|| table.to_string())?;
    }
    Ok(())
}

fn check(emitted: &Emitted) -> Result<()> {
    for file in emitted.files.files() {
        let path = &file.path;
        let text = std::str::from_utf8(&file.contents).with_context(|| format!("{path} is not UTF-8"))?;
        // Typed text may hold anything in a string; a delimiter of ours at a line's start or end is a leftover.
        for (index, line) in text.lines().enumerate() {
            let blank_end = line.ends_with([' ', '\t']);
            ensure!(!blank_end, "{path}:{} ends in a blank: {line:?}", index + 1);
        }
        ensure!(text.ends_with('\n') && !text.ends_with("\n\n"), "{path} must end in one line feed");
        ensure!(!text.starts_with('\n') && !text.contains('\r'), "{path} starts with an empty line or has CR in it");
        structure::parts(path, text)?;
    }
    Ok(())
}

#[test]
fn no_template_syntax_is_left() -> Result<()> {
    for table in variants() {
        for file in emit(&table)?.files.files() {
            let text = String::from_utf8_lossy(&file.contents);
            for delimiter in ["[=", "=]", "[%", "%]", "[#", "#]"] {
                // A shell test and a pattern may hold the pair by themselves; with a blank it is ours.
                let ours = [format!("{delimiter} "), format!(" {delimiter}")];
                let open = delimiter.starts_with('[');
                let pattern = if open { &ours[0] } else { &ours[1] };
                ensure!(!text.contains(pattern.as_str()), "{} has {pattern:?} in it", file.path);
            }
        }
    }
    Ok(())
}

#[test]
fn an_id_means_the_same_file_in_every_variant() -> Result<()> {
    let mut paths: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut ids: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for table in variants() {
        for file in emit(&table)?.files.files() {
            paths.entry(file.id.clone()).or_default().insert(file.path.clone());
            ids.entry(file.path.clone()).or_default().insert(file.id.clone());
        }
    }
    for (id, paths) in &paths {
        ensure!(paths.len() == 1, "the id {id} stands for {paths:?}");
    }
    for (path, ids) in &ids {
        ensure!(ids.len() == 1, "{path} has the ids {ids:?}");
    }
    Ok(())
}

#[test]
fn the_contract_of_paths_holds() -> Result<()> {
    const ALWAYS: &str = "Dockerfile .dockerignore compose.yaml .env.example .github/workflows/ci.yml \
        .github/workflows/deploy.yml .github/dependabot.yml src/ops/env.ts src/ops/health.ts src/ops/shutdown.ts \
        docs/DEPLOYMENT.md seaworthy.toml .seaworthy/lock.toml src/server.ts src/app.ts package.json tsconfig.json README.md";
    for table in variants() {
        let emitted = emit(&table)?;
        for wanted in ALWAYS.split_whitespace() {
            ensure!(emitted.files.files().iter().any(|file| file.path == wanted), "{wanted} is missing for {table}");
        }
    }
    Ok(())
}

/// A compose file takes values from `.env`; a variable of the user's must not be one of those by accident.
#[test]
fn what_compose_interpolates_is_a_key_or_reserved() -> Result<()> {
    for table in variants() {
        let emitted = emit(&table)?;
        let compose = emitted.files.files().iter().filter(|file| {
            file.path.contains("compose") && file.path.ends_with(".yaml") && !file.path.starts_with(".seaworthy")
        });
        for file in compose {
            let text = String::from_utf8_lossy(&file.contents);
            for after in text.split("${").skip(1) {
                let name: String = after.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
                let is_key = emitted.plan.env.iter().any(|key| key.name == name);
                ensure!(
                    is_key || check_name(&name).is_err(),
                    "{}: {name} could be a variable of the user's",
                    file.path
                );
            }
        }
    }
    Ok(())
}
