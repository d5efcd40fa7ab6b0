//! The ways in which a plan could have gone otherwise: one decision, answer or variable changed at a time, and whatever follows
//! from it as the planner works it out.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::Cause;
use crate::plan::decision::{Step, WhatIf};
use crate::plan::{Decision, Place, Plan, plan_if};
use crate::spec::question::{Kind, Question};
use crate::spec::table::QUESTIONS;
use crate::spec::{Answers, Origin, Spec, Value};

/// A plan in which one thing is otherwise.
pub(super) struct Variation {
    pub(super) cause: Cause,
    pub(super) plan: Plan,
    /// The value of the decision as it is in that plan, for templates whose field the planner filled by other means.
    pub(super) value: Option<(&'static str, Json)>,
    /// Keys of the decisions that came out otherwise.
    pub(super) moved: BTreeSet<&'static str>,
}

/// The decisions that came out otherwise; one that is not taken any more is one of them.
fn moved(before: &Plan, after: &Plan) -> BTreeSet<&'static str> {
    let value_in = |plan: &Plan, key: &str| {
        plan.decisions.iter().filter(|it| it.key == key).map(|it| it.value.clone()).collect::<Vec<_>>()
    };
    let keys = before.decisions.iter().chain(&after.decisions).map(|decision| decision.key);
    keys.filter(|key| value_in(before, key) != value_in(after, key)).collect()
}

/// One decision otherwise, a little and by much: rounding hides small changes, and limits forbid large ones.
pub(super) fn of_decision(spec: &Spec, base: &Plan, decision: &Decision) -> Vec<Variation> {
    let steps = [Step::Little, Step::Much].into_iter().filter_map(|step| {
        let otherwise = plan_if(spec, place(base, spec), Some(WhatIf { key: decision.key, step })).ok()?;
        let value = otherwise.decisions.iter().find(|it| it.key == decision.key)?.value.clone();
        let mut moved = moved(base, &otherwise);
        moved.remove(decision.key);
        let cause = Cause::Decision(decision.key);
        Some(Variation { cause, plan: otherwise, value: Some((decision.key, value)), moved })
    });
    steps.collect()
}

/// One answer otherwise, in each way that leads to a plan.
pub(super) fn of_answer(answers: &Answers, base: &Plan, question: &Question) -> Vec<Variation> {
    let mut complete = answers.clone();
    complete.complete_with_defaults();
    let Some(answer) = complete.get(question.key) else { return Vec::new() };
    let others = others(question.kind, &answer.value);
    let given = answers.get(question.key).is_some_and(|it| it.origin != Origin::Default);
    let mut layers: Vec<Answers> = others
        .into_iter()
        .filter(|value| question.check(value).is_ok())
        .map(|value| {
            let mut changed = answers.clone();
            changed.set(question.key, value, answer.origin.clone());
            changed
        })
        .collect();
    if given {
        let mut without = answers.clone();
        without.unset(question.key);
        layers.push(without);
    }
    layers.into_iter().filter_map(|layer| planned(layer, base, Cause::Answer(question.key))).collect()
}

/// One declared variable less.
pub(super) fn of_variable(answers: &Answers, base: &Plan, name: &str) -> Option<Variation> {
    let mut without = answers.clone();
    without.undeclare(name);
    planned(without, base, Cause::Variable(name.to_owned()))
}

fn planned(answers: Answers, base: &Plan, cause: Cause) -> Option<Variation> {
    let spec = Spec::new(answers).ok()?;
    let otherwise = plan_if(&spec, place(base, &spec), None).ok()?;
    let moved = moved(base, &otherwise);
    Some(Variation { cause, plan: otherwise, value: None, moved })
}

/// Where the service lies with other answers: where it did.
fn place(base: &Plan, spec: &Spec) -> Place {
    if base.place.folder.is_empty() { Place::whole(spec) } else { Place::within(spec, base.place.local_port) }
}

/// The answers that a specification was made from, without defaults.
pub(super) fn answers(spec: &Spec) -> Answers {
    let mut answers = Answers::default();
    for (key, answer) in spec.answers.iter().filter(|(_, answer)| answer.origin != Origin::Default) {
        answers.set(key, answer.value.clone(), answer.origin.clone());
    }
    for entry in &spec.env {
        answers.declare(entry.clone());
    }
    if let Some(existing) = &spec.existing {
        answers.set_existing(existing.clone());
    }
    answers
}

/// Every question, in its order.
pub(super) fn questions() -> impl Iterator<Item = &'static Question> {
    QUESTIONS.iter()
}

/// Some other answers to the same question.
fn others(kind: Kind, answer: &Value) -> Vec<Value> {
    let text = |text: &str| Value::Text(text.to_owned());
    let values: Vec<Value> = match (kind, answer) {
        (Kind::Choice { built, .. }, _) => built.iter().map(|value| text(value)).collect(),
        (Kind::Int { min, max }, Value::Int(number)) => {
            [number * 2 + 1, number / 2, number + 1, min, max].map(Value::Int).to_vec()
        }
        (Kind::Bool, Value::Bool(flag)) => vec![Value::Bool(!flag)],
        (Kind::Text { .. } | Kind::Label { .. }, Value::Text(known)) => vec![text(&format!("{known}x")), text("x")],
        (Kind::Availability, _) => ["99", "99.9", "99.95", "99.99"].map(text).to_vec(),
        (Kind::Labels { .. }, Value::List(items)) => {
            let more = ["x".to_owned()].into_iter().chain(items.iter().cloned()).collect();
            vec![Value::List(items.iter().skip(1).cloned().collect()), Value::List(more)]
        }
        _ => Vec::new(),
    };
    values.into_iter().filter(|value| value != answer).collect()
}
