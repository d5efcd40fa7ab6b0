//! Each folder below `fixtures/` is a case: `repo/` is looked at, and `expected.json` says what is told of it.
//!
//! Without `repo/` an empty folder is looked at. `UPDATE_DETECTED=1 cargo test --test detect` writes down what is told now.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use seaworthy::detect::{Report, SUBJECTS, detect, format};
use seaworthy::failure::exit_code;
use seaworthy::spec::table::question;
use serde_json::{Value, json};
use tempfile::TempDir;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/detect/fixtures")
}

fn cases() -> Result<Vec<PathBuf>> {
    let mut cases = fs::read_dir(folder())?.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    cases.sort();
    ensure!(cases.len() >= 20, "only {} cases", cases.len());
    Ok(cases)
}

/// What is told of a case, with a placeholder for its place.
fn told(case: &Path) -> Result<Value> {
    let empty = TempDir::new()?;
    let repository = case.join("repo");
    let repository = if repository.is_dir() { repository.as_path() } else { empty.path() };
    Ok(match detect(repository) {
        Ok(report) => format::json(&report, Path::new("[DIR]")),
        Err(error) => {
            let message = format!("{error:#}").replace(&repository.display().to_string(), "[DIR]");
            json!({ "error": message, "exit": exit_code(&error) })
        }
    })
}

#[test]
fn each_repository_is_told_as_its_snapshot_says() -> Result<()> {
    let update = std::env::var_os("UPDATE_DETECTED").is_some();
    let mut stale = Vec::new();
    for case in cases()? {
        let path = case.join("expected.json");
        let actual = format!("{:#}\n", told(&case)?);
        if update {
            fs::write(&path, &actual)?;
        } else if fs::read_to_string(&path).unwrap_or_default() != actual {
            stale.push(path.display().to_string());
        }
    }
    ensure!(
        stale.is_empty(),
        "what is told has changed:\n{}\nIf it is right now: UPDATE_DETECTED=1 cargo test --test detect",
        stale.join("\n")
    );
    Ok(())
}

fn reports() -> Result<Vec<(PathBuf, Report)>> {
    let all = cases()?.into_iter().filter_map(|case| {
        let report = detect(&case.join("repo")).ok()?;
        Some((case, report))
    });
    Ok(all.collect())
}

/// Every fact can be looked up: its file is there, its line holds something of what is quoted, and it is of a known kind.
#[test]
fn every_fact_is_shown_by_a_line() -> Result<()> {
    for (case, report) in reports()? {
        for fact in &report.facts {
            ensure!(SUBJECTS.iter().any(|subject| subject.id == fact.subject), "{}", fact.subject);
            ensure!(!fact.evidence.is_empty(), "{}: nothing shows {fact:?}", case.display());
            if let Some(answer) = &fact.answers {
                ensure!(question(answer.key).is_some(), "no question {}", answer.key);
            }
            for evidence in &fact.evidence {
                let path = case.join("repo").join(&evidence.file);
                ensure!(path.exists(), "{}: {} is not there", case.display(), evidence.file);
                let Some(line) = evidence.line else { continue };
                let text = fs::read(&path)?;
                let lines = String::from_utf8_lossy(&text).lines().count();
                ensure!((1..=lines).contains(&line), "{}: {} has {lines} lines", case.display(), evidence.place());
            }
        }
    }
    Ok(())
}

/// Values of variables are in the fixtures, and in nothing that is told of them.
#[test]
fn no_value_of_a_variable_is_told() -> Result<()> {
    let secrets = ["hunter2", "s3cret-value", "sk_test_abcdefghijkl", "abcdef123456"];
    let mut seen = 0;
    for case in cases()? {
        let text = told(&case)?.to_string();
        let repository = case.join("repo");
        for secret in secrets {
            ensure!(!text.contains(secret), "{}: {secret} is told", case.display());
        }
        for file in ["package.json", ".env", ".env.example", "app.js", "docker-compose.yml"] {
            let text = fs::read_to_string(repository.join(file)).unwrap_or_default();
            seen += secrets.iter().filter(|secret| text.contains(**secret)).count();
        }
    }
    ensure!(seen >= 6, "the fixtures hold {seen} values that could be told");
    Ok(())
}

/// The text for people names every fact, contradiction and open question of the JSON.
#[test]
fn the_text_tells_what_the_json_tells() -> Result<()> {
    for (case, report) in reports()? {
        let text = format::text(&report);
        let facts = report.facts.iter().map(|fact| fact.value.as_str());
        let open = report.unknown.iter().map(|unknown| unknown.reason.as_str());
        let torn = report.contradictions.iter().map(|it| it.message.as_str());
        for part in facts.chain(open).chain(torn).chain(report.limits.iter().map(|limit| limit.reason.as_str())) {
            ensure!(text.contains(part), "{}: the text lacks {part}", case.display());
        }
    }
    Ok(())
}

/// A contradiction leaves its question open.
#[test]
fn what_is_contradicted_answers_nothing() -> Result<()> {
    let report = detect(&folder().join("contradictions/repo"))?;
    let open: Vec<&str> = report.contradictions.iter().filter_map(|it| it.question).collect();
    for key in ["stack.package-manager", "stack.node", "stack.framework", "stack.port"] {
        ensure!(open.contains(&key), "{key} is not contradicted");
        let answered = report.facts.iter().filter_map(|fact| fact.answers.as_ref()).any(|it| it.key == key);
        ensure!(!answered, "{key} is answered all the same");
    }
    report.of("package-manager").next().context("the claims are facts all the same")?;
    Ok(())
}
