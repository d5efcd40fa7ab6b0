//! The answer space as factors and levels: every question, every field of a variable, and where a run starts from.

use anyhow::{Context, Result, ensure};
use seaworthy::spec::presets;
use seaworthy::spec::question::Question;
use seaworthy::spec::table::QUESTIONS;
use seaworthy::spec::{EnvKind, Value};

use crate::cover::Pair;
use crate::values::{HOSTILE_LINE, values};

/// One thing that varies.
pub(crate) struct Factor {
    pub(crate) name: String,
    pub(crate) levels: Vec<Level>,
}

/// One of the ways in which a factor can be.
#[derive(Clone, Debug)]
pub(crate) enum Level {
    /// Not answered.
    Unset,
    /// How the answers reach the tool.
    Start(Start),
    /// The value of a question.
    Answer(&'static str, Value),
    /// A field of the variable that is looked at.
    Variable(Field),
    /// Variables beside it.
    Others(Others),
}

/// How the answers reach the tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Start {
    /// `--set` alone.
    Flags,
    /// A built-in preset, and `--set` over it.
    Preset(&'static str),
    /// A preset of one's own, in a file.
    PresetFile,
    /// `seaworthy.toml` in the target.
    AnswersFile,
}

/// A field of a `[[env]]` table; what stands in it depends on the kind and the environments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    Kind(EnvKind),
    Name(&'static str),
    Values(&'static [&'static str]),
    Default(Shape),
    Example(Shape),
    RequiredIn(Required),
    Description(&'static str),
}

/// A value of a variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Plain,
    Extreme,
}

/// Which environments a variable is required in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Required {
    Nowhere,
    Everywhere,
    Production,
    Locally,
    First,
}

/// Variables beside the one that is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Others {
    OneOfEachKind,
    Forty,
}

/// Names of the factors about variables. The fields are those of the JSON schema, which a test compares.
pub(crate) const VARIABLE: &str = "env.";
const KIND: &str = "env.kind";
pub(crate) const OTHERS: &str = "other variables";
pub(crate) const START: &str = "start";

/// All factors, in the order in which failures name them.
pub(crate) fn factors() -> Result<Vec<Factor>> {
    let mut factors = vec![Factor { name: START.to_owned(), levels: starts() }];
    for question in QUESTIONS {
        factors.push(Factor { name: question.key.to_owned(), levels: levels(question)? });
    }
    factors.extend(variable());
    let others = [Others::OneOfEachKind, Others::Forty].map(Level::Others);
    factors.push(factor(OTHERS, others));
    Ok(factors)
}

fn starts() -> Vec<Level> {
    // One of several services has no answers of its own; those of each service are answers like others.
    let is_of_one = |preset: &presets::Preset| presets::load_several(preset.name).is_ok_and(|it| it.is_none());
    let presets = presets::built_in().into_iter().filter(is_of_one).map(|preset| Start::Preset(preset.name));
    let starts = [Start::Flags].into_iter().chain(presets).chain([Start::PresetFile, Start::AnswersFile]);
    starts.map(Level::Start).collect()
}

fn levels(question: &'static Question) -> Result<Vec<Level>> {
    let values = values(question)?;
    for value in &values {
        let problem = question.check(value).err();
        ensure!(problem.is_none(), "{} does not take {value}: {problem:?}", question.key);
    }
    let answers = values.into_iter().map(|value| Level::Answer(question.key, value));
    Ok([Level::Unset].into_iter().chain(answers).collect())
}

/// An optional factor.
fn factor(name: &str, levels: impl IntoIterator<Item = Level>) -> Factor {
    Factor { name: name.to_owned(), levels: [Level::Unset].into_iter().chain(levels).collect() }
}

fn variable() -> Vec<Factor> {
    let kinds = EnvKind::ALL.map(|(_, kind)| Field::Kind(kind));
    let fields: [(&str, Vec<Field>); 7] = [
        (KIND, kinds.to_vec()),
        ("env.name", NAMES.iter().copied().map(Field::Name).collect()),
        ("env.values", VALUES.iter().copied().map(Field::Values).collect()),
        ("env.default", vec![Field::Default(Shape::Plain), Field::Default(Shape::Extreme)]),
        ("env.example", vec![Field::Example(Shape::Plain), Field::Example(Shape::Extreme)]),
        ("env.required-in", REQUIRED.iter().copied().map(Field::RequiredIn).collect()),
        ("env.description", ["Plain words.", HOSTILE_LINE, LONG].map(Field::Description).to_vec()),
    ];
    fields.into_iter().map(|(name, fields)| factor(name, fields.into_iter().map(Level::Variable))).collect()
}

/// The shortest, the longest, and names that mean something to shells, runners, Docker or the emitted scripts.
const NAMES: &[&str] = &[
    "A",
    "FEATURE_2__FLAG_",
    "UID",
    "APP_URL",
    "SOURCE",
    "REGISTRY_TOKEN",
    "A234567890_234567890_234567890_234567890_234567890_234567890_234",
];

const VALUES: &[&[&str]] = &[
    &["only"],
    &["on", "off"],
    &[
        "no",
        "null",
        "1",
        "0x1f",
        "~",
        r#"a "b" `id` $(id) ${HOME} ${{ secrets.X }} {{ x }} \ # a: b - | > <b> [x](y) */ // é"#,
    ],
    &[
        "a value that is rather long 1",
        "a value that is rather long 2",
        "a value that is rather long 3",
        "a value that is rather long 4",
        "a value that is rather long 5",
        "a value that is rather long 6",
    ],
];

const REQUIRED: &[Required] =
    &[Required::Nowhere, Required::Everywhere, Required::Production, Required::Locally, Required::First];

/// As long as a description may be.
const LONG: &str = "Three hundred characters, which is all that fits, so that lines have to be broken or left long: what the v\
     ariable is for, who sets it, where its value comes from, what happens without it; and then it goes on about no\
     thing in particular, word after word after word, until the limit of what may be wri.";

/// The variable's name where none is given.
pub(crate) const SUBJECT: &str = "SUBJECT";

/// Whether a pair says anything: fields of a variable that is not there do not.
pub(crate) fn means_something(factors: &[Factor], (one, other): Pair) -> bool {
    let absent = |(factor, level): (usize, usize)| {
        factors[factor].name == KIND && matches!(factors[factor].levels[level], Level::Unset)
    };
    let given = |(factor, level): (usize, usize)| {
        factors[factor].name.starts_with(VARIABLE) && !matches!(factors[factor].levels[level], Level::Unset)
    };
    !(absent(one) && given(other) || absent(other) && given(one))
}

/// A level as failures and `refused.txt` write it.
pub(crate) fn label(factor: &Factor, level: usize) -> String {
    let value = match &factor.levels[level] {
        Level::Unset => "-".to_owned(),
        Level::Start(start) => format!("{start:?}"),
        Level::Answer(_, value) => value.to_string(),
        Level::Variable(field) => format!("{field:?}"),
        Level::Others(others) => format!("{others:?}"),
    };
    let short: String = value.chars().take(40).collect();
    format!("{}={short}", factor.name)
}

#[test]
fn a_variable_has_the_fields_of_the_schema() -> Result<()> {
    let schema: serde_json::Value = serde_json::from_str(&seaworthy::spec::schema::json_schema())?;
    let fields = schema["properties"]["env"]["items"]["properties"].as_object().context("no fields in the schema")?;
    let mut wanted: Vec<String> = fields.keys().map(|field| format!("{VARIABLE}{field}")).collect();
    let mut have: Vec<String> = variable().into_iter().map(|factor| factor.name).collect();
    wanted.sort();
    have.sort();
    assert_eq!(have, wanted, "tests/space/model.rs: a field of [[env]] without representatives, or one that is gone");
    Ok(())
}
