//! What the pods may take together fits into what the namespace is given.

use crate::review::read::kubernetes::{Workload, name, of_kind, workloads};
use crate::review::read::kustomize::Overlay;
use crate::review::read::quantity::{kubernetes_bytes, kubernetes_cores};
use crate::review::{Problem, Repository, Risk, Rule, Severity};

use super::connections::most_instances;

pub(crate) const RULES: &[Rule] = &[Rule {
    id: "quota-fits",
    description: "The most pods of a rollout, with their requests and limits, fit into the namespace's quota.",
    risk: Risk::Availability,
    severity: Severity::High,
    why: "At the quota no pod is created any more: a rollout stops half way, and the autoscaler below its maximum.",
    source: Some("https://kubernetes.io/docs/concepts/policy/resource-quotas/"),
    check: quota_fits,
}];

type Amount = fn(&str) -> Option<f64>;

fn quota_fits(repository: &Repository) -> Vec<Problem> {
    repository.overlays.iter().filter(|overlay| overlay.is_complete).flat_map(too_much).collect()
}

fn too_much(overlay: &Overlay) -> Vec<Problem> {
    let mut problems = Vec::new();
    for quota in of_kind(overlay, "ResourceQuota").filter(|quota| quota.at(&["spec", "scopes"]).is_none()) {
        for (key, hard) in quota.entries_at(&["spec", "hard"]) {
            let Some((used, read)) = key.text().and_then(|key| used(overlay, key)) else { continue };
            let Some(hard_value) = hard.text().and_then(read) else { continue };
            // Sums of decimal fractions are off by a little.
            if used > hard_value * 1.000_001 {
                let (key, hard_text) = (key.text().unwrap_or_default(), hard.text().unwrap_or_default());
                problems.push(Problem::new(
                    &hard.place,
                    format!(
                        "the pods of {} may need {} of {key}, the quota is {hard_text}",
                        names(overlay),
                        shown(key, used)
                    ),
                    "Raise the quota, or lower the most pods or what each of them takes.",
                ));
            }
        }
    }
    problems
}

/// How much of a resource all pods take at the most, and how its amounts are read; `None` for what is not counted here.
fn used(overlay: &Overlay, key: &str) -> Option<(f64, Amount)> {
    let pods: f64 = workloads(overlay).into_iter().filter_map(|workload| most_pods(overlay, workload)).sum();
    let sum = |section: &str, resource: &str, read: Amount| -> f64 {
        let each = workloads(overlay).into_iter().map(|workload| {
            let containers = workload.containers().iter();
            let one: f64 = containers.filter_map(|it| read(it.text_at(&["resources", section, resource])?)).sum();
            one * most_pods(overlay, workload).unwrap_or(0.0)
        });
        each.sum()
    };
    let bytes: Amount = kubernetes_bytes;
    let cores: Amount = kubernetes_cores;
    match key {
        "pods" | "count/pods" => Some((pods, cores)),
        "requests.cpu" | "cpu" => Some((sum("requests", "cpu", cores), cores)),
        "requests.memory" | "memory" => Some((sum("requests", "memory", bytes), bytes)),
        "limits.cpu" => Some((sum("limits", "cpu", cores), cores)),
        "limits.memory" => Some((sum("limits", "memory", bytes), bytes)),
        "requests.ephemeral-storage" => Some((sum("requests", "ephemeral-storage", bytes), bytes)),
        "limits.ephemeral-storage" => Some((sum("limits", "ephemeral-storage", bytes), bytes)),
        _ => None,
    }
}

/// The most pods of one workload at a time; those of a `DaemonSet` depend on the nodes.
fn most_pods(overlay: &Overlay, workload: Workload<'_>) -> Option<f64> {
    match workload.kind() {
        "Deployment" | "StatefulSet" => Some(most_instances(overlay, workload.object).1),
        "Job" | "CronJob" => Some(1.0),
        _ => None,
    }
}

fn names(overlay: &Overlay) -> String {
    let names: Vec<&str> = workloads(overlay).into_iter().map(|workload| name(workload.object)).collect();
    names.join(", ")
}

fn shown(key: &str, amount: f64) -> String {
    const MIB: f64 = 1024.0 * 1024.0;
    if key.contains("memory") || key.contains("storage") {
        format!("{:.0}Mi", amount / MIB)
    } else {
        format!("{amount}")
    }
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn amounts_are_shown_in_their_unit() {
        assert_eq!(shown("limits.memory", 512.0 * 1024.0 * 1024.0), "512Mi");
        assert_eq!(shown("pods", 7.0), "7");
        assert_eq!(shown("requests.cpu", 1.5), "1.5");
    }
}
