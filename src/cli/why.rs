//! `seaworthy why FILE:LINE`

mod line;
mod subject;

use std::path::PathBuf;

use serde_json::{Value as Json, json};

use self::line::{Files, decision_heading};
use self::subject::Subject;
use super::plan::reasons_text;
use super::{emission, several};
use crate::failure::{DONE, usage};
use crate::plan::{Decision, Plan};
use crate::spec::{Answer, Spec};
use crate::text::one_line;
use crate::ui;
use crate::upgrade::open;
use crate::why::{Cause, Provenance};

/// Say which decisions stand behind a line of an emitted file: value, formula, inputs, rejected options, and what would change it.
///
/// Found by deciding otherwise and emitting again, so that it holds for what a line prints, for what was worked out from it, and for
/// the condition that it stands under. A line that you edited is compared with the one that is emitted in its place. Changes nothing.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A file and a line of it, from the current directory; a file alone for all of its lines; or the key of a decision or an answer, such as
    /// scale.peak-rps
    #[arg(value_name = "FILE:LINE")]
    subject: PathBuf,

    /// The repository
    #[arg(long, value_name = "DIR", default_value = ".")]
    directory: PathBuf,

    /// Print the reasons as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> anyhow::Result<u8> {
    let Args { subject, directory, json: as_json } = args;
    let named = several::named(directory)?;
    let target = open(&named.root)?;
    let emission = emission::of(&target)?;
    let services: Vec<Service<'_>> = emission.specs.iter().zip(&emission.plans).collect();
    let services = of_folder(services, named.service.as_deref());
    let (text, report) = match subject::read(subject, &named.root, &services)? {
        Subject::Line { file, line } => {
            let files = Files::read(&target, &services, &file)?;
            let report = files
                .line(line)
                .ok_or_else(|| usage(format!("{file} has {} lines, and no line {line}", files.lines())))?;
            (report.text(), report.json())
        }
        Subject::File { file } => {
            let files = Files::read(&target, &services, &file)?;
            (files.text(), files.json())
        }
        Subject::Decision { service, key } => of_decision(service, &key)?,
        Subject::Answer { service, key, answer } => of_answer(service, key, &answer)?,
    };
    if *as_json {
        ui::result(&format!("{report:#}\n"))?;
    } else {
        ui::result(&text)?;
    }
    Ok(DONE)
}

/// The answers of one service, and what follows from them.
type Service<'a> = (&'a Spec, &'a Plan);

/// The service in a folder, where one was named.
fn of_folder<'a>(services: Vec<Service<'a>>, folder: Option<&str>) -> Vec<Service<'a>> {
    services.into_iter().filter(|(_, plan)| folder.is_none_or(|folder| plan.place.folder == folder)).collect()
}

/// A decision, and where it stands.
fn of_decision((spec, plan): Service<'_>, key: &str) -> anyhow::Result<(String, Json)> {
    let provenance = Provenance::of_decision(spec, plan, key)?;
    let Some(decision) = provenance.decision(key) else { return Err(usage(format!("{key} is not decided here"))) };
    let mut text = format!("{}\n{}", decision_heading(decision), reasons_text(decision));
    let mut lines = Vec::new();
    // A drawing shows everything that it was made from.
    for (file, line) in provenance.lines_of(key).into_iter().filter(|(file, _)| !file.path.ends_with(".svg")) {
        let contents = String::from_utf8_lossy(&file.contents);
        let shown = clipped(&one_line(contents.lines().nth(line).unwrap_or_default().trim()));
        text.push_str(&format!(
            "  {} {}:{}: {shown}\n",
            if lines.is_empty() { "in" } else { "  " },
            file.path,
            line + 1
        ));
        lines.push(json!({ "file": file.path, "line": line + 1, "text": shown }));
    }
    Ok((text, json!({ "schema": 1, "decision": decision, "lines": lines })))
}

/// The beginning of a long line.
fn clipped(text: &str) -> String {
    if text.chars().count() <= MOST_CHARACTERS {
        return text.to_owned();
    }
    format!("{} ...", text.chars().take(MOST_CHARACTERS).collect::<String>().trim_end())
}

/// Characters of a line that are enough to know it by.
const MOST_CHARACTERS: usize = 100;

/// An answer, and what follows from it.
fn of_answer((spec, plan): Service<'_>, key: &'static str, answer: &Answer) -> anyhow::Result<(String, Json)> {
    let provenance = Provenance::of_answer(spec, plan, key)?;
    let following: Vec<&Decision> = provenance.follow_from(&Cause::Answer(key));
    let mut text = format!("{key} = {} ({})\n", answer.value, answer.origin);
    for decision in &following {
        text.push_str(&format!("  decides {}\n", decision_heading(decision)));
    }
    if following.is_empty() {
        text.push_str("  No decision follows from it alone.\n");
    }
    Ok((
        text,
        json!({ "schema": 1, "answer": { "key": key, "value": answer.value, "origin": answer.origin }, "decisions": following }),
    ))
}
