//! What a question is: the one row from which the prompt, the preset key, `--set`, the JSON schema
//! and the reference in the documentation come.

use crate::spec::nearest::nearest;
use crate::spec::{Answers, Value};
use crate::text;

/// One row of the question table.
pub struct Question {
    /// The key in `seaworthy.toml` and of `--set`: `section.name`.
    pub key: &'static str,
    /// The question, short and in plain words.
    pub prompt: &'static str,
    /// What the answer changes; shown below the prompt and in the schema.
    pub help: &'static str,
    /// What values are possible.
    pub kind: Kind,
    /// The answer when nobody gives one; `None` leaves the key unset.
    pub default: fn(&Answers) -> Option<Value>,
    /// Whether the answer can change anything, given the answers so far; without it the key stays unset. The error is the reason
    /// why it cannot, as a clause of its own.
    pub relevant: fn(&Answers) -> Result<(), &'static str>,
    /// Whether the interview asks it; the others keep their default unless a file or flag sets them.
    pub asked: fn(&Answers) -> bool,
}

/// The type and bounds of an answer.
#[derive(Clone, Copy)]
pub enum Kind {
    /// One of a list.
    Choice {
        /// Values that work.
        built: &'static [&'static str],
        /// Values of the contract that this version refuses.
        planned: &'static [&'static str],
    },
    /// A whole number between two bounds, both included.
    Int {
        /// Smallest value.
        min: i64,
        /// Largest value.
        max: i64,
    },
    /// Yes or no.
    Bool,
    /// Free text.
    Text {
        /// Fewest characters, without blanks at the ends.
        min: usize,
        /// Most characters.
        max: usize,
    },
    /// A DNS-1123 label, at most this many characters.
    Label {
        /// Most characters.
        max: usize,
    },
    /// A percentage of time, as text so that `99.90` and `99.9` stay what the user wrote.
    Availability,
    /// Between one and this many different DNS-1123 labels.
    Labels {
        /// Most entries.
        max: usize,
    },
}

impl Question {
    /// The section of the key: `scale` of `scale.peak-rps`.
    #[must_use]
    pub fn section(&self) -> &'static str {
        self.key.split_once('.').map_or("", |(section, _)| section)
    }

    /// The name of the key in its section.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.key.split_once('.').map_or(self.key, |(_, name)| name)
    }

    /// Checks type, bounds and choices.
    ///
    /// # Errors
    /// A sentence without the key: what is wrong and which values work.
    pub fn check(&self, value: &Value) -> Result<(), String> {
        self.kind.check(value)
    }

    /// Reads the text of `--set` or of a prompt as this question's type.
    ///
    /// # Errors
    /// As [`Question::check`].
    pub fn parse(&self, text: &str) -> Result<Value, String> {
        let value = self.kind.parse(text)?;
        self.check(&value)?;
        Ok(value)
    }
}

impl Kind {
    fn parse(self, text: &str) -> Result<Value, String> {
        match self {
            Self::Int { .. } => {
                text.trim().replace('_', "").parse().map(Value::Int).map_err(|_| self.not_a_number(text))
            }
            Self::Bool => match text.trim() {
                "true" | "yes" => Ok(Value::Bool(true)),
                "false" | "no" => Ok(Value::Bool(false)),
                _ => Err(format!("{text:?} is neither true nor false")),
            },
            Self::Labels { .. } => Ok(Value::List(parse_list(text))),
            _ => Ok(Value::Text(text.to_owned())),
        }
    }

    fn check(self, value: &Value) -> Result<(), String> {
        match (self, value) {
            (Self::Choice { built, planned }, Value::Text(text)) => check_choice(text, built, planned),
            (Self::Int { min, max }, Value::Int(number)) if (min..=max).contains(number) => Ok(()),
            (Self::Int { .. }, Value::Int(number)) => Err(format!("{number} is out of bounds; {}", self.expected())),
            (Self::Text { min, max }, Value::Text(text)) => check_text(text, min, max),
            (Self::Label { max }, Value::Text(text)) => check_label(text, max),
            (Self::Availability, Value::Text(text)) => crate::spec::Availability::parse(text).map(drop),
            (Self::Labels { max }, Value::List(items)) => check_labels(items, max),
            (Self::Bool, Value::Bool(_)) => Ok(()),
            (_, other) => Err(format!("{other} is {}; {}", other.type_with_article(), self.expected())),
        }
    }

    fn not_a_number(self, text: &str) -> String {
        let digits = text.trim().trim_start_matches('-');
        if !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit()) {
            return format!("{text} is out of bounds; {}", self.expected());
        }
        format!("{text:?} is not a whole number; {}", self.expected())
    }

    /// What would have been right, as the end of an error message.
    #[must_use]
    pub fn expected(self) -> String {
        match self {
            Self::Choice { built, .. } => format!("expected {}", quoted_list(built)),
            Self::Int { min, max } => format!("expected a whole number from {min} to {max}"),
            Self::Bool => "expected true or false".to_owned(),
            Self::Text { max, .. } => format!("expected a string of at most {max} characters"),
            Self::Label { max } => {
                format!("expected a name of at most {max} lower-case letters, digits and '-'")
            }
            Self::Availability => "expected a percentage as a string, for example \"99.9\"".to_owned(),
            Self::Labels { max } => format!("expected an array of 1 to {max} different names, each a string"),
        }
    }
}

/// `["a", "b"]`, or the same words without brackets and quotes.
fn parse_list(text: &str) -> Vec<String> {
    text.trim()
        .trim_start_matches('[')
        .trim_end_matches(']')
        .split(',')
        .map(|item| item.trim().trim_matches('"').to_owned())
        .filter(|item| !item.is_empty())
        .collect()
}

fn check_choice(text: &str, built: &[&str], planned: &[&str]) -> Result<(), String> {
    if built.contains(&text) {
        return Ok(());
    }
    if planned.contains(&text) {
        return Err(format!("\"{text}\" is not available in this version; these work: {}", quoted_list(built)));
    }
    let hint =
        nearest(text, built.iter().copied()).map_or_else(String::new, |near| format!("; did you mean \"{near}\"?"));
    Err(format!("{text:?} is not a known value; expected {}{hint}", quoted_list(built)))
}

fn check_text(text: &str, min: usize, max: usize) -> Result<(), String> {
    if text::one_line(text).chars().count() < min {
        return Err("must not be empty".to_owned());
    }
    if text.chars().count() > max {
        return Err(format!("is {} characters long; at most {max} are allowed", text.chars().count()));
    }
    Ok(())
}

fn check_label(text: &str, max: usize) -> Result<(), String> {
    check_dns_label(text).map_err(|rule| format!("{text:?} {rule}"))?;
    if text.len() > max {
        return Err(format!("{text:?} is {} characters long; at most {max} are allowed", text.len()));
    }
    Ok(())
}

/// A DNS-1123 label: what Kubernetes, DNS, npm and container registries all take as a name.
///
/// # Errors
/// A sentence that says which rule is broken.
fn check_dns_label(text: &str) -> Result<(), String> {
    let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if text.is_empty() {
        return Err("must not be empty".to_owned());
    }
    if !text.chars().all(inner) {
        return Err("may hold lower-case letters, digits and '-' only".to_owned());
    }
    if !text.starts_with(|c: char| c.is_ascii_lowercase()) {
        // RFC 1123 allows a digit in front; a Kubernetes Service and a database name do not.
        return Err("must start with a letter".to_owned());
    }
    if text.ends_with('-') {
        return Err("must not end with '-'".to_owned());
    }
    if YAML_WORDS.contains(&text) {
        return Err("is no text to readers of YAML but null or a boolean; choose another name".to_owned());
    }
    Ok(())
}

/// What YAML 1.1 takes for null or a boolean where it stands without quotes, as names do in manifests, in overrides and
/// in whatever the user adds.
const YAML_WORDS: &[&str] = &["false", "n", "no", "null", "off", "on", "true", "y", "yes"];

/// Longest entry of a list of labels. An environment's namespace is the project's name, a hyphen and this,
/// and Kubernetes allows 63 characters.
pub const ENVIRONMENT_MAX: usize = 22;

fn check_labels(items: &[String], max: usize) -> Result<(), String> {
    if items.is_empty() || items.len() > max {
        return Err(format!("has {} entries; expected 1 to {max}", items.len()));
    }
    for (index, item) in items.iter().enumerate() {
        check_label(item, ENVIRONMENT_MAX)?;
        if items[..index].contains(item) {
            return Err(format!("names {item:?} twice"));
        }
    }
    Ok(())
}

fn quoted_list(items: &[&str]) -> String {
    let quoted: Vec<String> = items.iter().map(|item| format!("\"{item}\"")).collect();
    match quoted.as_slice() {
        [] => String::new(),
        [only] => only.clone(),
        [init @ .., last] => format!("{} or {last}", init.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_dns_1123() {
        assert!(check_dns_label("orders-2").is_ok());
        assert!(check_dns_label("no-orders").is_ok());
        for bad in ["", "Orders", "2orders", "orders-", "or ders", "ördres", "null", "no", "y"] {
            assert!(check_dns_label(bad).is_err(), "{bad}");
        }
    }
}
