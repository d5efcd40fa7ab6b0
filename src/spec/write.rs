//! Writes answers as a TOML file: the emitted `seaworthy.toml`, and `preset save`.

use super::answers::Answers;
use super::env_entry::EnvEntry;
use super::existing::Existing;
use super::file::SCHEMA;
use super::table::QUESTIONS;
use super::value::{Origin, Value};
use crate::text::{comment, toml_string};

/// The text of `seaworthy.toml`: every answer, in table order, each with the question as its comment.
#[must_use]
pub fn answers_file(answers: &Answers) -> String {
    let (root, what) = ("./", "this repository");
    headed(root, what, answers)
}

/// The same for the service in a folder of a repository that has several.
#[must_use]
pub fn service_file(folder: &str, answers: &Answers) -> String {
    headed(&"../".repeat(folder.split('/').count()), "this service", answers)
}

fn headed(root: &str, what: &str, answers: &Answers) -> String {
    format!(
        "#:schema {root}.seaworthy/schema.json\n\
         # The answers that the deployment files of {what} follow from.\n{}",
        body(answers, true)
    )
}

/// The text of a preset: what was answered, without the name of the project and without defaults.
#[must_use]
pub fn preset(answers: &Answers) -> String {
    body(answers, false)
}

fn body(answers: &Answers, complete: bool) -> String {
    let mut out = format!("schema = {SCHEMA}\n");
    let mut section = "";
    for question in QUESTIONS {
        let Some(answer) = answers.get(question.key) else { continue };
        if !complete && (question.key == "project.name" || answer.origin == Origin::Default) {
            continue;
        }
        if question.section() != section {
            section = question.section();
            out.push_str(&format!("\n[{section}]\n"));
        }
        if complete && (question.asked)(answers) {
            out.push_str(&format!("# {}\n", comment(question.prompt)));
        }
        out.push_str(&format!("{} = {}\n", question.name(), answer.value));
    }
    if let (Some(existing), true) = (answers.existing(), complete) {
        out.push_str(&existing_table(existing));
    }
    for entry in answers.env() {
        out.push_str(&env_table(entry));
    }
    out
}

/// A preset has none: it is of one repository.
fn existing_table(existing: &Existing) -> String {
    let mut out = String::from("\n# How the code that was here before is built and started.\n[existing]\n");
    for (key, value) in existing.entries() {
        out.push_str(&format!("{key} = {value}\n"));
    }
    out
}

fn env_table(entry: &EnvEntry) -> String {
    let mut out = format!("\n[[env]]\nname = {}\nkind = \"{}\"\n", toml_string(&entry.name), entry.kind.name());
    let mut line = |key: &str, value: &Value| out.push_str(&format!("{key} = {value}\n"));
    if !entry.values.is_empty() {
        line("values", &Value::List(entry.values.clone()));
    }
    if let Some(default) = &entry.default {
        line("default", &Value::Text(default.clone()));
    }
    if let Some(names) = &entry.required_in {
        line("required-in", &Value::List(names.clone()));
    }
    for (key, text) in [("example", &entry.example), ("description", &entry.description)] {
        if !text.is_empty() {
            line(key, &Value::Text(text.clone()));
        }
    }
    out
}
