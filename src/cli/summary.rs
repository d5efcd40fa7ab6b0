//! What the answers lead to, shown before anything is written.

use crate::plan::Plan;
use crate::text;
use crate::ui;

/// The files, the sizes and, next to the question that follows, the platform and why. `files` is the listing.
pub(super) fn text(plan: &Plan, directory: &str, files: &str) -> String {
    format!("\n{}\n{files}{}", ui::heading(&format!("Files in {directory}")), decided(plan))
}

/// Sizes, and the platform with its reasons.
pub(super) fn decided(plan: &Plan) -> String {
    let mut out = format!("\n{}\n", ui::heading("Sizes"));
    for key in SHOWN {
        if let Some(decision) = plan.decisions.iter().find(|decision| decision.key == *key) {
            out.push_str(&format!("  {:<44}  {}\n", decision.title, decision.display_value()));
        }
    }
    out.push_str(&format!("\n{}\n", ui::heading(&format!("{} on {}", plan.project.name, plan.platform.title))));
    if let Some(decision) = plan.decisions.iter().find(|decision| decision.key == "platform.name") {
        out.push_str(&paragraph(&format!("because {}", decision.reason)));
        for rejected in &decision.rejected {
            out.push_str(&paragraph(&format!("not {}: {}", rejected.option, rejected.why)));
        }
    }
    out
}

fn paragraph(sentence: &str) -> String {
    format!("{}\n", text::wrapped(sentence.split(' '), " ", "  "))
}

/// The decisions of the summary; `plan` shows all.
const SHOWN: &[&str] = &[
    "scale.slot_replicas",
    "scale.min_replicas",
    "scale.max_replicas",
    "resources.cpu_limit_millicores",
    "resources.memory_mib",
    "database.pool_max",
    "database.used",
    "timeouts.shutdown_timeout_seconds",
    "timeouts.grace_seconds",
    "approval.second_person",
];

#[cfg(test)]
mod tests {
    use super::SHOWN;
    use crate::plan::decision::MAIN;
    use crate::plan::plan;
    use crate::spec::{Origin, Spec, Value, presets};

    #[test]
    fn every_key_that_is_picked_out_is_decided_by_some_preset() {
        let mut keys = Vec::new();
        for preset in presets::built_in() {
            // One of several services has no answers of its own.
            let Ok(mut answers) = presets::load(preset.name) else { continue };
            answers.set("project.name", Value::Text("orders".to_owned()), Origin::Default);
            let with_jobs = {
                let mut answers = answers.clone();
                answers.set("stack.redis", Value::Bool(true), Origin::Default);
                answers.set("stack.queue", Value::Text("bullmq".to_owned()), Origin::Default);
                answers
            };
            for answers in [answers, with_jobs] {
                // Not every preset takes jobs.
                let Ok(plan) = Spec::new(answers).and_then(|spec| plan(&spec)) else { continue };
                keys.extend(plan.decisions.iter().map(|decision| decision.key));
            }
        }
        let unknown: Vec<_> = SHOWN.iter().chain(MAIN).filter(|key| !keys.contains(*key)).collect();
        assert!(unknown.is_empty(), "nothing decides {unknown:?}");
    }
}
