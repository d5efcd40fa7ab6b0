//! Autoscaling that can scale.

use crate::review::read::kubernetes::{match_labels, name, of_kind, workloads};
use crate::review::read::scaler::{scaler_of, scalers};
use crate::review::{Node, Problem, Repository, Risk, Rule, Severity};

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "hpa-range",
        description: "An autoscaler's minimum is below its maximum, and its target then states no number of replicas.",
        risk: Risk::Availability,
        severity: Severity::Medium,
        why: "The autoscaler cannot scale, or every apply undoes what it chose.",
        source: Some("https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/"),
        check: hpa_range,
    },
    Rule {
        id: "hpa-target",
        description: "An autoscaler's target exists.",
        risk: Risk::Availability,
        severity: Severity::High,
        why: "The autoscaler scales nothing: the service stays at its first size under any load.",
        source: Some("https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/"),
        check: hpa_target,
    },
    Rule {
        id: "pdb-allows",
        description: "A disruption budget lets at least one pod go, or no node can ever be drained.",
        risk: Risk::Availability,
        severity: Severity::Medium,
        why: "A node upgrade waits for ever, or someone forces it and takes all pods at once.",
        source: Some("https://kubernetes.io/docs/tasks/run-application/configure-pdb/"),
        check: pdb_allows,
    },
    Rule {
        id: "hpa-requests",
        description: "Pods that are scaled by their CPU or memory state what they request of it.",
        risk: Risk::Availability,
        severity: Severity::High,
        why: "Utilization is a share of the request: without one the autoscaler knows nothing, and never scales.",
        source: Some("https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/"),
        check: hpa_requests,
    },
];

fn hpa_requests(repository: &Repository) -> Vec<Problem> {
    let mut problems = Vec::new();
    for overlay in &repository.overlays {
        for autoscaler in of_kind(overlay, "HorizontalPodAutoscaler") {
            let target = autoscaler.text_at(&["spec", "scaleTargetRef", "name"]);
            let Some(scaled) = workloads(overlay).into_iter().find(|workload| Some(name(workload.object)) == target)
            else {
                continue;
            };
            let metrics = autoscaler.items_at(&["spec", "metrics"]).iter();
            let by_share =
                metrics.filter(|metric| metric.text_at(&["resource", "target", "type"]) == Some("Utilization"));
            for resource in by_share.filter_map(|metric| metric.at(&["resource", "name"])) {
                let text = resource.text().unwrap_or_default();
                let states = |container: &Node| {
                    ["requests", "limits"].iter().any(|section| container.at(&["resources", section, text]).is_some())
                };
                if !scaled.containers().iter().all(states) {
                    problems.push(Problem::new(
                        &resource.place,
                        format!(
                            "scales by the share of {text}, which a container of {} does not request",
                            name(scaled.object)
                        ),
                        format!("Set resources.requests.{text} on every container of the pod."),
                    ));
                }
            }
        }
    }
    problems
}

fn hpa_range(repository: &Repository) -> Vec<Problem> {
    let mut problems = Vec::new();
    for overlay in &repository.overlays {
        for scaler in scalers(overlay) {
            let (least, most) = (scaler.least(), scaler.most());
            if least >= most {
                problems.push(Problem::new(
                    &scaler.least_node().unwrap_or(scaler.object).place,
                    format!("scales between {least} and {most}"),
                    format!(
                        "Make {} smaller than {}, or use a fixed number of replicas and no autoscaler.",
                        scaler.least_field(),
                        scaler.most_field()
                    ),
                ));
            }
            let scaled = workloads(overlay).into_iter().find(|workload| scaler.scales(workload.object));
            if let Some(replicas) = scaled.and_then(|workload| workload.object.at(&["spec", "replicas"])) {
                problems.push(Problem::new(
                    &replicas.place,
                    "replicas and an autoscaler: each apply resets what the autoscaler chose",
                    "Take replicas out of the workload.",
                ));
            }
        }
    }
    problems
}

fn hpa_target(repository: &Repository) -> Vec<Problem> {
    let mut problems = Vec::new();
    for overlay in &repository.overlays {
        for scaler in scalers(overlay) {
            let Some((kind, target)) = scaler.target() else {
                continue;
            };
            let exists =
                overlay.objects.iter().any(|object| object.text_at(&["kind"]) == Some(kind) && name(object) == target);
            if !exists && (overlay.is_complete || !workloads(overlay).is_empty()) {
                problems.push(Problem::new(
                    &scaler.object.at(&["spec", "scaleTargetRef"]).unwrap_or(scaler.object).place,
                    format!("there is no {kind} {target}"),
                    "Name the workload that it scales.",
                ));
            }
        }
    }
    problems
}

fn pdb_allows(repository: &Repository) -> Vec<Problem> {
    let mut problems = Vec::new();
    for overlay in &repository.overlays {
        for budget in of_kind(overlay, "PodDisruptionBudget") {
            let Some(labels) = match_labels(budget, &["spec", "selector"]) else {
                continue;
            };
            let Some(workload) = workloads(overlay).into_iter().find(|workload| workload.is_selected_by(labels)) else {
                continue;
            };
            let stated = || workload.object.at(&["spec", "replicas"]).and_then(Node::integer).unwrap_or(1);
            let fewest = scaler_of(overlay, workload.object).map_or_else(stated, |scaler| scaler.least());
            let stuck = match (budget.at(&["spec", "maxUnavailable"]), budget.at(&["spec", "minAvailable"])) {
                (Some(most), _) if matches!(most.text(), Some("0" | "0%")) => Some(most),
                (None, Some(least)) if least.text() == Some("100%") || least.integer() >= Some(fewest) => Some(least),
                _ => None,
            };
            problems.extend(stuck.map(|node| {
                Problem::new(
                    &node.place,
                    format!("with {fewest} replicas no pod may ever be evicted"),
                    "Set maxUnavailable: 1, and run at least two replicas.",
                )
            }));
        }
    }
    problems
}
