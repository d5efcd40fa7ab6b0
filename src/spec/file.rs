//! Reads `seaworthy.toml` and presets. Every error names the file, the line, the key and the nearest
//! valid one.

mod several;

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::answers::{Answers, unknown_key};
use super::env_entry::{EnvEntry, EnvKind, check_name};
use super::existing::{self, Existing};
use super::nearest::nearest;
use super::table::{QUESTIONS, question, sections};
use super::value::{Origin, Value};
use crate::failure::usage;
use crate::text;

pub use several::read_several;

/// Name of the answers file.
pub const ANSWERS_FILE: &str = "seaworthy.toml";

/// Whether a path is that of answers: those of the repository, or of one of its services.
#[must_use]
pub fn is_answers(path: &str) -> bool {
    path.strip_suffix(ANSWERS_FILE).is_some_and(|folder| folder.is_empty() || folder.ends_with('/'))
}

/// The version of the file format that this version reads and writes.
pub const SCHEMA: i64 = 1;

/// Which layer a file is read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layer {
    /// The repository's own answers.
    AnswersFile,
    /// A preset, built in or given by path.
    Preset,
}

/// A file to read, and how to speak of it.
pub struct Source<'a> {
    /// Path or preset name for messages and origins.
    pub name: &'a str,
    /// The text.
    pub text: &'a str,
    /// The layer that its answers belong to.
    pub layer: Layer,
}

/// Reads all answers of a file.
///
/// # Errors
/// Exit 2 with every problem of the file, one a line, so that one run is enough to mend them all.
pub fn read(source: &Source) -> anyhow::Result<Answers> {
    let document = DeTable::parse(source.text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        usage(source.problem(at, &format!("not valid TOML: {}", error.message())))
    })?;
    let mut reader = Reader { source, answers: Answers::default(), problems: Vec::new() };
    reader.document(document.get_ref());
    if reader.problems.is_empty() {
        return Ok(reader.answers);
    }
    reader.problems.sort_by_key(|(offset, _)| *offset);
    let lines: Vec<String> = reader.problems.iter().map(|(at, message)| source.problem(*at, message)).collect();
    Err(usage(lines.join("\n")))
}

/// Reads the text of an answers file or preset from disk.
///
/// # Errors
/// Exit 2 when it is not UTF-8, exit 1 when the disk does not give it. The caller says which file.
pub fn load(path: &Path) -> anyhow::Result<String> {
    fs::read_to_string(path).map_err(|error| match error.kind() {
        ErrorKind::InvalidData => usage("it is not UTF-8 text; save it as UTF-8"),
        _ => error.into(),
    })
}

impl Source<'_> {
    /// 1-based line of a byte offset.
    fn line(&self, offset: usize) -> usize {
        1 + self.text.bytes().take(offset).filter(|byte| *byte == b'\n').count()
    }

    fn problem(&self, offset: usize, message: &str) -> String {
        format!("{}:{}: {message}", self.name, self.line(offset))
    }

    fn origin(&self, offset: usize) -> Origin {
        let line = self.line(offset);
        match self.layer {
            Layer::AnswersFile => Origin::File { path: self.name.to_owned(), line },
            Layer::Preset => Origin::Preset { name: self.name.to_owned(), line },
        }
    }
}

/// Said where the answers of one service are read.
const SERVICES: &str = "services: this file lists the services of a repository, and each has its answers in a file of its own; \
                        name the folder of one";

/// The same of a preset.
const PRESET_OF_SERVICES: &str = "services: this preset makes a workspace of several services, each with answers of its own; \
                                  only `seaworthy new` takes it";

struct Reader<'a> {
    source: &'a Source<'a>,
    answers: Answers,
    /// Byte offset and message.
    problems: Vec<(usize, String)>,
}

type Entry<'a, 'i> = (&'a Spanned<toml::de::DeString<'i>>, &'a Spanned<DeValue<'i>>);

impl Reader<'_> {
    fn fail(&mut self, offset: usize, message: &str) {
        self.problems.push((offset, message.to_owned()));
    }

    fn document(&mut self, table: &DeTable) {
        let mut has_schema = false;
        for (key, value) in table {
            let name = key.get_ref().as_ref();
            match name {
                "schema" => {
                    has_schema = true;
                    self.schema(value);
                }
                "services" if self.source.layer == Layer::Preset => self.fail(key.span().start, PRESET_OF_SERVICES),
                "services" => self.fail(key.span().start, SERVICES),
                _ => self.part(key, value),
            }
        }
        if !has_schema {
            self.fail(0, &format!("schema is missing; write `schema = {SCHEMA}` as the first line"));
        }
    }

    fn part(&mut self, key: &Spanned<toml::de::DeString<'_>>, value: &Spanned<DeValue>) {
        match key.get_ref().as_ref() {
            "env" => self.env_tables(value),
            "existing" => self.existing_table(value),
            name if sections().any(|known| known == name) => self.section(name, value),
            name => self.unknown_section(key.span().start, name),
        }
    }

    fn schema(&mut self, value: &Spanned<DeValue>) {
        match plain(value.get_ref()) {
            Some(Value::Int(SCHEMA)) => {}
            Some(Value::Int(newer)) if newer > SCHEMA => self.fail(
                value.span().start,
                &format!("schema = {newer} was written by a newer version of seaworthy; this one reads {SCHEMA}"),
            ),
            _ => self.fail(value.span().start, &format!("schema: expected {SCHEMA}, the version of this format")),
        }
    }

    fn unknown_section(&mut self, offset: usize, name: &str) {
        let bare_key = QUESTIONS.iter().find(|question| question.name() == name);
        let hint = match (bare_key, nearest(name, sections().chain(["env", "existing", "schema", "services"]))) {
            (Some(question), _) => format!("; the key \"{name}\" stands in [{}]", question.section()),
            (None, Some(near)) => format!("; did you mean \"{near}\"?"),
            (None, None) => format!("; expected {} or env", sections().collect::<Vec<_>>().join(", ")),
        };
        self.fail(offset, &format!("unknown section \"{name}\"{hint}"));
    }

    fn section(&mut self, section: &str, value: &Spanned<DeValue>) {
        let Some(table) = value.get_ref().as_table() else {
            self.fail(value.span().start, &format!("{section}: expected a table, [{section}]"));
            return;
        };
        for entry in table {
            self.answer(section, entry);
        }
    }

    fn answer(&mut self, section: &str, (key, value): Entry) {
        let full = format!("{section}.{}", key.get_ref());
        let Some(row) = question(&full) else {
            self.fail(key.span().start, &unknown_key(&full));
            return;
        };
        let offset = value.span().start;
        let Some(plain) = plain(value.get_ref()) else {
            self.fail(offset, &format!("{full}: {}; {}", unusable(value.get_ref()), row.kind.expected()));
            return;
        };
        match row.check(&plain) {
            Ok(()) => self.answers.set(row.key, plain, self.source.origin(key.span().start)),
            Err(problem) => self.fail(offset, &format!("{full}: {problem}")),
        }
    }

    fn existing_table(&mut self, value: &Spanned<DeValue>) {
        let Some(table) = value.get_ref().as_table() else {
            self.fail(value.span().start, "existing: expected a table, [existing]");
            return;
        };
        let before = self.problems.len();
        let mut existing = Existing::empty(self.source.origin(value.span().start));
        for (key, value) in table {
            let name = key.get_ref().as_ref();
            if !existing::FIELDS.contains(&name) {
                let hint = nearest(name, existing::FIELDS).map_or_else(
                    || format!("; expected {}", existing::FIELDS.join(", ")),
                    |near| format!("; did you mean \"existing.{near}\"?"),
                );
                self.fail(key.span().start, &format!("unknown key \"existing.{name}\"{hint}"));
                continue;
            }
            if let Err(problem) = existing.set_value(name, plain(value.get_ref())) {
                self.fail(value.span().start, &format!("existing.{name}: {problem}"));
            }
        }
        if self.problems.len() > before {
            return;
        }
        if existing.start.is_empty() {
            self.fail(value.span().start, "existing: start is missing, the arguments of node that start the service");
        } else {
            self.answers.set_existing(existing);
        }
    }

    fn env_tables(&mut self, value: &Spanned<DeValue>) {
        let Some(entries) = value.get_ref().as_array() else {
            self.fail(value.span().start, "env: expected tables, each under [[env]]");
            return;
        };
        for entry in entries {
            match entry.get_ref().as_table() {
                Some(table) => self.env_table(entry.span().start, table),
                None => self.fail(entry.span().start, "env: expected tables, each under [[env]]"),
            }
        }
    }

    fn env_table(&mut self, offset: usize, table: &DeTable) {
        let before = self.problems.len();
        let mut entry = EnvEntry {
            name: String::new(),
            kind: EnvKind::String,
            values: Vec::new(),
            default: None,
            required_in: None,
            example: String::new(),
            description: String::new(),
            origin: self.source.origin(offset),
        };
        for field in table {
            self.env_field(&mut entry, field);
        }
        if entry.name.is_empty() && self.problems.len() == before {
            self.fail(offset, "env: name is missing");
        }
        if self.answers.env().iter().any(|known| known.name == entry.name) {
            self.fail(offset, &format!("env: {} is declared twice", entry.name));
        }
        if self.problems.len() == before {
            self.answers.declare(entry);
        }
    }

    fn env_field(&mut self, entry: &mut EnvEntry, (key, value): Entry) {
        let name = key.get_ref().as_ref();
        let outcome = match (name, plain(value.get_ref())) {
            ("name", Some(Value::Text(text))) => check_name(&text).map(|()| entry.name = text),
            ("kind", Some(Value::Text(text))) => env_kind(&text).map(|kind| entry.kind = kind),
            ("values", Some(Value::List(items))) => env_values(items).map(|items| entry.values = items),
            ("default", Some(value)) => env_scalar(&value).map(|text| entry.default = Some(text)),
            ("required-in", Some(Value::List(items))) => {
                entry.required_in = Some(items);
                Ok(())
            }
            ("example", Some(value)) => env_scalar(&value).map(|text| entry.example = text),
            ("description", Some(Value::Text(text))) => free_text(text).map(|text| entry.description = text),
            (known, _) if ENV_FIELDS.contains(&known) => {
                let found = plain(value.get_ref())
                    .map_or_else(|| unusable(value.get_ref()), |it| format!("{it} is {}", it.type_with_article()));
                Err(format!("{found}; expected {}", env_field_type(known)))
            }
            _ => {
                self.fail(key.span().start, &unknown_env_field(name));
                return;
            }
        };
        if let Err(problem) = outcome {
            self.fail(value.span().start, &format!("env.{name}: {problem}"));
        }
    }
}

const ENV_FIELDS: [&str; 7] = ["name", "kind", "values", "default", "required-in", "example", "description"];

fn env_field_type(field: &str) -> &'static str {
    match field {
        "values" | "required-in" => "an array of strings",
        "default" | "example" => "a string, a whole number or a boolean",
        _ => "a string",
    }
}

fn unknown_env_field(name: &str) -> String {
    let hint = nearest(name, ENV_FIELDS).map_or_else(
        || format!("; expected {}", ENV_FIELDS.join(", ")),
        |near| format!("; did you mean \"env.{near}\"?"),
    );
    format!("unknown key \"env.{name}\"{hint}")
}

fn env_kind(text: &str) -> Result<EnvKind, String> {
    EnvKind::from_name(text).ok_or_else(|| {
        let names = EnvKind::ALL.map(|(name, _)| name);
        let hint = nearest(text, names).map_or_else(String::new, |near| format!("; did you mean \"{near}\"?"));
        format!("{text:?} is not a known kind; expected {}{hint}", names.join(", "))
    })
}

fn env_values(items: Vec<String>) -> Result<Vec<String>, String> {
    if let Some(bad) = items.iter().find(|item| item.is_empty() || text::one_line(item) != **item) {
        return Err(format!("{bad:?} is empty, or has line breaks or spaces at its ends"));
    }
    match items.iter().enumerate().find(|(index, item)| items[..*index].contains(item)) {
        Some((_, twin)) => Err(format!("names {twin:?} twice")),
        None => Ok(items),
    }
}

/// A default or example: written as its own type, kept as the text that the environment would hold.
fn env_scalar(value: &Value) -> Result<String, String> {
    match value {
        Value::Text(text) if text::one_line(text) != *text => {
            Err("must be one line without spaces at its ends".to_owned())
        }
        Value::Text(text) => free_text(text.clone()),
        Value::Int(number) => Ok(number.to_string()),
        Value::Bool(flag) => Ok(flag.to_string()),
        Value::List(_) => Err("expected a string, a whole number or a boolean".to_owned()),
    }
}

fn free_text(text: String) -> Result<String, String> {
    const MAX: usize = 300;
    if text.chars().count() > MAX {
        return Err(format!("is {} characters long; at most {MAX} are allowed", text.chars().count()));
    }
    Ok(text)
}

/// What is wrong with a value that is none of our types.
fn unusable(value: &DeValue) -> String {
    match value {
        DeValue::Integer(number) => format!("{} is out of bounds", number.as_str()),
        DeValue::Float(number) => format!("{} is a number with decimals", number.as_str()),
        DeValue::Array(_) => "holds something other than strings".to_owned(),
        other => format!("is a {}", other.type_str()),
    }
}

/// The value as one of our types; `None` for floats, dates, tables and mixed arrays.
fn plain(value: &DeValue) -> Option<Value> {
    match value {
        DeValue::String(text) => Some(Value::Text(text.to_string())),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix()).ok().map(Value::Int),
        DeValue::Boolean(flag) => Some(Value::Bool(*flag)),
        DeValue::Array(items) => items
            .iter()
            .map(|item| item.get_ref().as_str().map(ToOwned::to_owned))
            .collect::<Option<Vec<_>>>()
            .map(Value::List),
        _ => None,
    }
}
