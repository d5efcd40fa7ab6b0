//! A report as text and as JSON.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::{Value, json};

use super::fact::{Evidence, Fact, Report};
use super::subjects::title;
use crate::text::one_line;

/// Places that one line of the text names; the JSON has all.
const SHOWN: usize = 1;

/// `schema`, `directory` and the report.
#[must_use]
pub fn json(report: &Report, directory: &Path) -> Value {
    json!({
        "schema": 1,
        "directory": directory.display().to_string(),
        "facts": report.facts,
        "contradictions": report.contradictions,
        "unknown": report.unknown,
        "limits": report.limits,
        "looked": report.looked,
    })
}

/// The report for people.
#[must_use]
pub fn text(report: &Report) -> String {
    let mut out = String::new();
    let folders: BTreeSet<&str> = report.facts.iter().map(|fact| fact.folder.as_str()).collect();
    for folder in folders {
        let facts: Vec<&Fact> = report.facts.iter().filter(|fact| fact.folder == folder).collect();
        out.push_str(if folder.is_empty() { "Repository\n" } else { "" });
        if !folder.is_empty() {
            out.push_str(&format!("\n{}\n", one_line(folder)));
        }
        for fact in facts {
            out.push_str(&fact_line(fact));
        }
    }
    section(
        &mut out,
        "Contradictions",
        report.contradictions.iter().map(|it| {
            let places: Vec<String> = it.evidence.iter().map(shown).collect();
            let question = it.question.map_or_else(String::new, |key| format!("\n      say it with --set {key}=..."));
            format!(
                "{}: {}\n      {}{question}",
                within(title(it.subject), &it.folder),
                it.message,
                places.join("\n      ")
            )
        }),
    );
    section(
        &mut out,
        "Not told",
        report.unknown.iter().map(|it| {
            let question = it.question.map_or_else(String::new, |key| format!(" [{key}]"));
            format!("{}: {}{question}", within(title(it.subject), &it.folder), it.reason)
        }),
    );
    section(
        &mut out,
        "Not read",
        report.limits.iter().map(|it| {
            let line = it.line.map_or_else(String::new, |line| format!(":{line}"));
            format!("{}{line}: {}", one_line(&it.file), it.reason)
        }),
    );
    let looked = report.looked;
    out.push_str(&format!(
        "\nLooked at {} files, the code of {}; {} folders of packages and outputs left out.\n",
        looked.files, looked.sources, looked.skipped_folders
    ));
    out
}

fn within(title: &str, folder: &str) -> String {
    if folder.is_empty() { title.to_owned() } else { format!("{title} of {}", one_line(folder)) }
}

fn section(out: &mut String, heading: &str, lines: impl Iterator<Item = String>) {
    let mut lines = lines.peekable();
    if lines.peek().is_some() {
        out.push_str(&format!("\n{heading}\n"));
    }
    lines.for_each(|line| out.push_str(&format!("  {line}\n")));
}

/// Title, value, place, and the question that it answers.
fn fact_line(fact: &Fact) -> String {
    let places: Vec<String> = fact.evidence.iter().take(SHOWN).map(Evidence::place).collect();
    let more = fact.evidence.len().saturating_sub(SHOWN);
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    let answers = fact.answers.as_ref().map_or_else(String::new, |it| format!(" -> {} = {}", it.key, it.value));
    format!("  {:<24}  {:<28}  {}{more}{answers}\n", title(fact.subject), fact.value, places.join(", "))
}

fn shown(evidence: &Evidence) -> String {
    let text = if evidence.text.is_empty() { String::new() } else { format!("  {}", evidence.text) };
    format!("{}{text}", evidence.place())
}
