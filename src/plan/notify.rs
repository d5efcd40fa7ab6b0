//! Who is told of what waits and what failed.

use serde::Serialize;

use super::approval::Approval;
use super::environments::Environment;
use crate::spec::Spec;

/// Who is told of what waits and what failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Notify {
    /// A Slack channel.
    pub slack: bool,
    /// Whether it is told that production waits. Nothing waits where a pull request lets a deploy in; and the message is the last
    /// step in the environment before, whose secret the webhook is.
    pub of_waiting: bool,
}

/// Decides who is told, and of what.
pub(super) fn decide(spec: &Spec, approval: Approval, environments: &[Environment]) -> Notify {
    let slack = spec.deploy.notify_slack;
    Notify { slack, of_waiting: slack && approval.reviewers && environments.len() > 1 }
}
