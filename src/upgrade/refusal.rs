//! What keeps a run from writing, and the ways on.

use super::step::Step;
use crate::apply::{Class, change_set::Change};
use crate::failure::refused;

/// Checks that nothing keeps a run from writing.
///
/// # Errors
/// Refused; the message lists every file and names the next commands. `has_new_answers`: what is in the way may be
/// there for answers that are in no file yet, and that other commands do not know.
pub(super) fn of(steps: &[Step], has_new_answers: bool) -> anyhow::Result<()> {
    let open: Vec<String> = steps.iter().filter(|step| step.is_unresolved()).map(|step| open(&step.change)).collect();
    if !open.is_empty() {
        return Err(refused(format!(
            "conflicts of an earlier run, or of git, are not resolved:\n{}\n\
             Nothing was written. Edit these files until they are as you want them, without the lines of the \
             markers; then run it again. `seaworthy resolve` records conflicts of an earlier run as resolved.",
            lines(&open)
        )));
    }
    let blocked: Vec<String> =
        steps.iter().filter(|step| step.change.class == Class::Blocked).map(|step| told(&step.change)).collect();
    if blocked.is_empty() {
        return Ok(());
    }
    Err(refused(format!(
        "these files are in the way:\n{}\n\
         Nothing was written. For each of them there are three ways on:\n  \
           seaworthy adopt FILE    seaworthy takes over the file that is in the way: your text stays, and counts as \
           your edit\n  \
           seaworthy detach FILE   it is yours for good, and seaworthy leaves it alone\n  \
           or move it away, and the new one takes its place{}",
        lines(&blocked),
        if has_new_answers { NEW_ANSWERS } else { "" }
    )))
}

const NEW_ANSWERS: &str =
    "\nWrite the answers of --set into seaworthy.toml first, so that `adopt` and `detach` know them.";

fn open(change: &Change) -> String {
    match change.line {
        Some(line) => format!("{}:{line}", change.path),
        None => told(change),
    }
}

fn told(change: &Change) -> String {
    match &change.reason {
        Some(reason) => format!("{}: {reason}", change.path),
        None => change.path.clone(),
    }
}

fn lines(entries: &[String]) -> String {
    entries.iter().map(|entry| format!("  {entry}")).collect::<Vec<_>>().join("\n")
}
