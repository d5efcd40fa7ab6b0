//! Decisions with their reasons: a derived value enters the plan only through the [`Ledger`].

use serde::Serialize;
use serde_json::Value as Json;

use crate::spec::{Answer, Spec};

/// One derived value and why it is what it is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Decision {
    /// Path of the value in the plan, for example `timeouts.grace_seconds`.
    pub key: &'static str,
    /// What the value is, in words.
    pub title: &'static str,
    /// The value.
    pub value: Json,
    /// Unit of a number; empty for names and counts.
    pub unit: &'static str,
    /// The rule, with its numbers.
    pub reason: String,
    /// The answers that it follows from.
    pub inputs: Vec<Input>,
    /// What else there was to choose.
    pub rejected: Vec<Rejected>,
    /// The change of an answer that would change the value.
    pub flips: Option<String>,
}

/// An answer that a decision used.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Input {
    /// Key in `seaworthy.toml`.
    pub key: &'static str,
    /// The answer and its origin.
    #[serde(flatten)]
    pub answer: Answer,
}

/// An option that was not taken.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Rejected {
    /// The option.
    pub option: String,
    /// What speaks against it.
    pub why: String,
}

/// What whoever pays or approves wants to know; the rest is for whoever operates.
pub(crate) const MAIN: &[&str] = &[
    "platform.name",
    "scale.rps_per_replica",
    "scale.slot_replicas",
    "scale.max_replicas",
    "scale.min_replicas",
    "worker.replicas",
    "worker.concurrency",
    "database.used",
    "resources.memory_mib",
    "resources.cpu_request_millicores",
    "machine.cores",
    "machine.memory_gib",
    "deploy.backup_keep_days",
    "approval.second_person",
];

impl Decision {
    /// Whether it belongs to the few that stand first.
    #[must_use]
    pub fn is_main(&self) -> bool {
        MAIN.contains(&self.key)
    }

    /// Whether there was something else to choose, or an answer that would change it.
    #[must_use]
    pub fn is_argued(&self) -> bool {
        !self.rejected.is_empty() || self.flips.is_some()
    }

    /// The value with its unit, for people.
    #[must_use]
    pub fn display_value(&self) -> String {
        let value = match &self.value {
            Json::String(text) => text.clone(),
            Json::Bool(flag) => if *flag { "yes" } else { "no" }.to_owned(),
            other => other.to_string(),
        };
        match (self.unit, self.value.as_u64()) {
            ("", _) => value,
            ("ms", Some(number)) if number % 1000 == 0 => format!("{} s", number / 1000),
            ("millicores", Some(1000)) => "1 core".to_owned(),
            ("millicores", Some(number)) => {
                let exact = format!("{}.{:03}", number / 1000, number % 1000);
                format!("{} cores", exact.trim_end_matches('0').trim_end_matches('.'))
            }
            (unit, _) => format!("{value} {unit}"),
        }
    }
}

/// How far a decision is taken from its rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// One more.
    Little,
    /// More than twice as much.
    Much,
}

/// One decision taken otherwise than by its rule, to see what follows from it.
#[derive(Debug, Clone, Copy)]
pub struct WhatIf<'a> {
    /// Its key.
    pub key: &'a str,
    /// How far it is off.
    pub step: Step,
}

/// A value that can be decided.
pub trait Decided: Clone + Into<Json> {
    /// Another value of the same type.
    #[must_use]
    fn otherwise(&self, step: Step) -> Self;
}

impl Decided for u32 {
    fn otherwise(&self, step: Step) -> Self {
        match step {
            Step::Little => self.saturating_add(1),
            Step::Much => self.saturating_mul(2).saturating_add(3),
        }
    }
}

impl Decided for bool {
    fn otherwise(&self, _: Step) -> Self {
        !self
    }
}

impl Decided for &'static str {
    fn otherwise(&self, _: Step) -> Self {
        "otherwise"
    }
}

impl Decided for String {
    fn otherwise(&self, _: Step) -> Self {
        format!("{self}-otherwise")
    }
}

/// Collects the decisions while a plan is made.
pub struct Ledger<'a> {
    spec: &'a Spec,
    what_if: Option<WhatIf<'a>>,
    decisions: Vec<Decision>,
}

impl<'a> Ledger<'a> {
    /// An empty ledger for these answers.
    #[must_use]
    pub fn new(spec: &'a Spec) -> Self {
        Self { spec, what_if: None, decisions: Vec::new() }
    }

    /// An empty ledger that takes one decision otherwise.
    #[must_use]
    pub fn otherwise(spec: &'a Spec, what_if: Option<WhatIf<'a>>) -> Self {
        Self { what_if, ..Self::new(spec) }
    }

    /// Records a value with its reason and hands it back, so that it cannot be set without one. What is handed back is what counts:
    /// `why` takes decisions otherwise here, and looks which lines of which files follow.
    pub fn decide<T: Decided>(
        &mut self,
        key: &'static str,
        title: &'static str,
        value: T,
        unit: &'static str,
        reason: impl Into<String>,
    ) -> T {
        let value = match self.what_if {
            Some(WhatIf { key: other, step }) if other == key => value.otherwise(step),
            _ => value,
        };
        self.decisions.push(Decision {
            key,
            title,
            value: value.clone().into(),
            unit,
            reason: reason.into(),
            inputs: Vec::new(),
            rejected: Vec::new(),
            flips: None,
        });
        value
    }

    /// Names the answers that the latest decision follows from.
    pub fn from(&mut self, keys: &[&'static str]) -> &mut Self {
        let inputs = keys.iter().filter_map(|key| {
            let (key, answer) = self.spec.answers.get_key_value(key)?;
            Some(Input { key, answer: answer.clone() })
        });
        let inputs: Vec<Input> = inputs.collect();
        self.latest(|decision| decision.inputs.extend(inputs))
    }

    /// Adds an option that the latest decision did not take.
    pub fn rejected(&mut self, option: impl Into<String>, why: impl Into<String>) -> &mut Self {
        let rejected = Rejected { option: option.into(), why: why.into() };
        self.latest(|decision| decision.rejected.push(rejected))
    }

    /// Says what would change the latest decision.
    pub fn flips(&mut self, change: impl Into<String>) -> &mut Self {
        let change = change.into();
        self.latest(|decision| decision.flips = Some(change))
    }

    fn latest(&mut self, change: impl FnOnce(&mut Decision)) -> &mut Self {
        if let Some(decision) = self.decisions.last_mut() {
            change(decision);
        }
        self
    }

    /// The decisions in the order in which they were taken.
    #[must_use]
    pub fn into_decisions(self) -> Vec<Decision> {
        self.decisions
    }
}
