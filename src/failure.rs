//! The ways a run can end other than well, and the exit code of each.
//!
//! The codes are a contract with the scripts that call the tool: see the table in the README.

use std::fmt;

/// Exit code of a run that did what it was asked to do.
pub const DONE: u8 = 0;
/// Exit code of a run that failed for a reason outside of the answers: disk, package manager, a cancelled interview.
pub const FAILED: u8 = 1;
/// Exit code of wrong usage: invalid answers, impossible combinations, or an answer missing.
pub const USAGE: u8 = 2;
/// Exit code of a run that found what someone should look at: drift, differences, findings.
pub const FINDINGS: u8 = 3;
/// Exit code of a run that wrote conflicts for a person to resolve.
pub const CONFLICTS: u8 = 4;
/// Exit code of a refusal: a file in the way, unresolved conflict markers, or a path that is not safe to write.
pub const REFUSED: u8 = 5;

/// An error that knows its exit code; every other error exits with [`FAILED`].
#[derive(Debug)]
pub enum Failure {
    /// The answers are invalid, contradict each other or are incomplete.
    Usage(String),
    /// Going on would harm something that is not ours.
    Refused(String),
}

impl Failure {
    /// The exit code that the contract gives to this failure.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Usage(_) => USAGE,
            Self::Refused(_) => REFUSED,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(message) | Self::Refused(message) => f.write_str(message),
        }
    }
}

impl std::error::Error for Failure {}

/// Shorthand for an invalid or missing answer.
pub fn usage(message: impl Into<String>) -> anyhow::Error {
    Failure::Usage(message.into()).into()
}

/// Shorthand for a refusal.
pub fn refused(message: impl Into<String>) -> anyhow::Error {
    Failure::Refused(message.into()).into()
}

/// The exit code of an error, wherever in its chain the [`Failure`] stands.
#[must_use]
pub fn exit_code(error: &anyhow::Error) -> u8 {
    error.chain().find_map(|cause| cause.downcast_ref::<Failure>()).map_or(FAILED, Failure::exit_code)
}
