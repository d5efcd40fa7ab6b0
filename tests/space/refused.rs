//! What the tool does not take: single values by their question, and pairs that do not fit together. All of it is
//! refused by the command line, with exit code 2 and a sentence that names a key.
//!
//! `refused.txt` lists the pairs with what is said. Refresh it with `UPDATE_REFUSED=1 cargo test --test space`.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use seaworthy::spec::Answers;
use seaworthy::spec::question::Question;
use seaworthy::spec::table::QUESTIONS;

use crate::cover::{Pair, Row};
use crate::model::{Factor, START, label};
use crate::row::answered;
use crate::space::space;
use crate::values::refused;

/// What a run that should be refused did.
struct Refusal {
    code: i32,
    said: String,
}

fn refusal(arguments: &[String], target: &Path) -> Result<Refusal> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_seaworthy"));
    command.arg("new").arg(target).args(["--yes", "--no-install"]).args(arguments);
    let output = command.output().context("running new")?;
    let said = String::from_utf8(output.stderr)?;
    Ok(Refusal { code: output.status.code().context("ended by a signal")?, said })
}

#[test]
fn values_outside_of_a_question_are_refused_by_their_key() -> Result<()> {
    let folder = tempfile::tempdir()?;
    for question in QUESTIONS {
        let values = refused(question);
        ensure!(!values.is_empty(), "{}: no value that is refused", question.key);
        for value in values {
            let arguments = ["--set".to_owned(), format!("{}={value}", question.key)];
            let Refusal { code, said } = refusal(&arguments, &folder.path().join("orders"))?;
            ensure!(code == 2 && said.contains(question.key), "{}={value:?}: exit {code}: {said}", question.key);
            ensure!(in_a_file(question, &value).is_err(), "{}={value:?} is taken from a file", question.key);
        }
    }
    Ok(())
}

/// The same value as a string of an answers file.
fn in_a_file(question: &Question, value: &str) -> Result<Answers> {
    use seaworthy::spec::file::{Layer, Source, read};
    let text = format!("schema = 1\n{} = {}\n", question.key, toml::Value::from(value));
    read(&Source { name: "seaworthy.toml", text: &text, layer: Layer::AnswersFile })
}

#[test]
fn pairs_that_do_not_fit_are_refused_with_the_reason() -> Result<()> {
    let space = space()?;
    let folder = tempfile::tempdir()?;
    let mut text = String::new();
    for (number, pair) in space.cover.impossible.iter().enumerate() {
        let row = plainest(&space.factors, *pair);
        let target = folder.path().join(format!("p{number}")).join("orders");
        let arguments = answered(&space.factors, &row).prepare(&target)?;
        let Refusal { code, said } = refusal(&arguments, &target)?;
        let name = |(factor, level): (usize, usize)| label(&space.factors[factor], level);
        // Answers in the target that later runs could not start from are no mistake of the answers.
        let expected = if space.factors[pair.0.0].name == START { 5 } else { 2 };
        ensure!(code == expected, "{} with {}: exit {code}: {said}", name(pair.0), name(pair.1));
        ensure!(!target.join("Dockerfile").exists(), "{} with {}: written", name(pair.0), name(pair.1));
        let said = said.replace(&folder.path().display().to_string(), "DIR").replace(&format!("/p{number}/"), "/");
        let said = said.trim().trim_start_matches("error:").trim().replace('\n', "\n    ");
        writeln!(text, "{} + {}: exit {code}\n    {said}", name(pair.0), name(pair.1))?;
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/space/refused.txt");
    if std::env::var_os("UPDATE_REFUSED").is_some() {
        fs::write(&path, &text)?;
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    ensure!(text == expected, "other pairs are refused, or in other words; see UPDATE_REFUSED in refused.rs:\n{text}");
    Ok(())
}

/// The two levels and, as far as they need them to mean anything, a kind for the variable.
fn plainest(factors: &[Factor], (one, other): Pair) -> Row {
    let mut row = vec![0; factors.len()];
    row[one.0] = one.1;
    row[other.0] = other.1;
    row
}
