//! How a new version takes the place of the old one in a cluster.

use serde::Serialize;
use serde_json::Value as Json;

use super::capacity::{during_rollout, surge};
use super::decision::{Decided, Ledger, Step};
use super::platform::Platform;
use crate::spec::{Replacing, Spec};

impl From<Replacing> for Json {
    fn from(kind: Replacing) -> Self {
        match kind {
            Replacing::Rolling => "rolling".into(),
            Replacing::BlueGreen => "blue-green".into(),
        }
    }
}

impl Decided for Replacing {
    fn otherwise(&self, _: Step) -> Self {
        match self {
            Self::Rolling => Self::BlueGreen,
            Self::BlueGreen => Self::Rolling,
        }
    }
}

/// How a new version takes the place of the old one in a cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Rollout {
    /// Which way; also the name of the scripts' templates.
    pub kind: Replacing,
    /// A whole second set of pods starts beside the old one, and then takes all requests at once.
    pub blue_green: bool,
    /// Name of the Deployment as the files have it.
    pub suffix: &'static str,
}

impl Rollout {
    /// Most pods at the same time while `replicas` are replaced, in one region.
    #[must_use]
    pub fn most_pods(&self, replicas: u32) -> u32 {
        match self.kind {
            Replacing::Rolling => during_rollout(replicas),
            Replacing::BlueGreen => replicas.saturating_mul(2),
        }
    }

    /// What [`Self::most_pods`] adds up, in words.
    #[must_use]
    pub fn counted(&self, replicas: u32) -> String {
        match self.kind {
            Replacing::Rolling => {
                let batch = surge(replicas);
                format!("{replicas}, a batch of {batch} that a rollout starts and one of {batch} that still drains")
            }
            Replacing::BlueGreen => format!("{replicas} in the slot that serves and as many in the other one"),
        }
    }
}

/// Decides it; none outside of a cluster.
pub(super) fn decide(spec: &Spec, platform: Platform, ledger: &mut Ledger) -> Option<Rollout> {
    if platform != Platform::Kubernetes {
        return None;
    }
    let kind = match spec.deploy.replacing {
        Replacing::Rolling => rolling(ledger),
        Replacing::BlueGreen => blue_green(ledger),
    };
    let blue_green = kind == Replacing::BlueGreen;
    Some(Rollout { kind, blue_green, suffix: if blue_green { "-blue" } else { "" } })
}

const KEY: &str = "rollout.kind";
const TITLE: &str = "A new version takes over";

fn rolling(ledger: &mut Ledger) -> Replacing {
    let kind = ledger.decide(
        KEY,
        TITLE,
        Replacing::Rolling,
        "",
        "batch by batch, each only when the one before it has stayed ready: a quarter more pods at a time, and Kubernetes does it by itself",
    );
    ledger.from(&["deploy.rollout"]);
    ledger.rejected(
        "Blue-green",
        "it takes twice the pods and database connections during a deploy, and jobs and tables meet both versions all the same",
    );
    ledger.flips(
        "deploy.rollout = \"blue-green\", where no two requests may meet different versions for minutes, or the way back has to be a matter of seconds",
    );
    kind
}

fn blue_green(ledger: &mut Ledger) -> Replacing {
    let kind = ledger.decide(
        KEY,
        TITLE,
        Replacing::BlueGreen,
        "",
        "deploy.rollout asks for it: a whole set starts and is tested without requests, takes all of them at once, and until it is verified the old set stands by to take them back",
    );
    ledger.from(&["deploy.rollout"]);
    ledger.rejected(
        "Rolling updates",
        "deploy.rollout says that requests shall not meet two versions for the minutes that batches take",
    );
    ledger.rejected(
        "A controller for rollouts",
        "it is one more thing to install, to upgrade and to understand in every cluster; two Deployments and the selector of a Service do the same",
    );
    ledger.flips("deploy.rollout = \"rolling\", for a quarter more pods during a deploy and not twice as many");
    kind
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(kind: Replacing) -> Rollout {
        Rollout { kind, blue_green: kind == Replacing::BlueGreen, suffix: "" }
    }

    #[test]
    fn most_pods_of_each_way() {
        assert_eq!(of(Replacing::Rolling).most_pods(51), 77);
        assert_eq!(of(Replacing::BlueGreen).most_pods(51), 102);
        assert_eq!(of(Replacing::BlueGreen).most_pods(u32::MAX), u32::MAX);
    }
}
