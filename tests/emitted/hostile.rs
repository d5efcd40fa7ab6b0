//! Text that was typed cannot change the structure of any emitted file.
//!
//! Every set of answers is emitted twice: with hostile text, and with a plain word in the place of each text.
//! Both trees must have the same files, and each file the same parts; only leaves that hold a plain word differ.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anyhow::{Context, Result, bail, ensure};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::TestRunner;
use seaworthy::spec::file::{Layer, Source, read};
use seaworthy::text::{can_stand_in_dotenv, one_line};
use toml::{Table, Value};

use super::answers::{emit, read_table, set, with};
use super::structure::ensure_alike;

/// In every plain word, and nowhere else.
const MARKER: &str = "plainword";

#[rustfmt::skip] // A list, read at a glance.
const FRAGMENTS: &[&str] = &[
    "\n", "\r\n", "\r", "\0", "\t", "\u{b}", "\u{85}", "\u{2028}", "\u{2029}", "\u{feff}", "\u{fffe}", "\u{ffff}",
    "\u{202e}", "\u{2066}", "\u{200b}", "\u{61c}", "\u{7f}", "\u{1b}[31m", "\u{1f600}", "\u{a0}", "é",
    "\"", "'", "`", "\\", "\\\"", "\"\"\"", "'''", "```", "\\n", "\\", " ", "  ",
    "{{", "}}", "${{ secrets.X }}", "${HOME}", "$(id)", "$$", "$'", "`id`", "[= project.name =]", "[% raw %]", "[#", "#]",
    "*/", "/*", "//", "# ", "#", "--", "---\n", "...\n", "- a", "+ a", "1. a", "1) a", "===", "a: b", ": ", "? ", "&a", "*a", "!!x", "|", ">", "%", "@",
    "@ts-expect-error", "@ts-nocheck", "biome-ignore lint: x", "[x](http://y)", "![x](y)", "[x]: y", "<b>", "</b>", "<!--", "-->", "<script>", "&amp;", "&lt;", "&#10;",
    "| a | b |", "|---|", "**b**", "_i_", "~~s~~", "$x$", "[^1]", ":tada:", "https://a.example/b_c_", "a@b.example",
    "\nRUN id\n", "\nUSER root", "FROM x", "\\\n", "<<EOF", "\nEOF\n", "\n[section]\nkey = 1\n", "\nKEY=value\n", "export A=b", "FOO=bar", "; rm -rf /", "&& id", "| sh", "> /x", "\nenv:\n  A: b\n", "null", "true", "~", "0x1f", "{", "}", "[", "]", ",", "=",
];

fn hostile(most: usize) -> impl Strategy<Value = String> {
    let fragment = prop_oneof![5 => select(FRAGMENTS).prop_map(ToOwned::to_owned), 1 => "\\PC{0,3}", 1 => any::<char>().prop_map(String::from)];
    vec(fragment, 0..12).prop_map(move |parts| parts.concat().chars().take(most).collect())
}

/// Text of one line that is not empty, as defaults, examples and enum values are.
fn hostile_line() -> impl Strategy<Value = String> {
    hostile(300).prop_map(|text| one_line(&text)).prop_filter("a value is not empty", |text| !text.is_empty())
}

/// The text as a value of an enum may be: one that can be set in an `.env` file.
fn settable(text: &str) -> String {
    if can_stand_in_dotenv(text) { text.to_owned() } else { one_line(&text.replace('\'', "")) }
}

/// Every free text of one set of answers.
#[derive(Debug, Clone)]
struct Texts {
    description: String,
    because: Option<String>,
    about: Vec<String>,
    default: String,
    example: String,
    secret: String,
    values: (String, String),
}

fn texts() -> impl Strategy<Value = Texts> {
    let because =
        proptest::option::of(hostile(500).prop_filter("a reason is not blank", |text| !one_line(text).is_empty()));
    let value =
        || hostile_line().prop_map(|text| settable(&text)).prop_filter("a value is not empty", |text| !text.is_empty());
    let values = (value(), value()).prop_filter("values differ", |(one, other)| one != other);
    (hostile(200), because, vec(hostile(300), 4), hostile_line(), hostile_line(), hostile_line(), values).prop_map(
        |(description, because, about, default, example, secret, values)| Texts {
            description,
            because,
            about,
            default,
            example,
            secret,
            values,
        },
    )
}

impl Texts {
    /// The answers that hold these texts.
    fn answers(&self, cloud: &str, database: &str) -> Table {
        let mut table = with(&[
            ("project.description", self.description.clone().into()),
            ("stack.database", database.into()),
            ("stack.redis", true.into()),
            ("deploy.cloud", cloud.into()),
        ]);
        if let Some(because) = &self.because {
            set(&mut table, "deploy.kubernetes-because", because.clone());
        }
        let mut texts = String::new();
        let quoted = |text: &str| Value::from(text).to_string();
        let values = [&self.values.0, &self.values.1].map(|text| quoted(text)).join(", ");
        for (index, rest) in [
            format!("kind = 'string'\ndefault = {}\nexample = {}", quoted(&self.default), quoted(&self.example)),
            format!("kind = 'secret'\nexample = {}", quoted(&self.secret)),
            format!("kind = 'enum'\nvalues = [{values}]\ndefault = {}", quoted(&self.values.0)),
            format!("kind = 'enum'\nvalues = [{values}]\nrequired-in = ['production']"),
        ]
        .iter()
        .enumerate()
        {
            let about = quoted(&self.about[index]);
            let _ = writeln!(texts, "[[env]]\nname = 'TYPED_{index}'\ndescription = {about}\n{rest}");
        }
        table.extend(texts.parse::<Table>().unwrap_or_default());
        table
    }

    /// The same with a plain word for each text; equal texts get equal words, blank ones stay.
    fn plain(&self) -> Self {
        let mut words: BTreeMap<String, String> = BTreeMap::new();
        let mut word = |text: &String| {
            let line = one_line(text);
            if line.is_empty() {
                // Nothing of it is printed, except into the answers file.
                return text.clone();
            }
            let number = words.len();
            words.entry(line).or_insert_with(|| format!("{MARKER}{number}")).clone()
        };
        Self {
            description: word(&self.description),
            because: self
                .because
                .as_ref()
                .map(|text| Some(word(text)).filter(|it| !it.is_empty()).unwrap_or(MARKER.to_owned())),
            about: self.about.iter().map(&mut word).collect(),
            default: word(&self.default),
            example: word(&self.example),
            secret: word(&self.secret),
            values: (word(&self.values.0), word(&self.values.1)),
        }
    }
}

#[test]
fn typed_text_changes_leaves_only() {
    let config =
        ProptestConfig { cases: 25, failure_persistence: None, max_shrink_iters: 50, ..ProptestConfig::default() };
    let strategy = (texts(), select(&["none", "aws", "gcp", "azure"][..]), select(&["none", "postgres"][..]));
    let outcome = TestRunner::new(config).run(&strategy, |(texts, cloud, database)| {
        check(&texts, cloud, database).map_err(|error| TestCaseError::fail(format!("{error:#}")))
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
}

/// Each fragment in every place at once: alone, in front or at the end.
#[test]
fn no_single_fragment_changes_more_than_leaves() -> Result<()> {
    for (number, fragment) in FRAGMENTS.iter().enumerate() {
        let at = |place: usize| match (place + number) % 3 {
            0 => (*fragment).to_owned(),
            1 => format!("{fragment} x{place}"),
            _ => format!("x{place} {fragment}"),
        };
        let line = |place: usize| {
            let line = one_line(&at(place));
            if line.is_empty() { format!("x{place}") } else { line }
        };
        let texts = Texts {
            description: at(0),
            because: Some(at(1)).filter(|text| !one_line(text).is_empty()),
            about: (2..6).map(at).collect(),
            default: line(6),
            example: line(7),
            secret: line(8),
            values: (settable(&line(9)), settable(&line(10))),
        };
        check(&texts, "aws", "postgres").with_context(|| format!("{texts:?}"))?;
    }
    Ok(())
}

fn check(texts: &Texts, cloud: &str, database: &str) -> Result<()> {
    let typed = emit(&texts.answers(cloud, database))?;
    let plain = emit(&texts.plain().answers(cloud, database))?;
    let paths = |files: &seaworthy::render::file_set::FileSet| -> Vec<String> {
        files.files().iter().map(|file| file.path.clone()).collect()
    };
    ensure!(paths(&typed.files) == paths(&plain.files), "other files came out");
    for (typed, plain) in typed.files.files().iter().zip(plain.files.files()) {
        // The lock holds hashes, the base copies of the emitted text.
        if !typed.path.starts_with(".seaworthy/") {
            ensure_alike(&typed.path, str(&plain.contents)?, str(&typed.contents)?, MARKER)?;
            ensure_visible(str(&typed.contents)?).with_context(|| typed.path.clone())?;
        }
    }
    Ok(())
}

/// What ends a line in some readers, or makes text look like other text, stands nowhere as it is.
fn ensure_visible(text: &str) -> Result<()> {
    let hides = |c: char| {
        (c.is_control() && c != '\n' && c != '\t')
            || "\u{2028}\u{2029}\u{200b}\u{202e}\u{2066}\u{61c}\u{feff}\u{fffe}\u{ffff}".contains(c)
    };
    match text.lines().find(|line| line.contains(hides)) {
        Some(line) => bail!("a hidden character stands in {line:?}"),
        None => Ok(()),
    }
}

fn str(bytes: &[u8]) -> Result<&str> {
    Ok(std::str::from_utf8(bytes)?)
}

#[test]
fn the_emitted_answers_say_what_was_typed() {
    let config = ProptestConfig { cases: 25, failure_persistence: None, ..ProptestConfig::default() };
    let outcome = TestRunner::new(config).run(&texts(), |texts| {
        let table = texts.answers("none", "postgres");
        let again = (|| {
            let emitted = emit(&table)?;
            let file = emitted.files.files().iter().find(|file| file.path == "seaworthy.toml").context("no file")?;
            read(&Source { name: "seaworthy.toml", text: str(&file.contents)?, layer: Layer::AnswersFile })
        })();
        let (again, before) = match (again, read_table(&table)) {
            (Ok(again), Ok(before)) => (again, before),
            (Err(error), _) | (_, Err(error)) => return Err(TestCaseError::fail(format!("{error:#}"))),
        };
        for (key, answer) in before.by_key() {
            prop_assert_eq!(again.get(key).map(|it| &it.value), Some(&answer.value), "{}", key);
        }
        prop_assert_eq!(before.env().len(), again.env().len());
        for (one, other) in before.env().iter().zip(again.env()) {
            prop_assert!(one.says_the_same(other), "{:?} became {:?}", one, other);
        }
        Ok(())
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
}
