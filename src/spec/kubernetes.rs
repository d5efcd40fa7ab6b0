//! The scale from which on Kubernetes pays. The interview asks for a reason below it, and the platform decision
//! refuses a cluster without one.

/// Above this many requests per second at the peak, Kubernetes is justified.
pub const KUBERNETES_RPS: i64 = 10_000;
/// Above this many people, Kubernetes is justified.
pub const KUBERNETES_TEAM: i64 = 10;
/// Above this many regions, Kubernetes is justified.
pub const KUBERNETES_REGIONS: i64 = 1;

/// What in the scale justifies Kubernetes, in words, or nothing.
#[must_use]
pub fn scale_justifies_kubernetes(peak_rps: i64, team_size: i64, regions: i64) -> Option<String> {
    if peak_rps > KUBERNETES_RPS {
        return Some(format!("{peak_rps} requests per second at the peak are more than {KUBERNETES_RPS}"));
    }
    if team_size > KUBERNETES_TEAM {
        return Some(format!("{team_size} people are more than {KUBERNETES_TEAM}"));
    }
    if regions > KUBERNETES_REGIONS {
        return Some(format!("{regions} regions are more than {KUBERNETES_REGIONS}"));
    }
    None
}
