//! What the answers lead to, shown before anything is written.

use crate::plan::Plan;
use crate::text;
use crate::ui;

/// The files, the sizes and, next to the question that follows, the platform and why. `files` is the listing.
pub(super) fn text(plan: &Plan, directory: &str, files: &str) -> String {
    let mut out = format!("\n{}\n{files}", ui::heading(&format!("Files in {directory}")));
    out.push_str(&format!("\n{}\n", ui::heading("Sizes")));
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
