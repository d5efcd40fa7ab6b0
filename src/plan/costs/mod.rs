//! What a month costs, about: the plan's own numbers times the prices of `prices.toml`, as ranges, beside the next smaller and the next
//! larger platform. An estimate to decide by, not an offer. What has no price there says so, and is not zero.

mod load;
mod money;
mod parts;
mod prices;

use serde::Serialize;

pub use money::Money;
pub use prices::Table;

use self::load::Load;
use self::parts::Bill;
use super::decision::Ledger;
use super::platform::{Need, Platform};
use super::resources::{self, Resources};
use super::rollout;
use super::scale::{self, Scale};
use super::worker::{self, Workers};
use crate::spec::{Availability, Cloud, Spec};

/// A month, about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Costs {
    /// Day on which the price table was last gone through.
    pub as_of: String,
    /// Date of its oldest price that has one.
    pub prices_from: String,
    /// Date of its newest price.
    pub prices_to: String,
    /// Of all ranges.
    pub currency: &'static str,
    /// What is paid for.
    pub components: Vec<Component>,
    /// Everything that has a price, together; none where nothing has.
    pub total: Option<Money>,
    /// The same, for people.
    pub total_text: String,
    /// Names of the components without a price.
    pub not_priced: Vec<&'static str>,
    /// The same answers on the next smaller and the next larger platform.
    pub alternatives: Vec<Alternative>,
    /// What the ranges take for granted.
    pub assumptions: Vec<String>,
}

/// Something that is paid for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Component {
    /// What it is.
    pub name: &'static str,
    /// How much of it, and why.
    pub basis: String,
    /// Dollars a month; none where the table has no price of it.
    pub cost: Option<Money>,
    /// The same, for people.
    pub text: String,
}

/// The same answers on another platform.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Alternative {
    /// Whether it is the next smaller or the next larger one.
    pub direction: &'static str,
    /// Its name for people.
    pub platform: String,
    /// Dollars a month; none where it cannot carry the answers, or has no price.
    pub total: Option<Money>,
    /// The same for people, or what speaks against it.
    pub text: String,
}

/// What runs, on one platform.
#[derive(Debug, Clone)]
pub(super) struct Shape {
    platform: Platform,
    /// Whose prices.
    provider: &'static str,
    scale: Scale,
    resources: Resources,
    workers: Option<Workers>,
}

/// Works out all of it.
///
/// # Errors
/// When the embedded price table cannot be read: a fault of the tool.
pub(super) fn decide(
    spec: &Spec,
    need: Need,
    platform: Platform,
    scale: Scale,
    resources: &Resources,
    workers: Option<Workers>,
) -> anyhow::Result<Costs> {
    let table = Table::embedded()?;
    let shape = Shape { platform, provider: provider(platform, spec), scale, resources: resources.clone(), workers };
    let bill = bill(table, spec, &shape);
    let (from, to) = table.dates();
    let not_priced = bill.components.iter().filter(|it| it.cost.is_none()).map(|it| it.name).collect();
    Ok(Costs {
        as_of: table.as_of.clone(),
        prices_from: from.to_owned(),
        prices_to: to.to_owned(),
        currency: "USD",
        total: bill.total(),
        total_text: bill.total_text(),
        components: bill.components,
        not_priced,
        alternatives: alternatives(table, spec, need, &shape),
        assumptions: load::assumptions(table),
    })
}

/// Whose prices count: who has no cloud rents machines, and managed containers stand for their own cloud.
fn provider(platform: Platform, spec: &Spec) -> &'static str {
    match (platform, spec.deploy.cloud) {
        (Platform::CloudRun, _) | (_, Cloud::Gcp) => "gcp",
        (Platform::Ecs, _) | (_, Cloud::Aws) => "aws",
        (_, Cloud::Azure) => "azure",
        (_, Cloud::None) => "none",
    }
}

fn bill<'a>(table: &'a Table, spec: &Spec, shape: &Shape) -> Bill<'a> {
    let mut bill = Bill::new(table, shape.provider);
    let load = Load::of(spec);
    match shape.platform {
        Platform::Compose => bill.one_machine(spec, shape),
        Platform::CloudRun | Platform::Ecs => bill.containers(spec, shape, &load),
        Platform::Kubernetes => bill.cluster(spec, shape, &load),
    }
    bill.traffic(shape.platform, &load);
    if spec.storage {
        bill.files();
    }
    bill
}

/// The platforms from small to large; managed containers are those of the cloud, or of AWS to compare with.
fn ladder(spec: &Spec) -> [Platform; 3] {
    let managed = if spec.deploy.cloud == Cloud::Gcp { Platform::CloudRun } else { Platform::Ecs };
    [Platform::Compose, managed, Platform::Kubernetes]
}

fn alternatives(table: &Table, spec: &Spec, need: Need, chosen: &Shape) -> Vec<Alternative> {
    let ladder = ladder(spec);
    let is_managed = |platform: Platform| matches!(platform, Platform::CloudRun | Platform::Ecs);
    let is_chosen = |step: &Platform| *step == chosen.platform || (is_managed(*step) && is_managed(chosen.platform));
    let Some(here) = ladder.iter().position(is_chosen) else { return Vec::new() };
    let below = here.checked_sub(1).map(|step| ("smaller", ladder[step]));
    let above = ladder.get(here + 1).map(|step| ("larger", *step));
    below.into_iter().chain(above).map(|(direction, other)| alternative(table, spec, need, direction, other)).collect()
}

fn alternative(table: &Table, spec: &Spec, need: Need, direction: &'static str, platform: Platform) -> Alternative {
    let provider = provider(platform, spec);
    let named = |text: &str| Alternative {
        direction,
        platform: platform.title().to_owned(),
        total: None,
        text: text.to_owned(),
    };
    let is_too_small = platform == Platform::Compose && !need.fits_one_machine;
    if is_too_small || (platform != Platform::Kubernetes && spec.scale.regions > 1) {
        return named("cannot carry these answers");
    }
    // The numbers that the plan would have on that platform; nobody reads their reasons.
    let mut ledger = Ledger::new(spec);
    let rps = scale::rps_per_replica(spec, &mut ledger);
    let rollout = rollout::decide(spec, platform, &mut ledger);
    let Ok(scale) = scale::decide(spec, platform, rps, rollout, &mut ledger) else {
        return named("cannot carry these answers");
    };
    let shape = Shape {
        platform,
        provider,
        scale,
        resources: resources::decide(spec, platform, &mut ledger),
        workers: worker::count(spec, platform, &scale),
    };
    let bill = bill(table, spec, &shape);
    let elsewhere = if spec.deploy.cloud == Cloud::None && provider != "none" { " at the prices of AWS" } else { "" };
    Alternative { total: bill.total(), ..named(&format!("{}{elsewhere}", bill.total_text())) }
}

impl Shape {
    /// Whether the database stands in two zones: at most, where the target does not demand it.
    fn zones(spec: &Spec) -> (u32, u32) {
        if spec.scale.availability >= Availability::MANAGED { (2, 2) } else { (1, 2) }
    }
}

#[cfg(test)]
mod tests;
