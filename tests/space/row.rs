//! One row of the cover as the answers of a run: for the library, and for the command line.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use seaworthy::failure::usage;
use seaworthy::plan::{Plan, plan};
use seaworthy::spec::file::{ANSWERS_FILE, Layer, Source, read};
use seaworthy::spec::{Answers, EnvKind, Origin, Spec, Value, presets};

use crate::model::{Factor, Field, Level, Others, Required, SUBJECT, Shape, Start};
use crate::values::HOSTILE_LINE;

/// A row, read.
#[derive(Clone)]
pub(crate) struct Answered {
    pub(crate) start: Start,
    answers: BTreeMap<&'static str, Value>,
    variable: Vec<Field>,
    others: Option<Others>,
}

/// What a row says.
pub(crate) fn answered(factors: &[Factor], row: &[usize]) -> Answered {
    let mut it = Answered { start: Start::Flags, answers: BTreeMap::new(), variable: Vec::new(), others: None };
    for (factor, level) in factors.iter().zip(row) {
        match &factor.levels[*level] {
            Level::Unset => {}
            Level::Start(start) => it.start = *start,
            Level::Answer(key, value) => drop(it.answers.insert(key, value.clone())),
            Level::Variable(field) => it.variable.push(*field),
            Level::Others(others) => it.others = Some(*others),
        }
    }
    it
}

impl Answered {
    /// The plan for these answers in a target that is called `directory`, or why there is none.
    pub(crate) fn plan(&self, directory: &str) -> Result<Plan> {
        let mut answers = match self.start {
            Start::Preset(name) => preset(name)?,
            _ => Answers::default(),
        };
        for (key, value) in &self.answers {
            answers.set(key, value.clone(), self.origin());
        }
        if !self.variable.is_empty() || self.others.is_some() {
            let variables = format!("schema = 1\n{}", self.env_tables());
            answers.overlay(read(&Source { name: "variables", text: &variables, layer: Layer::Preset })?);
        }
        if answers.get("project.name").is_none() {
            if self.start == Start::AnswersFile {
                return Err(usage("the answers file does not say project.name"));
            }
            answers.set("project.name", Value::Text(directory.to_owned()), Origin::Directory);
        }
        plan(&Spec::new(answers)?)
    }

    /// Where its answers stand; what changes nothing is refused of a flag, and told of a file.
    fn origin(&self) -> Origin {
        match self.start {
            Start::AnswersFile | Start::PresetFile => Origin::File { path: ANSWERS_FILE.to_owned(), line: 1 },
            Start::Preset(_) | Start::Flags => Origin::Flag,
        }
    }

    /// Writes what has to be there before `new` runs with the arguments that come back.
    pub(crate) fn prepare(&self, target: &Path) -> Result<Vec<String>> {
        fs::create_dir_all(target)?;
        let preset_file = target.with_extension("toml");
        let path = preset_file.to_str().context("the path is not UTF-8")?.to_owned();
        let variables = self.env_tables();
        let flags: Vec<String> = self
            .answers
            .iter()
            .flat_map(|(key, value)| ["--set".to_owned(), format!("{key}={}", flag(value))])
            .collect();
        let preset = |of: String| [vec!["--preset".to_owned(), of], flags.clone()].concat();
        Ok(match self.start {
            Start::AnswersFile => {
                fs::write(target.join(ANSWERS_FILE), self.all_in_a_file())?;
                Vec::new()
            }
            Start::PresetFile => {
                fs::write(&preset_file, self.all_in_a_file())?;
                vec!["--preset".to_owned(), path]
            }
            Start::Preset(name) if variables.is_empty() => preset(name.to_owned()),
            Start::Preset(name) => {
                fs::write(&preset_file, presets::find(name)?.text.to_owned() + &variables)?;
                preset(path)
            }
            Start::Flags if variables.is_empty() => flags,
            Start::Flags => {
                fs::write(&preset_file, format!("schema = 1\n{variables}"))?;
                preset(path)
            }
        })
    }

    fn all_in_a_file(&self) -> String {
        let mut text = "schema = 1\n".to_owned();
        for (key, value) in &self.answers {
            let _ = writeln!(text, "{key} = {value}");
        }
        text + &self.env_tables()
    }

    /// The `[[env]]` tables.
    fn env_tables(&self) -> String {
        let others = match self.others {
            None => String::new(),
            Some(Others::OneOfEachKind) => ONE_OF_EACH.to_owned(),
            Some(Others::Forty) => (0..40).fold(String::new(), |text, number| {
                text + &format!("[[env]]\nname = \"VARIABLE_{number}\"\ndefault = \"{number}\"\n")
            }),
        };
        self.variable_table() + &others
    }

    fn variable_table(&self) -> String {
        let kind = self.variable.iter().find_map(|field| match field {
            Field::Kind(kind) => Some(*kind),
            _ => None,
        });
        let Some(kind) = kind else { return String::new() };
        let mut table = toml::Table::new();
        table.insert("name".to_owned(), SUBJECT.into());
        for field in &self.variable {
            let (key, value) = self.field(*field, kind);
            table.insert(key.to_owned(), value);
        }
        format!("[[env]]\n{table}")
    }

    fn field(&self, field: Field, kind: EnvKind) -> (&'static str, toml::Value) {
        match field {
            Field::Kind(kind) => ("kind", kind.name().into()),
            Field::Name(name) => ("name", name.into()),
            Field::Values(values) => ("values", values.to_vec().into()),
            Field::Default(shape) => ("default", self.value(shape, kind)),
            Field::Example(shape) => ("example", self.value(shape, kind)),
            Field::RequiredIn(required) => ("required-in", self.required(required).into()),
            Field::Description(text) => ("description", text.into()),
        }
    }

    fn value(&self, shape: Shape, kind: EnvKind) -> toml::Value {
        let values = self.variable.iter().find_map(|field| match field {
            Field::Values(values) => Some(*values),
            _ => None,
        });
        let plain = shape == Shape::Plain;
        match kind {
            EnvKind::String | EnvKind::Secret => if plain { "plain" } else { HOSTILE_LINE }.into(),
            EnvKind::Url => {
                if plain { "https://a.example" } else { "http://127.0.0.1:65535/a%20b?c=d&e=$f#g:~,*" }.into()
            }
            EnvKind::Int => i64::from(if plain { 1 } else { i32::MIN }).into(),
            EnvKind::Bool => plain.into(),
            EnvKind::Enum => {
                let values = values.unwrap_or_default();
                let value = if plain { values.first() } else { values.last() };
                value.copied().unwrap_or("nothing").into()
            }
        }
    }

    /// Names of environments; those that this row deploys to come from it, from its preset or from the default.
    fn required(&self, required: Required) -> Vec<String> {
        let deployed = match self.answers.get("deploy.environments") {
            Some(Value::List(names)) => names.clone(),
            _ => self.default_environments(),
        };
        let local = || ["development", "test"].map(ToOwned::to_owned).to_vec();
        match required {
            Required::Nowhere => Vec::new(),
            Required::Everywhere => [local(), deployed].concat(),
            Required::Production => deployed.last().cloned().into_iter().collect(),
            Required::Locally => local(),
            Required::First => deployed.first().cloned().into_iter().collect(),
        }
    }

    fn default_environments(&self) -> Vec<String> {
        let mut answers = match self.start {
            Start::Preset(name) => preset(name).unwrap_or_default(),
            _ => Answers::default(),
        };
        answers.complete_with_defaults();
        answers.list("deploy.environments").unwrap_or_default().to_vec()
    }
}

/// A built-in preset, read once: the cover asks for tens of thousands of plans.
fn preset(name: &'static str) -> Result<Answers> {
    thread_local!(static READ: RefCell<BTreeMap<&'static str, Answers>> = RefCell::default());
    if let Some(answers) = READ.with_borrow(|read| read.get(name).cloned()) {
        return Ok(answers);
    }
    let answers = read(&Source { name, text: presets::find(name)?.text, layer: Layer::Preset })?;
    READ.with_borrow_mut(|read| drop(read.insert(name, answers.clone())));
    Ok(answers)
}

/// A value as `--set` takes it.
fn flag(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::List(items) => items.join(","),
        other => other.to_string(),
    }
}

const ONE_OF_EACH: &str = r#"
[[env]]
name = "STRING_BESIDE"
required-in = ["test"]
[[env]]
name = "URL_BESIDE"
kind = "url"
[[env]]
name = "INT_BESIDE"
kind = "int"
default = 0
[[env]]
name = "BOOL_BESIDE"
kind = "bool"
[[env]]
name = "ENUM_BESIDE"
kind = "enum"
values = ["a", "b"]
[[env]]
name = "SECRET_BESIDE"
kind = "secret"
"#;
