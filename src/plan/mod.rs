//! The plan: what follows from the answers, every derived value with its reason.
//!
//! Pure: no disk, clock, terminal or environment. The field names are those that templates print and
//! that `seaworthy plan --json` shows.

pub mod approval;
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
pub mod features;
pub mod ground;
pub mod image;
pub mod kept;
pub mod managed;
pub mod notify;
pub mod pace;
pub mod packages;
pub mod pages;
pub mod place;
pub mod platform;
pub mod project;
pub mod repository;
pub mod resources;
pub mod risks;
pub mod rollout;
pub mod routing;
pub mod scale;
pub mod services;
pub mod storage;
pub mod timeouts;
pub mod watch;
pub mod worker;
pub mod workspace;

use serde::Serialize;

pub use approval::Approval;
pub use cloud_run::CloudRun;
pub use connection::Connection;
pub use costs::Costs;
pub use database::Database;
pub use decision::{Decision, Ledger, WhatIf};
pub use ecs::Ecs;
pub use env::EnvKey;
pub use environments::Environment;
pub use existing::{ExistingView, OpsView};
pub use features::Features;
pub use ground::{CloudView, PlatformView, Registry};
pub use image::Image;
pub use kept::Kept;
pub use managed::Managed;
pub use notify::Notify;
pub use pace::{Autoscaler, Pace};
pub use packages::Packages;
pub use pages::Pages;
pub use place::Place;
pub use platform::Platform;
pub use project::{Project, Stack};
pub use repository::Repository;
pub use resources::Resources;
pub use rollout::Rollout;
pub use routing::Routing;
pub use scale::Scale;
pub use services::Services;
pub use storage::Storage;
pub use timeouts::Timeouts;
pub use watch::Watch;
pub use worker::Worker;
pub use workspace::Workspace;

use crate::spec::Spec;
use crate::stack::DataAccess;
use crate::stack::pins::Pins;

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
    /// How a new version takes the place of the old one in a cluster; none elsewhere.
    pub rollout: Option<Rollout>,
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
    let rollout = rollout::decide(spec, chosen, &mut ledger);
    let scale = scale::decide(spec, chosen, rps, rollout, &mut ledger)?;
    let managed = managed::decide(chosen, &scale, &mut ledger);
    let workers = worker::count(spec, chosen, &scale);
    let database = database::decide(spec, chosen, &scale, workers, &mut ledger)?;
    let routing = routing::decide(spec, chosen, &mut ledger);
    let timeouts = timeouts::decide(spec, chosen, routing, &mut ledger);
    let resources = resources::decide(spec, chosen, &mut ledger);
    let costs = costs::decide(spec, need, chosen, scale, &resources, workers)?;
    let comings = pace::decide(chosen, &scale, &mut ledger);
    let approval = approval::decide(spec, &mut ledger);
    let watch = watch::decide(spec, &mut ledger);
    let cloud_run = cloud_run::decide(spec, chosen, &scale, &watch, &mut ledger);
    let worker = workers.map(|it| worker::decide(it, &database, &timeouts, &resources, &mut ledger));
    let ecs = ecs::decide(chosen, &resources, worker.as_ref(), &watch, spec.database, &mut ledger);
    let environments = environments::decide(spec, chosen, &scale, &resources, &database, worker.as_ref(), &mut ledger);
    let services = services::decide(spec, chosen, &scale, &resources, worker.as_ref(), &mut ledger);
    let pages = pages::decide(spec, &place, &mut ledger);
    let storage = storage::decide(spec, chosen, &timeouts, &mut ledger);
    let env = env::keys(spec, &timeouts, &database, worker.as_ref(), storage.as_ref());
    let pins = Pins::embedded()?;
    let packages = packages::decide(spec, &pins)?;
    let existing = existing::decide(spec, &packages);
    let connection = connection::decide(spec);
    let image = image::decide(spec, project::SOURCE_DIR, &place, &packages, &pins)?;
    Ok(Plan {
        project: project::project(spec),
        place,
        stack: project::stack(spec),
        packages,
        image,
        existing,
        kept,
        features: features::answer(spec, chosen, &environments, &database, &connection, storage.as_ref(), &env),
        platform: ground::platform(spec, chosen, why),
        routing,
        rollout,
        cloud: ground::cloud(spec.deploy.cloud),
        registry: ground::registry(spec),
        approval,
        questions: risks::questions(spec, chosen),
        risks: risks::risks(spec, chosen, need, approval, &database),
        notify: notify::decide(spec, approval, &environments),
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
