//! One answer, whatever its type, with where it came from.

use std::fmt;

use serde::Serialize;

/// The value of one answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Value {
    /// Free text, a name or one of a list of choices.
    Text(String),
    /// A whole number.
    Int(i64),
    /// Yes or no.
    Bool(bool),
    /// An ordered list of names.
    List(Vec<String>),
}

impl Value {
    /// The type as TOML calls it, for a sentence.
    #[must_use]
    pub fn type_with_article(&self) -> &'static str {
        match self {
            Self::Text(_) => "a string",
            Self::Int(_) => "an integer",
            Self::Bool(_) => "a boolean",
            Self::List(_) => "an array of strings",
        }
    }

    /// The text, when it is one.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The number, when it is one.
    #[must_use]
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Self::Int(number) => Some(*number),
            _ => None,
        }
    }

    /// The truth value, when it is one.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(flag) => Some(*flag),
            _ => None,
        }
    }
}

impl fmt::Display for Value {
    /// As a TOML literal, which is also what `--set` shows.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(&crate::text::toml_string(text)),
            Self::Int(number) => write!(f, "{number}"),
            Self::Bool(flag) => write!(f, "{flag}"),
            Self::List(items) => f.write_str(&crate::text::json_list(items)),
        }
    }
}

/// Where a value came from; every value has one, so that `plan` can say it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "from")]
pub enum Origin {
    /// `--set key=value` on the command line.
    Flag,
    /// The answers file of the repository.
    File {
        /// The path as the user gave it.
        path: String,
        /// 1-based line of the value.
        line: usize,
    },
    /// A preset, built in or a file.
    Preset {
        /// Its name or path.
        name: String,
        /// 1-based line of the value.
        line: usize,
    },
    /// Typed into the interview.
    Interview,
    /// A file of the repository that shows it.
    Detected {
        /// Relative to the repository.
        path: String,
        /// 1-based line; 0 where the file itself shows it.
        line: usize,
    },
    /// The name of the target directory.
    Directory,
    /// The default of the question table.
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag => f.write_str("--set"),
            Self::File { path, line } => write!(f, "{path}:{line}"),
            Self::Preset { name, line } => write!(f, "preset {name}:{line}"),
            Self::Interview => f.write_str("interview"),
            Self::Detected { path, line: 0 } => write!(f, "detected in {path}"),
            Self::Detected { path, line } => write!(f, "detected in {path}:{line}"),
            Self::Directory => f.write_str("directory name"),
            Self::Default => f.write_str("default"),
        }
    }
}

/// A value and its origin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Answer {
    /// What was answered.
    pub value: Value,
    /// By whom.
    pub origin: Origin,
}
