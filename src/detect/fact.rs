//! What a detection says: facts, each with the lines that show it, and what stays open.

use serde::Serialize;

use crate::text::one_line;

/// Longest text that is quoted, in characters.
const MOST_TEXT: usize = 120;

/// Most places that one fact names; more say nothing new.
const MOST_EVIDENCE: usize = 5;

/// Where something is seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Evidence {
    /// Relative to the repository, with `/`; a folder ends with `/`.
    pub file: String,
    /// 1-based; `None` where the file itself, or what is not in it, is what shows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// What stands there, on one line, without anything that looks like a secret.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub text: String,
}

impl Evidence {
    /// A place and the text seen there.
    #[must_use]
    pub fn new(file: &str, line: Option<usize>, text: &str) -> Self {
        Self { file: file.to_owned(), line, text: quoted(text) }
    }

    /// `file:line`, or the file, for people.
    #[must_use]
    pub fn place(&self) -> String {
        let file = one_line(&self.file);
        self.line.map_or_else(|| file.clone(), |line| format!("{file}:{line}"))
    }
}

/// One thing that is known about the repository or about one application in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fact {
    /// What it is about: an id of [`super::SUBJECTS`].
    pub subject: &'static str,
    /// Folder of the application in a workspace; empty for the root.
    pub folder: String,
    /// What is known.
    pub value: String,
    /// The question of the table that it answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answers: Option<AnswerOf>,
    /// The places that show it, the strongest first; never empty.
    pub evidence: Vec<Evidence>,
}

/// An answer that a fact gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AnswerOf {
    /// A key of the question table.
    pub key: &'static str,
    /// As `--set` takes it.
    pub value: String,
}

impl Fact {
    /// A fact that one place shows.
    #[must_use]
    pub fn new(subject: &'static str, folder: &str, value: impl Into<String>, evidence: Evidence) -> Self {
        let value = quoted(&value.into());
        Self { subject, folder: folder.to_owned(), value, answers: None, evidence: vec![evidence] }
    }

    /// The same fact as the answer of a question.
    #[must_use]
    pub fn answering(mut self, key: &'static str, value: impl Into<String>) -> Self {
        self.answers = Some(AnswerOf { key, value: value.into() });
        self
    }
}

/// Places that cannot all be right. Which one is, a person must say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Contradiction {
    /// What it is about.
    pub subject: &'static str,
    /// Folder of the application; empty for the root.
    pub folder: String,
    /// What does not fit together.
    pub message: String,
    /// The question that it leaves open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub question: Option<&'static str>,
    /// The places that disagree.
    pub evidence: Vec<Evidence>,
}

/// What could not be told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unknown {
    /// What it is about.
    pub subject: &'static str,
    /// Folder of the application; empty for the root.
    pub folder: String,
    /// Why, and what would tell.
    pub reason: String,
    /// The question that stays open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub question: Option<&'static str>,
}

/// A file that was not read, or a bound that was reached.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Limit {
    /// The file or folder.
    pub file: String,
    /// 1-based line of what is wrong in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// Why.
    pub reason: String,
}

/// How much was looked at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Looked {
    /// Files that were listed.
    pub files: usize,
    /// Source files whose code was searched.
    pub sources: usize,
    /// Folders of installed packages and of outputs that were not entered.
    pub skipped_folders: usize,
}

/// Everything that a look at a repository gives.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// In the order of [`super::SUBJECTS`], then by folder.
    pub facts: Vec<Fact>,
    /// What does not fit together.
    pub contradictions: Vec<Contradiction>,
    /// What could not be told.
    pub unknown: Vec<Unknown>,
    /// Files that were not read, and bounds that were reached.
    pub limits: Vec<Limit>,
    /// How much was looked at.
    pub looked: Looked,
}

impl Report {
    /// Adds a fact; the same fact from another place only adds that place.
    pub fn add(&mut self, fact: Fact) {
        let is_same = |known: &&mut Fact| {
            known.subject == fact.subject && known.folder == fact.folder && known.value == fact.value
        };
        let Some(known) = self.facts.iter_mut().find(is_same) else {
            self.facts.push(fact);
            return;
        };
        for evidence in fact.evidence {
            if known.evidence.len() < MOST_EVIDENCE && !known.evidence.contains(&evidence) {
                known.evidence.push(evidence);
            }
        }
        known.answers = known.answers.take().or(fact.answers);
    }

    /// The facts of a subject.
    pub fn of<'a>(&'a self, subject: &'a str) -> impl Iterator<Item = &'a Fact> {
        self.facts.iter().filter(move |fact| fact.subject == subject)
    }

    /// The facts of a subject in one application.
    pub fn in_app<'a>(&'a self, subject: &'a str, folder: &'a str) -> impl Iterator<Item = &'a Fact> {
        self.of(subject).filter(move |fact| fact.folder == folder)
    }

    /// The value of the first fact of a subject in one application.
    #[must_use]
    pub fn value(&self, subject: &str, folder: &str) -> Option<&str> {
        let mut facts = self.facts.iter();
        facts.find(|fact| fact.subject == subject && fact.folder == folder).map(|fact| fact.value.as_str())
    }

    /// Says that places disagree; the question that they would have answered stays open.
    pub fn contradict(&mut self, contradiction: Contradiction) {
        if let Some(key) = contradiction.question {
            for fact in &mut self.facts {
                if fact.folder == contradiction.folder && fact.answers.as_ref().is_some_and(|it| it.key == key) {
                    fact.answers = None;
                }
            }
        }
        self.contradictions.push(contradiction);
    }
}

/// A text on one line, cut where it is long.
fn quoted(text: &str) -> String {
    let line = one_line(text);
    if line.chars().count() <= MOST_TEXT {
        return line;
    }
    let cut: String = line.chars().take(MOST_TEXT).collect();
    format!("{cut}...")
}

/// A sentence without line breaks and control characters: it may quote what stands in a file.
pub(crate) fn cleaned(text: String) -> String {
    let line = one_line(&text);
    if line == text { text } else { line }
}
