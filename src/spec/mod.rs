//! The answers: what the user said, from every source, checked and typed.
//!
//! [`table`] holds the questions. A file, a flag and the interview fill [`Answers`]; [`Spec`] is the
//! complete, typed result that the plan starts from.

pub mod answers;
pub mod availability;
mod contradictions;
pub mod edit;
pub mod env_entry;
pub mod existing;
pub mod file;
pub mod interview;
pub mod kubernetes;
pub mod managed;
pub(crate) mod nearest;
pub mod ops;
pub mod presets;
pub mod question;
pub mod repository;
pub mod schema;
pub mod secret;
pub mod table;
pub mod value;
pub mod write;

use std::collections::BTreeMap;

use anyhow::Context;
use serde::Serialize;

pub use answers::{Answers, Idle};
pub use availability::Availability;
pub use env_entry::{EnvEntry, EnvKind};
pub use existing::Existing;
pub use managed::Managed;
pub use ops::Ops;
pub use value::{Answer, Origin, Value};

use crate::failure::usage;
use crate::stack::auth::AuthKey;
use crate::stack::framework::FRAMEWORKS;
use crate::stack::{Auth, DataAccess, Framework, NodeRelease, PackageManager};

/// A complete set of answers.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "they are independent answers, not states of one machine")]
pub struct Spec {
    /// DNS-1123 label.
    pub name: String,
    /// Free text, as the user typed it.
    pub description: String,
    /// Web framework.
    pub framework: &'static Framework,
    /// Line of Node.js.
    pub node: &'static NodeRelease,
    /// Package manager.
    pub package_manager: &'static PackageManager,
    /// Whether there is a PostgreSQL database.
    pub database: bool,
    /// How the code talks to it; none without one.
    pub data_access: Option<&'static DataAccess>,
    /// Whether there is Redis.
    pub redis: bool,
    /// Who signs users in.
    pub auth: Option<&'static Auth>,
    /// Whether there are background jobs, with BullMQ in a worker process of its own.
    pub queue: bool,
    /// Whether files are kept in S3.
    pub storage: bool,
    /// TCP port of the service.
    pub port: u16,
    /// Load and people.
    pub scale: Scale,
    /// Where it runs.
    pub deploy: Deploy,
    /// The user's own variables.
    pub env: Vec<EnvEntry>,
    /// Folder of the service in a workspace; empty where it is the repository.
    pub app_dir: String,
    /// How code that was there before is built and started; none for emitted code.
    pub existing: Option<Existing>,
    /// Where each answer came from, by key.
    pub answers: BTreeMap<&'static str, Answer>,
    /// Answers of files that change nothing, given the others.
    pub idle: Vec<Idle>,
}

/// Load and people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scale {
    /// Requests per second at the busiest minute, all instances together.
    pub peak_rps: u32,
    /// Requests per second at the quietest hour.
    pub trough_rps: u32,
    /// People who deploy or operate.
    pub team_size: u32,
    /// Regions at the same time.
    pub regions: u32,
    /// Share of time that it shall answer.
    pub availability: Availability,
    /// `max_connections` of the database.
    pub db_max_connections: u32,
    /// Requests per second of one instance, from the team's own load test.
    pub rps_per_replica: Option<u32>,
}

/// Where it runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deploy {
    /// The platform that the user asked for; `None` lets the rule decide.
    pub platform: Option<AskedPlatform>,
    /// Cloud provider.
    pub cloud: Cloud,
    /// The user's own reason for Kubernetes, word for word.
    pub kubernetes_because: Option<String>,
    /// What leads requests into a cluster.
    pub route: Route,
    /// How a new version takes the place of the old one in a cluster.
    pub replacing: Replacing,
    /// Whether KEDA sets the number of workers by the length of the queue.
    pub keda: bool,
    /// Environments in the order of deployment; the last is production.
    pub environments: Vec<String>,
    /// Whether an approved pull request lets a deploy into production, and not a reviewer of the environment.
    pub approved_by_pull_request: bool,
    /// Whether a Slack channel is told of what waits and what failed.
    pub notify_slack: bool,
    /// Host of the container registry.
    pub registry: String,
}

/// A platform that can be asked for by name in this version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AskedPlatform {
    /// Compose on one machine.
    Compose,
    /// Google Cloud Run.
    CloudRun,
    /// Amazon ECS on Fargate.
    Ecs,
    /// Kubernetes.
    Kubernetes,
}

/// What leads requests from the edge of a cluster to the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Route {
    /// An `HTTPRoute` at a shared `Gateway`.
    Gateway,
    /// An `Ingress`, read by a controller.
    Ingress,
}

/// How a new version takes the place of the old one in a cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Replacing {
    /// Batch by batch.
    Rolling,
    /// A second set of pods beside the first, and then all requests at once.
    BlueGreen,
}

/// A cloud provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cloud {
    /// Machines or clusters of one's own.
    None,
    /// Amazon Web Services.
    Aws,
    /// Google Cloud.
    Gcp,
    /// Microsoft Azure.
    Azure,
}

impl Spec {
    /// Completes the answers with defaults and checks that they fit each other.
    ///
    /// # Errors
    /// Exit 2 with every contradiction, one a line.
    pub fn new(mut answers: Answers) -> anyhow::Result<Self> {
        answers.complete_with_defaults();
        let spec = Self::typed(&answers)?;
        let problems = spec.problems();
        if problems.is_empty() {
            return Ok(spec);
        }
        Err(usage(problems.join("\n")))
    }

    fn typed(answers: &Answers) -> anyhow::Result<Self> {
        let text = |key: &str| {
            answers
                .text(key)
                .map(ToOwned::to_owned)
                .ok_or_else(|| usage(format!("{key} is not answered; give it with --set {key}=...")))
        };
        let number = |key: &str| -> anyhow::Result<u32> {
            let value = answers.int(key).with_context(|| format!("the table has no default for {key}"))?;
            u32::try_from(value).with_context(|| format!("{key} is out of bounds"))
        };
        let database = text("stack.database")? == "postgres";
        Ok(Self {
            name: text("project.name")?,
            description: crate::text::one_line(&text("project.description")?),
            framework: match (answers.existing(), FRAMEWORKS) {
                // Nothing of it is emitted beside code that is there.
                (Some(_), [unused, ..]) => unused,
                _ => Framework::named(&text("stack.framework")?).context("stack.framework has no descriptor")?,
            },
            node: NodeRelease::of_major(&text("stack.node")?).context("stack.node has no descriptor")?,
            package_manager: match answers.existing().and_then(|it| it.package_manager.as_ref()) {
                Some(managed) => managed.manager,
                None => PackageManager::named(&text("stack.package-manager")?)
                    .context("stack.package-manager has no descriptor")?,
            },
            database,
            data_access: answers.text("stack.data-access").filter(|_| database).and_then(DataAccess::named),
            redis: answers.bool("stack.redis").unwrap_or(false),
            auth: answers.text("stack.auth").and_then(Auth::named),
            queue: text("stack.queue")? == "bullmq",
            storage: text("stack.storage")? == "s3",
            port: u16::try_from(number("stack.port")?).context("stack.port is out of bounds")?,
            scale: Scale {
                peak_rps: number("scale.peak-rps")?,
                trough_rps: number("scale.trough-rps")?,
                team_size: number("scale.team-size")?,
                regions: number("scale.regions")?,
                availability: Availability::parse(&text("scale.availability")?).map_err(usage)?,
                // Irrelevant, and so unset, without a database.
                db_max_connections: number("scale.db-max-connections").unwrap_or(0),
                rps_per_replica: number("scale.rps-per-replica").ok(),
            },
            deploy: Deploy {
                platform: asked_platform(&text("deploy.platform")?),
                cloud: cloud(&text("deploy.cloud")?),
                kubernetes_because: reason(answers),
                route: if answers.text("deploy.routing") == Some("ingress") { Route::Ingress } else { Route::Gateway },
                replacing: if answers.text("deploy.rollout") == Some("blue-green") {
                    Replacing::BlueGreen
                } else {
                    Replacing::Rolling
                },
                keda: answers.text("deploy.worker-scaling") == Some("keda"),
                environments: answers.list("deploy.environments").unwrap_or_default().to_vec(),
                approved_by_pull_request: text("deploy.approval")? == "pull-request",
                notify_slack: text("deploy.notify")? == "slack",
                registry: text("deploy.registry")?,
            },
            env: answers.env().to_vec(),
            app_dir: text("stack.app-dir")?,
            existing: answers.existing().cloned(),
            answers: answers.by_key(),
            idle: answers.idle().to_vec(),
        })
    }

    /// The keys of the sign-in service.
    pub fn auth_keys(&self) -> impl Iterator<Item = &'static AuthKey> + use<> {
        self.auth.into_iter().flat_map(|auth| auth.keys)
    }
}

/// Values of `APP_ENV` that are not deployed to.
pub const LOCAL_ENVIRONMENTS: [&str; 2] = ["development", "test"];

fn asked_platform(text: &str) -> Option<AskedPlatform> {
    match text {
        "compose" => Some(AskedPlatform::Compose),
        "cloud-run" => Some(AskedPlatform::CloudRun),
        "ecs" => Some(AskedPlatform::Ecs),
        "kubernetes" => Some(AskedPlatform::Kubernetes),
        _ => None,
    }
}

fn cloud(text: &str) -> Cloud {
    match text {
        "aws" => Cloud::Aws,
        "gcp" => Cloud::Gcp,
        "azure" => Cloud::Azure,
        _ => Cloud::None,
    }
}

/// The reason for Kubernetes; blank text is no reason.
fn reason(answers: &Answers) -> Option<String> {
    answers
        .text("deploy.kubernetes-because")
        .filter(|text| !crate::text::one_line(text).is_empty())
        .map(ToOwned::to_owned)
}
