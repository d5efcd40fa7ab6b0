//! What `why` says of the golden trees, against what the templates print.

use super::*;
use crate::plan::decision::{Step, WhatIf};
use crate::plan::{Place, plan, plan_if};
use crate::spec::file::{Layer, Source, read};
use crate::spec::{Answers, Origin, Value};

/// Presets that together have every kind of decision.
const PRESETS: [(&str, &str); 3] = [
    ("at-scale", include_str!("../../presets/at-scale.toml")),
    ("saas", include_str!("../../presets/saas.toml")),
    ("web", include_str!("../../presets/web.toml")),
];

fn answers(preset: &str) -> Answers {
    let (name, text) = PRESETS.into_iter().find(|(name, _)| *name == preset).unwrap();
    let mut answers = read(&Source { name, text, layer: Layer::AnswersFile }).unwrap();
    answers.set("project.name", Value::Text("orders".to_owned()), Origin::Flag);
    answers
}

fn planned(answers: &Answers) -> (Spec, Plan) {
    let spec = Spec::new(answers.clone()).unwrap();
    let plan = plan(&spec).unwrap();
    (spec, plan)
}

fn provenance(answers: &Answers, id: &str) -> Provenance {
    let (spec, plan) = planned(answers);
    Provenance::of(&spec, &plan, &|other| other == id).unwrap()
}

/// What all decisions do to all files, without the answers.
fn of_all_decisions(answers: &Answers) -> Provenance {
    let renderer = Renderer::new().unwrap();
    let (spec, plan) = planned(answers);
    let mut provenance = Provenance::plain(&spec, &plan, &renderer, &|_| true).unwrap();
    let keys: Vec<&str> = provenance.plan.decisions.iter().map(|decision| decision.key).collect();
    for key in keys {
        provenance.add_decision(&renderer, key).unwrap();
    }
    provenance
}

/// A template with what it includes put in, line by line.
fn template_lines(name: &str) -> Vec<String> {
    let source = crate::render::source_text(name).unwrap_or_default();
    let mut lines = Vec::new();
    for line in source.lines() {
        match line.trim().strip_prefix("[% include \"").and_then(|rest| rest.split_once('"')) {
            Some((included, _)) => lines.extend(template_lines(included)),
            None => lines.push(line.to_owned()),
        }
    }
    lines
}

/// The paths that a template line prints, and the text around them: decided values are put in, others leave a gap.
fn prints<'a>(line: &'a str, provenance: &Provenance) -> (Vec<String>, Vec<&'a str>) {
    let (mut texts, mut paths, mut rest) = (vec![String::new()], Vec::new(), line);
    while let Some((before, after)) = rest.split_once("[= ") {
        let Some((print, behind)) = after.split_once(" =]") else { break };
        texts.last_mut().unwrap().push_str(before);
        match provenance.decision(print) {
            Some(decision) if decision.value.is_number() => {
                texts.last_mut().unwrap().push_str(&decision.value.to_string());
                paths.push(print);
            }
            _ => texts.push(String::new()),
        }
        rest = behind;
    }
    texts.last_mut().unwrap().push_str(rest);
    (texts, paths)
}

/// Whether an emitted line can come from the texts of a template line.
fn fits(emitted: &str, texts: &[String]) -> bool {
    let (Some((first, rest)), Some(last)) = (texts.split_first(), texts.last()) else { return false };
    let Some(mut left) = emitted.strip_prefix(first.as_str()) else { return false };
    for text in rest {
        let Some(at) = left.find(text.as_str()) else { return false };
        left = &left[at + text.len()..];
    }
    emitted.ends_with(last.as_str()) && (!rest.is_empty() || left.is_empty())
}

#[test]
fn every_number_of_a_decision_is_explained_by_it() {
    let mut asked = 0;
    for preset in ["at-scale", "saas"] {
        let provenance = of_all_decisions(&answers(preset));
        asked += ask_about_prints(preset, &provenance);
        for (_, id, words, key) in WORKED_OUT.iter().filter(|case| case.0 == preset) {
            let file = provenance.files.files().iter().find(|file| file.id.ends_with(id)).unwrap();
            let emitted = text(&file.contents);
            let line = emitted.lines().position(|line| line.contains(words));
            let line = line.unwrap_or_else(|| panic!("{preset}: {}: no line {words}", file.path));
            assert_named(preset, &provenance, file, line, key);
        }
    }
    assert!(asked > 60, "only {asked} prints were asked about");
}

/// Lines whose number is worked out on the way: preset, end of the file's id, text, decision.
const WORKED_OUT: [(&str, &str, &str, &str); 7] = [
    ("at-scale", "horizontal-pod-autoscaler.production", "maxReplicas: ", "scale.max_replicas"),
    ("at-scale", "horizontal-pod-autoscaler.production", "minReplicas: ", "scale.min_replicas"),
    ("at-scale", "horizontal-pod-autoscaler.staging", "minReplicas: ", "environments[].min_replicas"),
    ("at-scale", "env-example", "# DATABASE_POOL_MAX=", "database.pool_max"),
    ("at-scale", "env-example", "# SHUTDOWN_TIMEOUT_MS=", "timeouts.shutdown_timeout_seconds"),
    ("saas", "deploy-compose-compose", "stop_grace_period: 30s", "timeouts.grace_seconds"),
    ("saas", "docs-deployment", "For each environment, a machine of its own", "machine.cores"),
];

fn assert_named(preset: &str, provenance: &Provenance, file: &EmittedFile, line: usize, key: &str) {
    let named = is_named(provenance, file, line, key);
    assert!(named, "{preset}: {}:{}: {key} is not named", file.path, line + 1);
}

fn is_named(provenance: &Provenance, file: &EmittedFile, line: usize, key: &str) -> bool {
    let reasons = provenance.reasons(&file.id, line);
    reasons.decisions.iter().chain(&reasons.behind).any(|it| it.key == key)
}

/// Lines that print a decision by its own path have to name it. Says how many there are.
fn ask_about_prints(preset: &str, provenance: &Provenance) -> usize {
    let mut asked = 0;
    for file in provenance.files.files() {
        let Some(name) = provenance.template(&file.id).filter(|name| name.ends_with(".j2")) else { continue };
        let emitted = text(&file.contents);
        for line in &template_lines(name) {
            let (texts, paths) = prints(line, provenance);
            // A line of nothing but gaps would fit everything.
            if line.contains("[%") || texts.concat().trim().len() < 4 {
                continue;
            }
            for key in paths {
                let mut fitting = emitted.lines().enumerate().filter(|(_, shown)| fits(shown, &texts)).peekable();
                if fitting.peek().is_none() {
                    continue;
                }
                // The same text may stand there for another reason too.
                let named = fitting.any(|(index, _)| is_named(provenance, file, index, key));
                assert!(named, "{preset}: {}: {line}: no line names {key}", file.path);
                asked += 1;
            }
        }
    }
    asked
}

/// A value that the planner sets beside the ledger would be explained by nothing.
#[test]
fn what_is_decided_is_what_the_plan_has() {
    for (preset, _) in PRESETS {
        let spec = Spec::new(answers(preset)).unwrap();
        let base = plan(&spec).unwrap();
        for decision in &base.decisions {
            let path = format!("/{}", decision.key.replace('.', "/"));
            let at = |plan: &Plan| serde_json::to_value(plan).unwrap().pointer(&path).cloned();
            let Some(value) = at(&base) else { continue };
            assert_eq!(value, decision.value, "{preset}: {}", decision.key);
            // Text is turned into a choice before it is recorded.
            if !(value.is_number() || value.is_boolean()) {
                continue;
            }
            let what_if = WhatIf { key: decision.key, step: Step::Little };
            let Ok(otherwise) = plan_if(&spec, Place::whole(&spec), Some(what_if)) else { continue };
            let recorded = otherwise.decisions.iter().find(|it| it.key == decision.key).map(|it| it.value.clone());
            assert_ne!(recorded.as_ref(), Some(&value), "{preset}: {}", decision.key);
            assert_eq!(at(&otherwise), recorded, "{preset}: {}: use what decide() hands back", decision.key);
        }
    }
}

#[test]
fn a_line_under_a_condition_names_the_answer_that_decides_it() {
    let provenance = provenance(&answers("at-scale"), "env-example");
    let emitted = text(&provenance.file("env-example").unwrap().contents);
    let line = emitted.lines().position(|line| line.starts_with("REDIS_URL=")).unwrap();
    let reasons = provenance.reasons("env-example", line);
    assert!(reasons.answers.contains(&"stack.redis"), "{:?}", reasons.answers);
    assert_eq!(reasons.decisions, Vec::<&Decision>::new());
}

#[test]
fn a_declared_variable_is_behind_its_lines() {
    let mut answers = answers("at-scale");
    let text_of = "schema = 1\n[[env]]\nname = \"STRIPE_KEY\"\nkind = \"secret\"\ndescription = \"x\"\n";
    answers.overlay(read(&Source { name: "x", text: text_of, layer: Layer::AnswersFile }).unwrap());
    let provenance = provenance(&answers, "env-example");
    let emitted = text(&provenance.file("env-example").unwrap().contents);
    let line = emitted.lines().position(|line| line.contains("STRIPE_KEY")).unwrap();
    assert_eq!(provenance.reasons("env-example", line).variables, ["STRIPE_KEY"]);
}

#[test]
fn a_platforms_files_are_there_because_of_the_answers_that_choose_it() {
    let mut answers = answers("web");
    answers.set("scale.team-size", Value::Int(4), Origin::Flag);
    let provenance = provenance(&answers, "deploy-compose-caddyfile");
    let reasons = provenance.reasons("deploy-compose-caddyfile", 0);
    assert!(reasons.file.contains(&"scale.team-size"), "{:?}", reasons.file);
    assert_eq!(provenance.template("deploy-compose-caddyfile"), Some("compose/deploy/compose/Caddyfile.j2"));
}

#[test]
fn what_follows_from_an_answer_is_told() {
    let (spec, plan) = planned(&answers("at-scale"));
    let provenance = Provenance::of_answer(&spec, &plan, "scale.peak-rps").unwrap();
    let keys: Vec<&str> =
        provenance.follow_from(&Cause::Answer("scale.peak-rps")).iter().map(|decision| decision.key).collect();
    assert!(keys.contains(&"scale.max_replicas") && keys.contains(&"database.pool_max"), "{keys:?}");
    assert!(!keys.contains(&"timeouts.drain_seconds"));
}

#[test]
fn the_lines_of_a_decision_are_those_that_show_it() {
    let (spec, plan) = planned(&answers("at-scale"));
    let provenance = Provenance::of_decision(&spec, &plan, "scale.hpa_cpu_percent").unwrap();
    let lines: Vec<String> = provenance
        .lines_of("scale.hpa_cpu_percent")
        .iter()
        .map(|(file, line)| text(&file.contents).lines().nth(*line).unwrap().trim().to_owned())
        .collect();
    assert!(lines.contains(&"averageUtilization: 60".to_owned()), "{lines:?}");
    assert!(provenance.decision("scale.hpa_cpu_percent").is_some_and(|it| it.value == 60));
}
