//! One service of a workspace, as if it were the repository.

use std::borrow::Cow;

use super::fact::{Evidence, Fact, Report};
use crate::failure::usage;
use crate::spec::existing::can_be_folder;
use crate::spec::{Answers, Existing};

/// The question that the folder answers.
pub(super) const APP_DIR: &str = "stack.app-dir";

/// The report with the facts of the one service in place of the root's, and the fact that names it.
///
/// # Errors
/// Usage when nobody says which service, when there is none of that name, or when no image can be made of it.
pub(super) fn of<'a>(report: &'a Report, given: &Answers) -> anyhow::Result<(Cow<'a, Report>, Option<&'a Fact>)> {
    let asked = given.text(APP_DIR).map(|folder| folder.trim_end_matches('/'));
    if report.of("workspace").next().is_none() {
        return match asked.filter(|folder| !folder.is_empty()) {
            None => Ok((Cow::Borrowed(report), None)),
            Some(folder) => Err(usage(format!(
                "stack.app-dir says {folder:?}, and no file says that this repository is a workspace. Leave it out, or name \
                 that folder itself: seaworthy init {folder}"
            ))),
        };
    }
    let app = chosen(report, asked)?;
    refuse(report, app)?;
    let mut one = report.clone();
    let is_of_it = |folder: &str| folder.is_empty() || folder == app.folder;
    one.facts.retain(|fact| is_of_it(&fact.folder) && fact.subject != "workspace");
    one.contradictions.retain(|it| is_of_it(&it.folder));
    one.unknown.retain(|it| is_of_it(&it.folder));
    for folder in one.facts.iter_mut().map(|fact| &mut fact.folder) {
        folder.clear();
    }
    for folder in one.contradictions.iter_mut().map(|it| &mut it.folder) {
        folder.clear();
    }
    contradicted(&one, given)?;
    Ok((Cow::Owned(one), Some(app)))
}

/// The services of a workspace that can be fitted, each with the line that tells how to name it.
#[must_use]
pub fn candidates(report: &Report) -> Vec<(&str, String)> {
    if report.of("workspace").next().is_none() {
        return Vec::new();
    }
    let apps = report.of("application").filter(|fact| can_be_folder(&fact.folder));
    apps.map(|app| (app.folder.as_str(), candidate(app))).collect()
}

fn chosen<'a>(report: &'a Report, asked: Option<&str>) -> anyhow::Result<&'a Fact> {
    let apps: Vec<&Fact> = report.of("application").filter(|fact| can_be_folder(&fact.folder)).collect();
    let lines: Vec<String> = apps.iter().map(|app| candidate(app)).collect();
    match (asked, apps.as_slice()) {
        (Some(folder), _) if !folder.is_empty() => {
            apps.iter().find(|app| app.folder == folder).copied().ok_or_else(|| {
                usage(format!("{folder:?} is no service of this workspace. These are:\n{}", lines.join("\n")))
            })
        }
        (_, []) => Err(usage(
            "this is a workspace, and no member of it has a start script or a framework: nothing in it is started. Name the \
             folder of the service with --set stack.app-dir=... once its package.json has a start script.",
        )),
        (_, [one]) => Ok(one),
        (_, many) => Err(usage(format!(
            "{} packages of this workspace are started, and one image holds one of them. Say which; the others have their turn \
             after it, each with answers of its own:\n{}",
            many.len(),
            lines.join("\n")
        ))),
    }
}

fn candidate(app: &Fact) -> String {
    let evidence = app.evidence.first();
    let text = evidence.map(|it| it.text.clone()).unwrap_or_default();
    format!("  --set stack.app-dir={}  {}  {text}", app.folder, evidence.map(Evidence::place).unwrap_or_default())
}

fn refuse(report: &Report, app: &Fact) -> anyhow::Result<()> {
    let own = |subject: &'static str| report.in_app(subject, &app.folder);
    let scripts = own("workspace-install-script").chain(own("install-script")).next();
    match scripts {
        Some(fact) => {
            Err(super::fit::cannot("scripts that run at install in a workspace, which may need any file of it", fact))
        }
        None => Ok(()),
    }
}

/// A contradiction is not settled by a default; those of the root are asked about elsewhere.
fn contradicted(one: &Report, given: &Answers) -> anyhow::Result<()> {
    let open = |key: &&str| *key != "stack.framework" && given.get(key).is_none();
    let mut torn = one.contradictions.iter().filter_map(|it| Some((it.question.filter(|key| open(key))?, it)));
    match torn.next() {
        None => Ok(()),
        Some((key, it)) => Err(usage(format!(
            "files contradict each other, so that you have to say:\n  --set {key}=...  {}",
            it.message
        ))),
    }
}

/// What of a workspace the service needs.
pub(super) fn complete(existing: &mut Existing, report: &Report, keeps_packages_apart: bool) {
    let values = |subject: &'static str| report.in_app(subject, "").map(|fact| fact.value.clone()).collect::<Vec<_>>();
    existing.packages = values("workspace-part");
    existing.depends_on = values("workspace-build-part");
    existing.build_first = values("build-first");
    if existing.build == ["build"] {
        existing.build_with = values("build-with");
    }
    if !existing.build_with.is_empty() {
        // It finds them by itself.
        existing.build_first.clear();
    }
    if !keeps_packages_apart {
        for argument in existing.start.iter_mut().chain(&mut existing.migrate) {
            if argument.starts_with("node_modules/") {
                *argument = format!("/app/{argument}");
            }
        }
    }
}
