//! Where the service runs and where its images lie, as templates ask for it.

use serde::Serialize;

use super::platform::Platform;
use crate::spec::{Cloud, Spec};

/// Where it runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[allow(clippy::struct_excessive_bools, reason = "templates ask one of them by name; exactly one platform is true")]
pub struct PlatformView {
    /// Value of `deploy.platform`, decided.
    pub name: &'static str,
    /// Compose on one machine.
    pub compose: bool,
    /// Google Cloud Run.
    pub cloud_run: bool,
    /// Amazon ECS on Fargate.
    pub ecs: bool,
    /// Kubernetes.
    pub kubernetes: bool,
    /// Managed containers: Cloud Run or ECS.
    pub managed: bool,
    /// Name for people.
    pub title: &'static str,
    /// The user's own reason, word for word; empty without one.
    pub because: String,
    /// Why it was chosen, by the rule.
    pub reason: String,
}

/// Who runs the machines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[allow(clippy::struct_excessive_bools, reason = "templates ask one of them by name; exactly one is true")]
pub struct CloudView {
    /// Value of `deploy.cloud`.
    pub name: &'static str,
    /// Amazon Web Services.
    pub aws: bool,
    /// Google Cloud.
    pub gcp: bool,
    /// Microsoft Azure.
    pub azure: bool,
    /// Machines or clusters of one's own.
    pub none: bool,
}

/// Where images are kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Registry {
    /// Host name.
    pub host: String,
}

/// The platform that was chosen, for the reason `why`.
pub(super) fn platform(spec: &Spec, chosen: Platform, why: String) -> PlatformView {
    PlatformView {
        name: chosen.name(),
        compose: chosen == Platform::Compose,
        cloud_run: chosen == Platform::CloudRun,
        ecs: chosen == Platform::Ecs,
        kubernetes: chosen == Platform::Kubernetes,
        managed: chosen.is_managed(),
        title: chosen.title(),
        because: spec.deploy.kubernetes_because.clone().unwrap_or_default(),
        reason: why,
    }
}

/// The cloud that was answered.
pub(super) fn cloud(cloud: Cloud) -> CloudView {
    let name = match cloud {
        Cloud::None => "none",
        Cloud::Aws => "aws",
        Cloud::Gcp => "gcp",
        Cloud::Azure => "azure",
    };
    CloudView {
        name,
        aws: cloud == Cloud::Aws,
        gcp: cloud == Cloud::Gcp,
        azure: cloud == Cloud::Azure,
        none: cloud == Cloud::None,
    }
}

/// The registry that was answered.
pub(super) fn registry(spec: &Spec) -> Registry {
    Registry { host: spec.deploy.registry.clone() }
}
