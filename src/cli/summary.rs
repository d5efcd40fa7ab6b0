//! What the answers lead to, shown before anything is written.

use crate::plan::Plan;
use crate::ui;

/// Platform and why, what was rejected, the sizes and the waits. `files` is the listing.
pub(super) fn text(plan: &Plan, directory: &str, files: &str) -> String {
    let mut out = format!("\n{}\n", ui::heading(&format!("{} on {}", plan.project.name, plan.platform.title)));
    if let Some(decision) = plan.decisions.iter().find(|decision| decision.key == "platform.name") {
        out.push_str(&format!("  because {}\n", decision.reason));
        for rejected in &decision.rejected {
            out.push_str(&format!("  not {}: {}\n", rejected.option, rejected.why));
        }
    }
    out.push_str(&format!("\n{}\n", ui::heading("Sizes")));
    for key in SHOWN {
        if let Some(decision) = plan.decisions.iter().find(|decision| decision.key == *key) {
            out.push_str(&format!("  {:<40} {}\n", decision.title, decision.display_value()));
        }
    }
    out.push_str(&format!("\n{}\n{files}", ui::heading(&format!("Files in {directory}"))));
    out
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
