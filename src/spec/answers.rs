//! Answers in layers: flag over answers file over preset over default, each with its origin.

use std::collections::BTreeMap;

use super::env_entry::EnvEntry;
use super::existing::Existing;
use super::nearest::nearest;
use super::table::{QUESTIONS, question};
use super::value::{Answer, Origin, Value};
use crate::failure::usage;

/// The answers known so far, by key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answers {
    values: BTreeMap<&'static str, Answer>,
    env: Vec<EnvEntry>,
    existing: Option<Existing>,
    idle: Vec<Idle>,
}

/// An answer that can change nothing, given the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Idle {
    /// The question.
    pub key: &'static str,
    /// The answer, and who gave it.
    pub answer: Answer,
    /// Why it changes nothing, as a clause of its own.
    pub why: &'static str,
    /// Whether it says what the tool would have said itself.
    pub is_default: bool,
}

impl Answers {
    /// The answer of a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Answer> {
        self.values.get(key)
    }

    /// The text of a key.
    #[must_use]
    pub fn text(&self, key: &str) -> Option<&str> {
        self.get(key)?.value.as_text()
    }

    /// The number of a key.
    #[must_use]
    pub fn int(&self, key: &str) -> Option<i64> {
        self.get(key)?.value.as_int()
    }

    /// The truth value of a key.
    #[must_use]
    pub fn bool(&self, key: &str) -> Option<bool> {
        self.get(key)?.value.as_bool()
    }

    /// The list of a key.
    #[must_use]
    pub fn list(&self, key: &str) -> Option<&[String]> {
        match &self.get(key)?.value {
            Value::List(items) => Some(items),
            _ => None,
        }
    }

    /// All answers by key.
    #[must_use]
    pub fn by_key(&self) -> BTreeMap<&'static str, Answer> {
        self.values.clone()
    }

    /// The variables that the user declared.
    #[must_use]
    pub fn env(&self) -> &[EnvEntry] {
        &self.env
    }

    /// How the code that was there before is built and started; none for emitted code.
    #[must_use]
    pub fn existing(&self) -> Option<&Existing> {
        self.existing.as_ref()
    }

    /// Says how the code that was there before is built and started.
    pub fn set_existing(&mut self, existing: Existing) {
        self.existing = Some(existing);
    }

    /// Sets a key of the table, replacing what was there.
    pub fn set(&mut self, key: &'static str, value: Value, origin: Origin) {
        self.idle.retain(|it| it.key != key);
        self.values.insert(key, Answer { value, origin });
    }

    /// Forgets a key, for the way back in the interview.
    pub fn unset(&mut self, key: &str) {
        self.idle.retain(|it| it.key != key);
        self.values.remove(key);
    }

    /// Declares a variable; one of the same name is replaced.
    pub fn declare(&mut self, entry: EnvEntry) {
        match self.env.iter_mut().find(|known| known.name == entry.name) {
            Some(known) => *known = entry,
            None => self.env.push(entry),
        }
    }

    /// Forgets a declared variable.
    pub fn undeclare(&mut self, name: &str) {
        self.env.retain(|known| known.name != name);
    }

    /// Lays another layer over this one: what it answers wins.
    pub fn overlay(&mut self, upper: Self) {
        self.values.extend(upper.values);
        for entry in upper.env {
            self.declare(entry);
        }
        self.existing = match (upper.existing, self.existing.take()) {
            (Some(upper), Some(lower)) => Some(upper.over(lower)),
            (upper, lower) => upper.or(lower),
        };
    }

    /// Gives every relevant key that is still open its default, in table order, so that a default
    /// can follow from the answers above it, and drops answers that cannot change anything: those are [`Self::idle`] then.
    pub fn complete_with_defaults(&mut self) {
        for question in QUESTIONS {
            if let Err(why) = (question.relevant)(self) {
                if let Some(answer) = self.values.remove(question.key) {
                    let is_default = (question.default)(self).as_ref() == Some(&answer.value);
                    self.idle.push(Idle { key: question.key, answer, why, is_default });
                }
            } else if self.get(question.key).is_none()
                && let Some(value) = (question.default)(self)
            {
                self.set(question.key, value, Origin::Default);
            }
        }
    }

    /// The answers that were dropped, since they cannot change anything.
    #[must_use]
    pub fn idle(&self) -> &[Idle] {
        &self.idle
    }

    /// The keys that the interview would ask and nobody has answered.
    #[must_use]
    pub fn missing(&self) -> Vec<&'static str> {
        let mut known = self.clone();
        let mut missing = Vec::new();
        for question in QUESTIONS {
            if known.get(question.key).is_some() || (question.relevant)(&known).is_err() {
                continue;
            }
            if (question.asked)(&known) {
                missing.push(question.key);
            }
            if let Some(value) = (question.default)(&known) {
                known.set(question.key, value, Origin::Default);
            }
        }
        missing
    }

    /// Reads one `--set KEY=VALUE`.
    ///
    /// # Errors
    /// Exit 2 with the nearest key, or what the key takes.
    pub fn set_from_flag(&mut self, assignment: &str) -> anyhow::Result<()> {
        let Some((key, text)) = assignment.split_once('=') else {
            return Err(usage(format!("--set {assignment}: expected KEY=VALUE, for example --set scale.peak-rps=200")));
        };
        let row = question(key).ok_or_else(|| usage(format!("--set {assignment}: {}", unknown_key(key))))?;
        let value = row.parse(text).map_err(|problem| usage(format!("--set {key}: {problem}")))?;
        self.set(row.key, value, Origin::Flag);
        Ok(())
    }
}

/// `unknown key "x"`, with the nearest key of the table.
#[must_use]
pub fn unknown_key(key: &str) -> String {
    if key.starts_with("env.") {
        return format!("unknown key \"{key}\"; the service's own variables are [[env]] tables in seaworthy.toml");
    }
    let known = || QUESTIONS.iter().map(|question| question.key);
    // A bare name such as `peak-rps` is most likely the key of that name in its section.
    let in_section = known().find(|full| full.ends_with(&format!(".{key}")));
    match in_section.or_else(|| nearest(key, known())) {
        Some(near) => format!("unknown key \"{key}\"; did you mean \"{near}\"?"),
        None => format!("unknown key \"{key}\"; `seaworthy preset show api` shows the keys"),
    }
}
