//! What only Cloud Run is told: accounts within the lengths that Google allows, and the steps in which a version gets its traffic.

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::decision::Ledger;
use super::platform::Platform;
use super::scale::Scale;
use super::watch::Watch;
use crate::failure::usage;
use crate::spec::Spec;

/// Longest part of an account's name that comes from the project: Google allows 30 characters, and the longest suffix
/// has 9.
const ACCOUNT_MAX: usize = 20;

/// Characters of a long name that are kept, before a dash and its hash.
const ACCOUNT_KEPT: usize = 13;

/// Share of the traffic that a new version gets first, percent.
const FIRST_PERCENT: u32 = 10;

/// The share after that, before all of it, percent.
const SECOND_PERCENT: u32 = 50;

/// Minutes that it is watched with each of them.
const STEP_MINUTES: u32 = 2;

/// Addresses of the subnetwork for each instance: one that is gone keeps its own for a while (Cloud Run's documentation,
/// "Direct VPC egress").
const ADDRESSES_EACH: u32 = 2;

/// Names of variables that Cloud Run sets itself, and refuses (its documentation, "Container runtime contract").
const RESERVED: [&str; 3] = ["K_SERVICE", "K_REVISION", "K_CONFIGURATION"];

/// What Cloud Run refuses at the start of a variable's name.
const RESERVED_PREFIX: &str = "X_GOOGLE_";

/// Settings of Cloud Run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CloudRun {
    /// Account that the service runs as, without its domain.
    pub service_account: String,
    /// Account that migrations run as.
    pub migration_account: String,
    /// Account that deploys.
    pub deployer_account: String,
    /// What trusts the jobs of GitHub.
    pub provider: String,
    /// Share of the traffic that a new version gets first in production, percent.
    pub first_percent: u32,
    /// The share after that, before all of it, percent.
    pub second_percent: u32,
    /// Addresses that the subnetwork has to have free.
    pub addresses: u32,
    /// Seconds between two looks of the watch in a step.
    pub step_pause_seconds: u32,
}

/// Refuses what Cloud Run takes for its own, or cannot run.
///
/// # Errors
/// Exit 2 with the answer to change.
pub fn check(spec: &Spec, platform: Platform) -> anyhow::Result<()> {
    if platform != Platform::CloudRun {
        return Ok(());
    }
    let reserved = |name: &str| RESERVED.contains(&name) || name.starts_with(RESERVED_PREFIX);
    if let Some(entry) = spec.env.iter().find(|entry| reserved(&entry.name)) {
        return Err(usage(format!(
            "{}: env.name of {}: Cloud Run keeps this name for itself; choose another name",
            entry.origin, entry.name
        )));
    }
    if spec.queue {
        return Err(usage(
            "stack.queue: bullmq on Cloud Run is not in this version: its worker pools stop a worker after 10 s, and ask no \
             command whether it is stuck. Ways on: set stack.queue=none and run the jobs elsewhere; or give a reason for a \
             cluster with --set deploy.kubernetes-because=\"...\"",
        ));
    }
    Ok(())
}

/// Decides all of it; none on other platforms.
pub(super) fn decide(
    spec: &Spec,
    platform: Platform,
    scale: &Scale,
    watch: &Watch,
    ledger: &mut Ledger,
) -> Option<CloudRun> {
    if platform != Platform::CloudRun {
        return None;
    }
    let account = |role: &str| format!("{}-{role}", short(&spec.name));
    let first_percent = ledger.decide(
        "cloud_run.first_percent",
        "First share of a new version in production",
        FIRST_PERCENT,
        "%",
        format!(
            "what is broken for all shows, and nine in ten are not hurt; {STEP_MINUTES} min of it, back to the old version as \
             soon as the limits of the watch are passed"
        ),
    );
    ledger.rejected("All of it at once", "what only real requests show would show to everybody");
    let second_percent = ledger.decide(
        "cloud_run.second_percent",
        "Second share of it, before all",
        SECOND_PERCENT,
        "%",
        format!("what load does shows, to caches and to the database's connections; {STEP_MINUTES} min too"),
    );
    Some(CloudRun {
        service_account: account("service"),
        migration_account: account("migrate"),
        deployer_account: account("deployer"),
        provider: format!("github-{}", short(&spec.name)),
        addresses: scale.most_instances * ADDRESSES_EACH,
        first_percent,
        second_percent,
        step_pause_seconds: STEP_MINUTES * 60 / watch.looks,
    })
}

/// The name, or what is left of a long one with a hash that tells it from others that begin like it.
fn short(name: &str) -> String {
    if name.len() <= ACCOUNT_MAX {
        return name.to_owned();
    }
    let hash = Sha256::digest(name).iter().take(3).fold(String::new(), |hash, byte| hash + &format!("{byte:02x}"));
    let kept: String = name.chars().take(ACCOUNT_KEPT).collect();
    format!("{kept}-{hash}")
}

#[cfg(test)]
mod tests {
    use super::short;

    #[test]
    fn accounts_are_as_long_as_google_allows_and_tell_names_apart() {
        assert_eq!(short("orders"), "orders");
        let (one, other) = (short(&"a".repeat(40)), short(&"a".repeat(39)));
        assert_ne!(one, other);
        for name in ["a".to_owned(), "a".repeat(20), "a".repeat(21), "a-b".repeat(13)] {
            for role in ["service", "migrate", "deployer"] {
                let account = format!("{}-{role}", short(&name));
                assert!((6..=30).contains(&account.len()), "{account}");
            }
            assert!((4..=32).contains(&format!("github-{}", short(&name)).len()));
        }
    }
}
