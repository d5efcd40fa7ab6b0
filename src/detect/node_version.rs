//! Which Node.js, and whether all places that say so can be right.

use std::collections::BTreeSet;

use super::fact::{Evidence, Fact};
use super::look::Look;
use super::range::{MAJORS, majors};
use crate::review::{Dockerfile, Place, dockerfile, is_dockerfile};

/// The question that the major version answers.
const QUESTION: &str = "stack.node";

/// One place that names a version or a range.
struct Claim {
    text: String,
    majors: Option<BTreeSet<u32>>,
    evidence: Evidence,
}

pub(crate) fn look(look: &mut Look<'_>) {
    let claims = claims(look);
    for claim in &claims {
        let fact = Fact::new("node-version", "", &claim.text, claim.evidence.clone());
        // A range leaves several; a place that names one major says which.
        let one = claim.majors.as_ref().filter(|set| set.len() == 1);
        look.add(match one.and_then(|set| set.first()) {
            Some(major) => fact.answering(QUESTION, major.to_string()),
            None => fact,
        });
    }
    let sets: Vec<&BTreeSet<u32>> = claims.iter().filter_map(|claim| claim.majors.as_ref()).collect();
    let common: BTreeSet<u32> = MAJORS.filter(|major| sets.iter().all(|set| set.contains(major))).collect();
    if !sets.is_empty() && common.is_empty() {
        let texts = crate::detect::listed(claims.iter().map(|claim| claim.text.as_str()));
        let evidence = claims.iter().map(|claim| claim.evidence.clone()).collect();
        look.contradict("node-version", "", Some(QUESTION), format!("no Node.js major is all of {texts}"), evidence);
    } else if claims.is_empty() {
        let reason = "no .nvmrc, .node-version, .tool-versions, engines, volta or devEngines names a version";
        look.unknown("node-version", "", Some(QUESTION), reason.to_owned());
    } else if !look.report.of("node-version").any(|fact| fact.answers.is_some()) {
        let reason = "only ranges are named, and several majors are in all of them; an .nvmrc would say which";
        look.unknown("node-version", "", Some(QUESTION), reason.to_owned());
    }
}

fn claims(look: &Look<'_>) -> Vec<Claim> {
    let mut found = Vec::new();
    let mut add = |text: &str, evidence: Evidence| {
        let text = text.trim();
        if !text.is_empty() {
            found.push(Claim { text: text.to_owned(), majors: majors(text), evidence });
        }
    };
    for file in [".nvmrc", ".node-version"] {
        let text = look.tree.text(file).unwrap_or_default();
        if let Some((index, line)) =
            text.lines().enumerate().find(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'))
        {
            add(line, Evidence::new(file, Some(index + 1), line));
        }
    }
    for start in ["nodejs ", "node "] {
        if let Some(evidence) = look.line_with(".tool-versions", start) {
            let version = evidence.text.split_whitespace().nth(1).unwrap_or_default().to_owned();
            add(&version, evidence);
        }
    }
    for path in [["volta", "node"], ["engines", "node"]] {
        if let Some(node) = look.root.node.at(&path) {
            add(node.text().unwrap_or_default(), look.tree.evidence(&node.place));
        }
    }
    let runtime = look.root.node.at(&["devEngines", "runtime"]);
    let each =
        runtime.map_or(&[][..], |node| if node.items().is_empty() { std::slice::from_ref(node) } else { node.items() });
    for node in each.iter().filter(|node| node.text_at(&["name"]) == Some("node")) {
        if let Some(version) = node.get("version") {
            add(version.text().unwrap_or_default(), look.tree.evidence(&version.place));
        }
    }
    for (version, place) in images(look).into_iter().chain(workflows(look)) {
        add(&version, look.tree.evidence(&place));
    }
    found
}

/// The majors that existing images run.
fn images(look: &Look<'_>) -> Vec<(String, Place)> {
    let paths = look.tree.paths().filter(|path| is_dockerfile(path));
    let parsed: Vec<Dockerfile> =
        paths.filter_map(|path| Some(dockerfile::parse(path, &look.tree.text(path)?))).collect();
    let bases = parsed.iter().filter(|image| !image.is_development()).filter_map(|image| {
        let (place, base) = image.base()?;
        let (name, tag) = base.split('@').next()?.rsplit_once(':')?;
        let version = tag.split('-').next()?;
        (name.rsplit('/').next() == Some("node")).then(|| (version.to_owned(), place.clone()))
    });
    bases.collect()
}

/// The one version that each step of a workflow sets up; a matrix of them chooses nothing.
fn workflows(look: &Look<'_>) -> Vec<(String, Place)> {
    let mut found = Vec::new();
    for path in look.tree.below(".github/workflows/").filter(|path| path.ends_with(".yml") || path.ends_with(".yaml")) {
        let Some(node) = look.yaml(path) else { continue };
        for (_, job) in node.entries_at(&["jobs"]) {
            for step in job.items_at(&["steps"]) {
                if let Some(version) = step.at(&["with", "node-version"])
                    && let Some(text) = version.text().filter(|text| !text.contains("${{"))
                {
                    found.push((text.to_owned(), version.place.clone()));
                }
            }
        }
    }
    found
}
