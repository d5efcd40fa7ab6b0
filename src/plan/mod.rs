//! The plan: what follows from the answers, every derived value with its reason.
//!
//! Pure: no disk, clock, terminal or environment. The field names are those that templates print and
//! that `seaworthy plan --json` shows.

pub mod capacity;
pub mod cloud_run;
pub mod connection;
pub mod costs;
pub mod database;
pub mod decision;
pub mod ecs;
pub mod env;
pub mod environments;
pub mod existing;
pub mod image;
pub mod kept;
pub mod managed;
pub mod pace;
pub mod packages;
pub mod pages;
pub mod place;
pub mod platform;
pub mod repository;
pub mod resources;
pub mod risks;
pub mod routing;
pub mod scale;
pub mod services;
pub mod storage;
pub mod timeouts;
pub mod watch;
pub mod worker;
pub mod workspace;

use serde::Serialize;

pub use cloud_run::CloudRun;
pub use connection::Connection;
pub use costs::Costs;
pub use database::Database;
pub use decision::{Decision, Ledger, WhatIf};
pub use ecs::Ecs;
pub use env::EnvKey;
pub use environments::Environment;
pub use existing::{ExistingView, OpsView};
pub use image::Image;
pub use kept::Kept;
pub use managed::Managed;
pub use pace::{Autoscaler, Pace};
pub use packages::Packages;
pub use pages::Pages;
pub use place::Place;
pub use platform::Platform;
pub use repository::Repository;
pub use resources::Resources;
pub use routing::Routing;
pub use scale::Scale;
pub use services::Services;
pub use storage::Storage;
pub use timeouts::Timeouts;
pub use watch::Watch;
pub use worker::Worker;
pub use workspace::Workspace;

use crate::spec::{Cloud, Spec};
use crate::stack::pins::Pins;
use crate::stack::{DataAccess, Framework};

/// Folder of the source.
const SOURCE_DIR: &str = "src";

/// Everything that the emitted files say, decided.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Plan {
    /// Name and description.
    pub project: Project,
    /// Where its files lie.
    pub place: Place,
    /// What the service is made of.
    pub stack: Stack,
    /// How packages are installed and scripts run.
    pub packages: Packages,
    /// How the image is made.
    pub image: Image,
    /// What is special about code that was there before; empty for emitted code.
    pub existing: ExistingView,
    /// Folders whose files stay.
    pub kept: Vec<Kept>,
    /// Yes-or-no questions that templates may ask.
    pub features: Features,
    /// Where it runs.
    pub platform: PlatformView,
    /// How requests reach the service in a cluster; none elsewhere.
    pub routing: Option<Routing>,
    /// Who runs the machines.
    pub cloud: CloudView,
    /// Where images are kept.
    pub registry: Registry,
    /// In the order of deployment.
    pub environments: Vec<Environment>,
    /// Who must agree to a production deploy.
    pub approval: Approval,
    /// Who is told of what waits and what failed.
    pub notify: Notify,
    /// Limits in time.
    pub timeouts: Timeouts,
    /// How a new version is watched, and what takes it back.
    pub watch: Watch,
    /// Limits in memory, processor and processes.
    pub resources: Resources,
    /// Numbers of instances.
    pub scale: Scale,
    /// What a managed platform is told about one instance; none on other platforms.
    pub managed: Option<Managed>,
    /// What only Cloud Run is told; none on other platforms.
    pub cloud_run: Option<CloudRun>,
    /// How fast instances come, are found to be lost, and follow the load.
    pub pace: Pace,
    /// What ECS on Fargate is told; none on other platforms.
    pub ecs: Option<Ecs>,
    /// Connections.
    pub database: Database,
    /// How the service finds its database.
    pub connection: Connection,
    /// How the code talks to the database; none without one.
    pub data_access: Option<&'static DataAccess>,
    /// The process that runs background jobs; none without a queue.
    pub worker: Option<Worker>,
    /// How pages come to be; none without pages.
    pub pages: Option<Pages>,
    /// Object storage; none without it.
    pub storage: Option<Storage>,
    /// The containers beside the service.
    #[serde(flatten)]
    pub services: Services,
    /// Variables of the service.
    pub env: Vec<EnvKey>,
    /// What a month costs, about.
    pub costs: Costs,
    /// Why every derived value is what it is.
    pub decisions: Vec<Decision>,
    /// What the answers leave open or accept, for the one who approves.
    pub risks: Vec<String>,
    /// What the one who approves has to answer.
    pub questions: Vec<String>,
}

/// Name and description.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Project {
    /// DNS-1123 label.
    pub name: String,
    /// Free text on one line.
    pub description: String,
}

/// What the service is made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Stack {
    /// Web framework.
    pub framework: &'static Framework,
    /// Node.js major.
    pub node: &'static str,
    /// Oldest version of it that runs the service.
    pub node_minimum: &'static str,
    /// TCP port of the service, the same everywhere.
    pub port: u16,
    /// Folder of the source.
    pub source_dir: &'static str,
}

/// Yes-or-no questions that templates may ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[allow(clippy::struct_excessive_bools, reason = "they are independent facts, not states of one machine")]
pub struct Features {
    /// PostgreSQL.
    pub database: bool,
    /// A step that brings the database up to date.
    pub migrations: bool,
    /// Redis.
    pub redis: bool,
    /// Background jobs in a worker process of its own.
    pub queue: bool,
    /// The database or Redis.
    pub dependencies: bool,
    /// Files in S3.
    pub storage: bool,
    /// Anything that is opened when the service starts.
    pub services: bool,
    /// A token of the pod that AWS exchanges for a role.
    pub web_identity: bool,
    /// An autoscaler in production.
    pub hpa: bool,
    /// A number of workers that follows the queue.
    pub worker_scaling: bool,
    /// A connection pooler between the service and the database.
    pub pooler: bool,
    /// Any variable is a secret.
    pub secrets: bool,
    /// Any variable is a key of somebody else's service.
    pub service_keys: bool,
    /// Any variable is required in some environments only.
    pub required_in: bool,
    /// The code was there before: no code is emitted but what the image starts it with.
    pub existing: bool,
    /// Code of ours beside it: its probes and its shutdown.
    pub ops: bool,
}

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

/// Who is told of what waits and what failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Notify {
    /// A Slack channel.
    pub slack: bool,
    /// Whether it is told that production waits. Nothing waits where a pull request lets a deploy in; and the message is the last
    /// step in the environment before, whose secret the webhook is.
    pub of_waiting: bool,
}

/// Makes the plan.
///
/// # Errors
/// Exit 2 when no plan can satisfy the answers, with the numbers and the answers to change.
pub fn plan(spec: &Spec) -> anyhow::Result<Plan> {
    plan_at(spec, Place::whole(spec))
}

/// Makes the plan of a service that lies at `place`.
///
/// # Errors
/// As [`plan`].
pub fn plan_at(spec: &Spec, place: Place) -> anyhow::Result<Plan> {
    plan_if(spec, place, None)
}

/// Makes the plan, with one decision taken otherwise than by its rule.
///
/// # Errors
/// As [`plan`].
pub fn plan_if(spec: &Spec, place: Place, what_if: Option<WhatIf<'_>>) -> anyhow::Result<Plan> {
    let mut ledger = Ledger::otherwise(spec, what_if);
    let rps = scale::rps_per_replica(spec, &mut ledger);
    let need = platform::need(spec, capacity::instances_for(spec.scale.peak_rps, rps));
    let (chosen, why) = platform::choose(spec, need)?;
    environments::check_names(spec, chosen)?;
    let kept = kept::decide(spec, chosen)?;
    cloud_run::check(spec, chosen)?;
    platform::record(spec, &mut ledger, chosen, &why, need);
    let scale = scale::decide(spec, chosen, rps, &mut ledger)?;
    let managed = managed::decide(chosen, &scale, &mut ledger);
    let workers = worker::count(spec, chosen, &scale);
    let database = database::decide(spec, chosen, &scale, workers, &mut ledger)?;
    let routing = routing::decide(spec, chosen, &mut ledger);
    let timeouts = timeouts::decide(spec, chosen, routing, &mut ledger);
    let resources = resources::decide(spec, chosen, &mut ledger);
    let costs = costs::decide(spec, need, chosen, scale, &resources, workers)?;
    let comings = pace::decide(chosen, &scale, &mut ledger);
    let approval = approval(spec, &mut ledger);
    let watch = watch::decide(spec, &mut ledger);
    let cloud_run = cloud_run::decide(spec, chosen, &scale, &watch, &mut ledger);
    let worker = workers.map(|it| worker::decide(it, &database, &timeouts, &resources, &mut ledger));
    let ecs = ecs::decide(chosen, &resources, worker.as_ref(), &watch, spec.database, &mut ledger);
    let environments = environments::decide(spec, chosen, &scale, &resources, &database, worker.as_ref(), &mut ledger);
    let services = services::decide(spec, chosen, &scale, &resources, worker.as_ref(), &mut ledger);
    let pages = pages::decide(spec, &place, &mut ledger);
    let storage = storage::decide(spec, chosen, &timeouts, &mut ledger);
    let env = env::keys(spec, &timeouts, &database, worker.as_ref(), storage.as_ref());
    let cloud = cloud_view(spec.deploy.cloud);
    let pins = Pins::embedded()?;
    let packages = packages::decide(spec, &pins)?;
    let existing = existing::decide(spec, &packages);
    let connection = connection::decide(spec);
    let image = image::decide(spec, SOURCE_DIR, &place, &packages, &pins)?;
    Ok(Plan {
        project: Project { name: spec.name.clone(), description: spec.description.clone() },
        place,
        stack: Stack {
            framework: spec.framework,
            node: spec.node.major,
            node_minimum: spec.node.minimum,
            port: spec.port,
            source_dir: SOURCE_DIR,
        },
        packages,
        image,
        existing,
        kept,
        features: features(spec, &environments, &database, &connection, storage.as_ref(), &env),
        platform: PlatformView {
            name: chosen.name(),
            compose: chosen == Platform::Compose,
            cloud_run: chosen == Platform::CloudRun,
            ecs: chosen == Platform::Ecs,
            kubernetes: chosen == Platform::Kubernetes,
            managed: chosen.is_managed(),
            title: chosen.title(),
            because: spec.deploy.kubernetes_because.clone().unwrap_or_default(),
            reason: why,
        },
        routing,
        cloud,
        registry: Registry { host: spec.deploy.registry.clone() },
        approval,
        questions: risks::questions(spec, chosen),
        risks: risks::risks(spec, chosen, need, approval, &database),
        notify: Notify {
            slack: spec.deploy.notify_slack,
            of_waiting: spec.deploy.notify_slack && approval.reviewers && environments.len() > 1,
        },
        environments,
        timeouts,
        watch,
        resources,
        scale,
        managed,
        cloud_run,
        pace: comings,
        ecs,
        database,
        connection,
        data_access: spec.data_access,
        worker,
        pages,
        storage,
        services,
        env,
        costs,
        decisions: ledger.into_decisions(),
    })
}

fn features(
    spec: &Spec,
    environments: &[Environment],
    database: &Database,
    connection: &Connection,
    storage: Option<&Storage>,
    env: &[EnvKey],
) -> Features {
    Features {
        database: spec.database,
        migrations: !connection.migrate.is_empty(),
        redis: spec.redis,
        queue: spec.queue,
        dependencies: spec.database || spec.redis,
        storage: storage.is_some(),
        services: spec.database || spec.redis || storage.is_some(),
        web_identity: storage.is_some_and(|it| it.credentials.web_identity),
        hpa: environments.iter().any(|environment| environment.hpa),
        worker_scaling: environments.iter().any(|it| it.worker_min_replicas < it.worker_replicas),
        pooler: database.pooler.is_some(),
        secrets: env.iter().any(|key| key.secret),
        service_keys: env.iter().any(EnvKey::is_service_key),
        required_in: env.iter().any(|key| !key.required_in.is_empty()),
        existing: spec.existing.is_some(),
        ops: spec.existing.as_ref().is_some_and(|it| !it.ops.is_empty()),
    }
}

fn cloud_view(cloud: Cloud) -> CloudView {
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

fn approval(spec: &Spec, ledger: &mut Ledger) -> Approval {
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
