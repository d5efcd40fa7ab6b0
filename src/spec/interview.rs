//! The interview: the only place that prompts.
//!
//! Every answer is held in memory until the end. Escape goes back one question, Ctrl-C ends the
//! interview; nothing has been written in either case.

use inquire::validator::Validation;
use inquire::{InquireError, Select, Text};

use super::Spec;
use super::answers::Answers;
use super::question::{Kind, Question};
use super::table::{QUESTIONS, question};
use super::value::{Origin, Value};
use crate::text;

/// How an interview ended.
#[derive(Debug)]
pub enum Outcome {
    /// All questions are answered, and the user agreed to the summary.
    Agreed,
    /// The user left.
    Cancelled,
}

/// The choices at the end of the questions.
const WRITE: &str = "Write these files";
const CHANGE: &str = "Change an answer";
const CANCEL: &str = "Cancel";

/// What a prompt came back with.
enum Reply<T> {
    Given(T),
    Back,
    Cancel,
}

/// Asks what is not answered yet, shows the summary and lets the user agree, change an answer or leave.
///
/// `summary` works out and prints what the answers lead to; its error is shown, and the user asked again.
///
/// # Errors
/// When the terminal fails.
pub fn interview(
    answers: Answers,
    summary: &mut dyn FnMut(&Answers) -> anyhow::Result<()>,
    tell: &dyn Fn(&str),
) -> anyhow::Result<Outcome> {
    if !answers.missing().is_empty() {
        tell("Enter takes what is in brackets, Esc goes back, Ctrl-C leaves.\nNothing is written before you agree.\n");
    }
    let mut session = Session { given: answers.clone(), answers, trail: Vec::new() };
    loop {
        if !session.ask_open_questions(tell)? {
            return Ok(Outcome::Cancelled);
        }
        let agreed = match summary(&session.answers) {
            Ok(()) => menu(&[WRITE, CHANGE, CANCEL])?,
            Err(problem) => {
                let problem = format!("{problem:#}");
                let lines: Vec<String> =
                    problem.lines().map(|line| text::wrapped(line.split(' '), " ", "  ")).collect();
                tell(&format!("\nThese answers do not work together:\n{}\n", lines.join("\n")));
                menu(&[CHANGE, CANCEL])?
            }
        };
        match agreed {
            Reply::Given(WRITE) => return Ok(Outcome::Agreed),
            Reply::Given(CHANGE) | Reply::Back => {
                if !session.reopen_one()? {
                    return Ok(Outcome::Cancelled);
                }
            }
            Reply::Given(_) | Reply::Cancel => return Ok(Outcome::Cancelled),
        }
    }
}

struct Session {
    /// What flags, files and presets answered: shown as defaults when such an answer is changed.
    given: Answers,
    /// Everything answered so far.
    answers: Answers,
    /// The questions that were asked, in order, for the way back.
    trail: Vec<&'static str>,
}

impl Session {
    /// Asks until no question is open; false when the user left.
    fn ask_open_questions(&mut self, tell: &dyn Fn(&str)) -> anyhow::Result<bool> {
        while let Some(question) = self.next_open() {
            match ask(question, &self.known())? {
                Reply::Given(value) => {
                    self.given.set(question.key, value.clone(), Origin::Interview);
                    self.answers.set(question.key, value, Origin::Interview);
                    self.trail.push(question.key);
                }
                Reply::Back => match self.trail.pop() {
                    Some(key) => self.answers.unset(key),
                    None => tell("This is the first question; Ctrl-C leaves, and nothing is written."),
                },
                Reply::Cancel => return Ok(false),
            }
            self.drop_answers_to_questions_gone();
        }
        Ok(true)
    }

    /// A question that an earlier answer opened may be closed by the next one; what was answered to it
    /// would contradict, and nobody could take it back.
    fn drop_answers_to_questions_gone(&mut self) {
        let gone = |key: &&'static str| question(key).is_some_and(|it| !(it.asked)(&self.answers));
        let keys: Vec<&str> = self.trail.iter().filter(|key| gone(key)).copied().collect();
        for key in keys {
            self.answers.unset(key);
            self.given.unset(key);
            self.trail.retain(|asked| *asked != key);
        }
    }

    fn next_open(&self) -> Option<&'static Question> {
        let key = self.answers.missing().into_iter().next()?;
        question(key)
    }

    /// The answers with every default below them, and what was answered before a step back on top.
    fn known(&self) -> Answers {
        let mut known = self.answers.clone();
        let mut before = self.given.clone();
        before.overlay(known.clone());
        before.complete_with_defaults();
        for (key, answer) in before.by_key() {
            if known.get(key).is_none() {
                known.set(key, answer.value, answer.origin);
            }
        }
        known
    }

    /// Lets the user pick an answer to give again; false when the user left.
    fn reopen_one(&mut self) -> anyhow::Result<bool> {
        let known = self.known();
        let asked = QUESTIONS.iter().filter(|it| (it.asked)(&known) && (it.relevant)(&known).is_ok());
        let rows: Vec<(String, &'static str)> = asked
            .filter_map(|it| {
                known.get(it.key)?;
                Some((format!("{} {}", it.prompt, default_text(it, &known)), it.key))
            })
            .collect();
        let labels: Vec<&str> = rows.iter().map(|(label, _)| label.as_str()).collect();
        match reply(
            Select::new("Which answer?", labels)
                .with_page_size(20)
                .without_filtering()
                .with_help_message(KEYS)
                .raw_prompt(),
        )? {
            Reply::Given(option) => {
                let key = rows[option.index].1;
                self.given = known;
                self.answers.unset(key);
                self.trail.retain(|asked| *asked != key);
                Ok(true)
            }
            Reply::Back => Ok(true),
            Reply::Cancel => Ok(false),
        }
    }
}

fn ask(question: &'static Question, known: &Answers) -> anyhow::Result<Reply<Value>> {
    match question.kind {
        Kind::Choice { built, .. } => choose(question, known, built),
        Kind::Bool => {
            let reply = choose(question, known, &["no", "yes"])?;
            Ok(match reply {
                Reply::Given(value) => Reply::Given(Value::Bool(value.as_text() == Some("yes"))),
                other => other,
            })
        }
        _ => type_in(question, known),
    }
}

fn choose(question: &Question, known: &Answers, options: &[&'static str]) -> anyhow::Result<Reply<Value>> {
    let default = default_text(question, known);
    let cursor = options.iter().position(|option| *option == default).unwrap_or(0);
    let help = help(question);
    let prompt = Select::new(question.prompt, options.to_vec())
        .with_starting_cursor(cursor)
        .with_help_message(&help)
        .without_filtering();
    Ok(match reply(prompt.prompt())? {
        Reply::Given(text) => Reply::Given(Value::Text(text.to_owned())),
        Reply::Back => Reply::Back,
        Reply::Cancel => Reply::Cancel,
    })
}

fn type_in(question: &'static Question, known: &Answers) -> anyhow::Result<Reply<Value>> {
    let default = default_text(question, known);
    let context = known.clone();
    let check = move |text: &str| {
        Ok(match accept(question, text, &context) {
            Ok(_) => Validation::Valid,
            Err(problem) => Validation::Invalid(problem.into()),
        })
    };
    let help = help(question);
    let mut prompt = Text::new(question.prompt).with_help_message(&help).with_validator(check);
    if !default.is_empty() {
        prompt = prompt.with_default(&default);
    }
    Ok(match reply(prompt.prompt())? {
        Reply::Given(text) => match accept(question, &text, known) {
            Ok(value) => Reply::Given(value),
            Err(problem) => anyhow::bail!("{}: {problem}", question.key),
        },
        Reply::Back => Reply::Back,
        Reply::Cancel => Reply::Cancel,
    })
}

/// The help in lines that do not break within a word.
fn help(question: &Question) -> String {
    text::wrapped(question.help.split(' '), " ", " ").trim_start().to_owned()
}

/// Checks an answer by itself and against the answers so far.
fn accept(question: &'static Question, text: &str, known: &Answers) -> Result<Value, String> {
    let value = question.parse(text)?;
    let mut with_it = known.clone();
    with_it.set(question.key, value.clone(), Origin::Interview);
    match Spec::contradictions_of(&with_it, question.key) {
        Some(problem) => Err(problem),
        None => Ok(value),
    }
}

/// The default as the user would type it.
fn default_text(question: &Question, known: &Answers) -> String {
    match known.get(question.key).map(|answer| &answer.value) {
        None => String::new(),
        Some(Value::Text(text)) => text.clone(),
        Some(Value::Bool(flag)) => if *flag { "yes" } else { "no" }.to_owned(),
        Some(Value::List(items)) => items.join(", "),
        Some(number) => number.to_string(),
    }
}

/// Below a menu.
const KEYS: &str = "arrow keys and Enter; Esc changes an answer, Ctrl-C leaves";

fn menu(options: &[&'static str]) -> anyhow::Result<Reply<&'static str>> {
    reply(Select::new("What next?", options.to_vec()).without_filtering().with_help_message(KEYS).prompt())
}

fn reply<T>(result: Result<T, InquireError>) -> anyhow::Result<Reply<T>> {
    match result {
        Ok(value) => Ok(Reply::Given(value)),
        Err(InquireError::OperationCanceled) => Ok(Reply::Back),
        Err(InquireError::OperationInterrupted) => Ok(Reply::Cancel),
        Err(other) => Err(other.into()),
    }
}
