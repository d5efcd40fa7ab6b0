//! Who lets a deploy into production.

use serde::Serialize;

use super::decision::Ledger;
use crate::spec::Spec;

/// Who must agree to a production deploy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Approval {
    /// Whether the approver must be another person than the one who started the deploy.
    pub second_person: bool,
    /// What lets it in, in words.
    pub by: &'static str,
    /// Whether GitHub holds the job until a reviewer of the environment agrees.
    pub reviewers: bool,
    /// Whether the commit must have come by a pull request that another person approved instead.
    pub pull_request: bool,
}

/// Decides who must agree.
pub(super) fn decide(spec: &Spec, ledger: &mut Ledger) -> Approval {
    let second_person = spec.scale.team_size > 1;
    let reason = if second_person {
        "with two people or more, whoever starts a deploy does not approve it"
    } else {
        "a team of one has nobody else to ask; the approval is then a pause to look at what staging shows"
    };
    let second_person =
        ledger.decide("approval.second_person", "Approval by a second person", second_person, "", reason);
    ledger.from(&["scale.team-size"]);
    let pull_request = spec.deploy.approved_by_pull_request;
    let (by, reason) = if pull_request {
        (
            "an approved pull request",
            "GitHub makes no job wait for a reviewer on this repository's plan: what another person approved as it is goes out, and nothing else can come to main",
        )
    } else {
        ("a reviewer", "GitHub itself holds the job until one of the environment's reviewers agrees")
    };
    let by = ledger.decide("approval.by", "What lets a deploy into production", by, "", reason);
    ledger.from(&["deploy.approval"]);
    ledger.flips(if pull_request {
        "deploy.approval = reviewers, which asks after staging has been looked at"
    } else {
        "deploy.approval = pull-request, for a private repository without GitHub Enterprise"
    });
    Approval { second_person, by, reviewers: !pull_request, pull_request }
}
