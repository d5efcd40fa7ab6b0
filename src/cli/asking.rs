//! How answers become complete: the interview, the defaults, or a list of what is missing.

use std::path::Path;

use super::{directory, summary};
use crate::failure::{REFUSED, exit_code, usage};
use crate::plan::Plan;
use crate::spec::Answers;
use crate::spec::interview::{Outcome, interview};
use crate::spec::table::question;
use crate::ui;

/// How a run may complete its answers.
pub(super) struct Asking<'a> {
    /// Where the files go.
    pub(super) directory: &'a Path,
    /// Take the defaults, and ask nothing.
    pub(super) yes: bool,
    /// Nothing will be written, so that there is nothing to agree to.
    pub(super) only_shows: bool,
    /// A preset gave answers already.
    pub(super) has_preset: bool,
}

/// Everything that an answered run has decided.
pub(super) trait Decided {
    /// What follows from the answers.
    fn plan(&self) -> &Plan;
    /// The files, folder by folder.
    fn files(&self) -> String;
}

/// Completes the answers in the way that the options and the terminal allow, and gives what `prepare` makes of them;
/// `None` when the user left.
///
/// # Errors
/// Exit 2 with the keys that are missing, or what `prepare` says.
pub(super) fn complete<T: Decided>(
    asking: &Asking<'_>,
    given: Answers,
    prepare: impl Fn(Answers) -> anyhow::Result<T>,
) -> anyhow::Result<Option<T>> {
    let missing = given.missing();
    let asks = !asking.yes && ui::can_ask();
    if asks && !(asking.only_shows && missing.is_empty()) {
        return ask(asking, given, prepare);
    }
    let unanswerable = |key: &&str| *key == "project.name" || !asking.yes;
    let open: Vec<&str> = missing.into_iter().filter(unanswerable).collect();
    if !open.is_empty() {
        return Err(usage(missing_answers(&open, asking)));
    }
    prepare(given).map(Some)
}

fn ask<T: Decided>(
    asking: &Asking<'_>,
    given: Answers,
    prepare: impl Fn(Answers) -> anyhow::Result<T>,
) -> anyhow::Result<Option<T>> {
    // What is in the way is known before the first question; answering twenty and then failing is unkind. What the
    // answers so far do not fit, the next ones may mend.
    match prepare(directory::with_any_name(given.clone())) {
        Err(error) if exit_code(&error) == REFUSED => return Err(error),
        _ => {}
    }
    let mut decided = None;
    let mut show = |answers: &Answers| {
        let ready = prepare(answers.clone())?;
        ui::talk(&summary::text(ready.plan(), &asking.directory.display().to_string(), &ready.files()));
        decided = Some(ready);
        Ok(())
    };
    match interview(given, &mut show, &ui::talk)? {
        Outcome::Agreed => Ok(decided),
        Outcome::Cancelled => Ok(None),
    }
}

fn missing_answers(keys: &[&str], asking: &Asking<'_>) -> String {
    let rows = keys.iter().filter_map(|key| question(key));
    let flags: Vec<(String, String)> = rows
        .map(|row| (format!("--set {}=...", row.key), format!("{} ({})", row.prompt, row.kind.expected())))
        .collect();
    let width = flags.iter().map(|(flag, _)| flag.len()).max().unwrap_or_default();
    let problem = if asking.yes {
        "these answers have no default"
    } else {
        "there is no terminal to ask at, and these answers are missing"
    };
    let mut out = format!("{problem}:\n");
    out.extend(flags.iter().map(|(flag, meaning)| format!("  {flag:<width$}  {meaning}\n")));
    if let (true, Some(problem)) = (keys.contains(&"project.name"), directory::name_problem(asking.directory)) {
        out.push_str(&format!("The directory's own name cannot be the project's: {problem}\n"));
    }
    if keys.iter().any(|key| *key != "project.name") {
        let preset = if asking.has_preset { "" } else { ", or start from a --preset" };
        out.push_str(&format!("Or take the defaults with -y{preset}.\n"));
    }
    out.trim_end().to_owned()
}
