//! The list of what becomes of every file: the same for `diff`, `upgrade` and `check`.

use serde::Serialize;
use serde_json::{Value as Json, json};

use crate::apply::{Change, Class};
use crate::upgrade::Prepared;
use crate::upgrade::step::Step;
use crate::upgrade::unified;

/// Widest column of paths; longer ones push their reason to the right.
const WIDEST: usize = 56;

/// One line a file, `class  path  reason`, ordered by class and then by path; what needs no word is counted.
pub(super) fn list(prepared: &Prepared) -> String {
    let mut told: Vec<&Change> =
        prepared.steps().iter().filter(|step| step.is_worth_telling()).map(|step| &step.change).collect();
    told.sort_by_key(|change| change.class);
    let width = |of: &dyn Fn(&Change) -> usize| told.iter().map(|change| of(change)).max().unwrap_or_default();
    let class_width = width(&|change| change.class.name().len());
    let path_width = width(&|change| change.path.chars().count()).min(WIDEST);
    let mut out = String::new();
    for change in &told {
        let (class, path, reason) = (change.class.name(), &change.path, reason(change));
        let line = format!("{class:<class_width$}  {path:<path_width$}  {reason}");
        out.push_str(line.trim_end());
        out.push('\n');
        out.extend(change.notes.iter().map(|note| format!("{:class_width$}    {note}\n", "")));
    }
    let count = |class| {
        let of_class = |step: &&Step| step.change.class == class && !step.is_worth_telling();
        (prepared.steps().iter().filter(of_class).count(), class)
    };
    let counts: Vec<String> = [Class::Unchanged, Class::Detached]
        .map(count)
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, class)| format!("{count} {}", class.name()))
        .collect();
    if !counts.is_empty() {
        out.push_str(&format!("{}\n", counts.join(", ")));
    }
    out
}

fn reason(change: &Change) -> String {
    let conflicts = match change.conflicts {
        0 => None,
        1 => Some("1 conflict".to_owned()),
        many => Some(format!("{many} conflicts")),
    };
    let from = change.from.as_ref().filter(|from| !change.reason.as_ref().is_some_and(|told| told.contains(*from)));
    let from = from.map(|from| format!("was {from}"));
    [conflicts, change.reason.clone(), from].into_iter().flatten().collect::<Vec<_>>().join("; ")
}

/// What would change in each file, as one text.
pub(super) fn diffs(prepared: &Prepared) -> String {
    prepared.steps().iter().map(unified::of_step).collect()
}

/// What changed in starters that are the user's, with a word on what to do; empty where none did.
pub(super) fn starters(prepared: &Prepared) -> String {
    let diffs: String = prepared.steps().iter().map(unified::of_starter).collect();
    if diffs.is_empty() {
        return diffs;
    }
    format!(
        "\nThe starters of files that are yours changed. Yours are not touched; take over by hand what you need of \
         this:\n\n{diffs}"
    )
}

/// `schema`, `directory`, `outcome`, `version` (`before`, `now`), `platform` and `changes`, and more fields of
/// the command's own.
pub(super) fn json(prepared: &Prepared, directory: &str, outcome: impl Serialize, platform: &str, more: Json) -> Json {
    let mut json = json!({
        "schema": 1,
        "directory": directory,
        "outcome": outcome,
        "version": { "before": prepared.before(), "now": env!("CARGO_PKG_VERSION") },
        "platform": platform,
        "changes": prepared.changes(),
    });
    if let (Some(json), Json::Object(more)) = (json.as_object_mut(), more) {
        json.extend(more);
    }
    json
}

/// Each step's path and text, where there is a text.
pub(super) fn texts(prepared: &Prepared, text: fn(&Step) -> String) -> Vec<Json> {
    let texts = prepared.steps().iter().map(|step| (&step.change.path, text(step)));
    texts.filter(|(_, text)| !text.is_empty()).map(|(path, text)| json!({ "path": path, "diff": text })).collect()
}
