//! One file of the user's beside what is emitted in its place, and the reasons of its lines.

use serde_json::{Value as Json, json};

use super::Service;
use crate::apply::{OWN_FOLDER, OnDisk, Target};
use crate::catalogue::outputs;
use crate::cli::plan::reasons_text;
use crate::failure::usage;
use crate::plan::Decision;
use crate::render::file_set::Policy;
use crate::spec::file::ANSWERS_FILE;
use crate::upgrade::read_lock;
use crate::why::{Place, Provenance, Reasons, comment_beside, place};

/// Emitted lines that are shown where one line of the user's stands for several.
const MOST_LINES: usize = 5;

/// A file of the user's, what is emitted in its place, and what that depends on.
pub(super) struct Files {
    path: String,
    yours: String,
    /// What was emitted last.
    base: Option<String>,
    id: String,
    emitted: String,
    policy: Policy,
    provenance: Provenance,
}

/// What is to be said about one line.
pub(super) struct Report<'a> {
    files: &'a Files,
    line: usize,
    place: Place,
}

impl Files {
    /// Reads a file of the tree and works out what stands behind it.
    ///
    /// # Errors
    /// Exit 2 for a file that is not emitted, or is not there.
    pub(super) fn read(target: &Target, services: &[Service<'_>], path: &str) -> anyhow::Result<Self> {
        if path.rsplit('/').next() == Some(ANSWERS_FILE) {
            return Err(usage(format!(
                "{path} holds your answers; ask for one of them by its key, for example scale.peak-rps"
            )));
        }
        if path.starts_with(OWN_FOLDER) {
            return Err(usage(format!("{path} is the record of what was emitted; ask about the file itself")));
        }
        let lock = read_lock(target)?;
        let recorded = lock.files.iter().find(|(_, file)| file.place() == path);
        let Some((id, recorded)) = recorded else {
            return Err(usage(format!(
                "{path} is not a file that was emitted; `seaworthy check` lists those that were"
            )));
        };
        let OnDisk::File(bytes) = target.read(path)? else {
            return Err(usage(format!("{path} is not there; `seaworthy restore {path}` brings it back")));
        };
        let emits = |(_, plan): &&Service<'_>| outputs(plan).iter().any(|output| output.id == *id);
        let Some((spec, plan)) = services.iter().find(emits) else { return Err(not_emitted(path)) };
        let provenance = Provenance::of(spec, plan, &|other| other == id)?;
        let Some(emitted) = provenance.file(id) else {
            return Err(not_emitted(path));
        };
        Ok(Self {
            path: path.to_owned(),
            yours: String::from_utf8_lossy(&bytes).into_owned(),
            base: Some(String::from_utf8_lossy(&recorded.base).into_owned()),
            id: id.clone(),
            emitted: String::from_utf8_lossy(&emitted.contents).into_owned(),
            policy: emitted.policy,
            provenance,
        })
    }

    pub(super) fn lines(&self) -> usize {
        self.yours.lines().count()
    }

    /// The report of a line, counted from 1; none beyond the end.
    pub(super) fn line(&self, line: usize) -> Option<Report<'_>> {
        let index = line.checked_sub(1).filter(|index| *index < self.lines())?;
        let place = place(&self.yours, self.base.as_deref(), &self.emitted, index);
        Some(Report { files: self, line, place })
    }

    fn reports(&self) -> impl Iterator<Item = Report<'_>> {
        (1..=self.lines()).filter_map(|line| self.line(line))
    }

    /// Every line that a decision stands behind, or that is the user's.
    pub(super) fn text(&self) -> String {
        let mut out = String::new();
        for report in self.reports() {
            let headings: Vec<String> = report.decisions().into_iter().map(decision_heading).collect();
            if headings.is_empty() && !report.is_yours() {
                continue;
            }
            out.push_str(&format!("{}:{}: {}\n", self.path, report.line, report.words().trim()));
            if report.is_yours() {
                out.push_str("  yours\n");
            }
            for heading in headings {
                out.push_str(&format!("  {heading}\n"));
            }
        }
        if out.is_empty() {
            out = format!("No decision stands behind a line of {}.\n", self.path);
        }
        out
    }

    pub(super) fn json(&self) -> Json {
        let lines: Vec<Json> = self
            .reports()
            .map(|report| {
                let keys: Vec<&str> = report.decisions().into_iter().map(|it| it.key).collect();
                json!({ "line": report.line, "text": report.words(), "place": report.place_name(), "decisions": keys })
            })
            .collect();
        json!({ "schema": 1, "file": self.path, "id": self.id, "template": self.template(), "lines": lines })
    }

    fn template(&self) -> &'static str {
        self.provenance.template(&self.id).unwrap_or_default()
    }
}

impl<'a> Report<'a> {
    fn words(&self) -> &'a str {
        self.files.yours.lines().nth(self.line - 1).unwrap_or_default()
    }

    fn is_yours(&self) -> bool {
        matches!(self.place, Place::Yours(_))
    }

    fn place_name(&self) -> &'static str {
        match self.place {
            Place::Emitted(_) => "emitted",
            Place::Yours(_) => "yours",
            Place::Earlier(_) => "emitted-earlier",
        }
    }

    /// The emitted lines that it is or stands for, counted from 0.
    fn emitted(&self) -> Vec<usize> {
        match &self.place {
            Place::Emitted(line) => vec![*line],
            Place::Yours(lines) | Place::Earlier(lines) => lines.clone().take(MOST_LINES).collect(),
        }
    }

    fn emitted_words(&self, line: usize) -> &'a str {
        self.files.emitted.lines().nth(line).unwrap_or_default()
    }

    /// The reasons of all of those lines, each once.
    fn reasons(&self) -> Reasons<'a> {
        let mut all = Reasons::default();
        for line in self.emitted() {
            let more = self.files.provenance.reasons(&self.files.id, line);
            add(&mut all.decisions, more.decisions);
            add(&mut all.behind, more.behind);
            add(&mut all.answers, more.answers);
            add(&mut all.variables, more.variables);
            add(&mut all.file, more.file);
        }
        all.behind.retain(|decision| !all.decisions.contains(decision));
        all
    }

    fn decisions(&self) -> Vec<&'a Decision> {
        self.reasons().decisions
    }

    fn comment(&self) -> Option<String> {
        let line = *self.emitted().first()?;
        comment_beside(&self.files.emitted, line)
    }

    pub(super) fn text(&self) -> String {
        let reasons = self.reasons();
        let mut out = format!("{}:{}\n    {}\n", self.files.path, self.line, self.words());
        out.push_str(&self.place_text());
        for decision in &reasons.decisions {
            out.push_str(&format!("\n{}\n{}", decision_heading(decision), reasons_text(decision)));
        }
        if !reasons.behind.is_empty() {
            let behind = reasons.behind.iter().map(|it| format!("  {}", decision_heading(it)));
            out.push_str(&section("Which follows from", behind));
        }
        let nothing = reasons.decisions.is_empty() && reasons.answers.is_empty() && reasons.variables.is_empty();
        if !self.emitted().is_empty() && nothing {
            out.push_str("\nNo decision stands behind it: it is emitted the same with other answers.\n");
        }
        out.push_str(&section("The line changes with", self.answers(&reasons.answers)));
        out.push_str(&section("It is for the variable", reasons.variables.iter().map(|name| format!("  {name}"))));
        out.push_str(&section("The file is there because of", self.answers(&reasons.file)));
        if let Some(comment) = self.comment() {
            out.push_str(&format!("\nThe comment beside it: {comment}\n"));
        }
        let policy = if self.files.policy == Policy::Once { "; written once, and yours since" } else { "" };
        let what = if self.emitted().is_empty() { "The file is from" } else { "From" };
        out.push_str(&format!("\n{what} the template {} ({}){policy}\n", self.files.template(), self.files.id));
        out
    }

    fn answers(&self, keys: &[&'static str]) -> impl Iterator<Item = String> {
        let answers = &self.files.provenance.spec.answers;
        let known = keys.iter().filter_map(|key| answers.get_key_value(key));
        known.map(|(key, answer)| format!("  {key} = {} ({})", answer.value, answer.origin))
    }

    fn place_text(&self) -> String {
        let lines = self.emitted();
        let said = match (&self.place, lines.is_empty()) {
            (Place::Emitted(_), _) => return String::new(),
            (Place::Yours(_), true) => return "  yours: it stands in nothing that is emitted\n".to_owned(),
            (Place::Yours(_), false) => "yours, in place of what is emitted",
            (Place::Earlier(_), true) => {
                return "  emitted earlier; `seaworthy upgrade` would take it out\n".to_owned();
            }
            (Place::Earlier(_), false) => "emitted earlier; `seaworthy upgrade` would put in its place",
        };
        let lines = lines.into_iter().map(|line| format!("    {}\n", self.emitted_words(line)));
        format!("  {said}\n{}", lines.collect::<String>())
    }

    pub(super) fn json(&self) -> Json {
        let reasons = self.reasons();
        let answers = &self.files.provenance.spec.answers;
        let of_answers = |keys: &[&'static str]| -> Vec<Json> {
            let known = keys.iter().filter_map(|key| answers.get_key_value(key));
            known.map(|(key, it)| json!({ "key": key, "value": it.value, "origin": it.origin })).collect()
        };
        let emitted: Vec<Json> = self
            .emitted()
            .into_iter()
            .map(|line| json!({ "line": line + 1, "text": self.emitted_words(line) }))
            .collect();
        json!({
            "schema": 1,
            "file": self.files.path,
            "line": self.line,
            "text": self.words(),
            "place": self.place_name(),
            "emitted": emitted,
            "id": self.files.id,
            "template": self.files.template(),
            "policy": self.files.policy,
            "comment": self.comment(),
            "decisions": reasons.decisions,
            "follows_from": reasons.behind.iter().map(|it| it.key).collect::<Vec<_>>(),
            "answers": of_answers(&reasons.answers),
            "variables": reasons.variables,
            "file_because": of_answers(&reasons.file),
        })
    }
}

/// What is written for all services together, or was for other answers.
fn not_emitted(path: &str) -> anyhow::Error {
    usage(format!(
        "{path} follows from the answers of no single service: it is shared by all of them, or was emitted for other answers \
         (`seaworthy diff` shows what would become of it)"
    ))
}

/// A decision on one line.
pub(super) fn decision_heading(decision: &Decision) -> String {
    format!("{}: {} ({})", decision.title, decision.display_value(), decision.key)
}

fn section(title: &str, lines: impl Iterator<Item = String>) -> String {
    let lines: Vec<String> = lines.collect();
    if lines.is_empty() { String::new() } else { format!("\n{title}\n{}\n", lines.join("\n")) }
}

fn add<T: PartialEq>(all: &mut Vec<T>, more: Vec<T>) {
    for item in more {
        if !all.contains(&item) {
            all.push(item);
        }
    }
}
