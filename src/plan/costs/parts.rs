//! What each platform is made of, as far as it is paid for.

use super::load::{DATABASE_GB, DATABASE_LEAST_CPUS, FILES_GB, HOURS, Load, REDIS_COMMANDS, mean};
use super::money::{Amount, Money};
use super::prices::Table;
use super::{Component, Shape};
use crate::plan::capacity::machine_cores;
use crate::plan::environments::REHEARSAL_REPLICAS;
use crate::plan::platform::Platform;
use crate::plan::resources::{WORKER_CPU_REQUEST, worker_limits};
use crate::spec::Spec;

/// What the nodes of a cluster have beyond what the pods set aside, in percent: the system's own pods, and room that no pod fits into.
const NODE_PERCENT: (u32, u32) = (115, 150);

/// Everything that is paid for on one platform.
pub(super) struct Bill<'a> {
    table: &'a Table,
    provider: &'static str,
    pub(super) components: Vec<Component>,
}

impl<'a> Bill<'a> {
    pub(super) fn new(table: &'a Table, provider: &'static str) -> Self {
        Self { table, provider, components: Vec::new() }
    }

    /// All components that have a price; none where none has.
    pub(super) fn total(&self) -> Option<Money> {
        self.components.iter().filter_map(|it| it.cost).reduce(Money::plus)
    }

    pub(super) fn total_text(&self) -> String {
        let missing: Vec<&str> = self.components.iter().filter(|it| it.cost.is_none()).map(|it| it.name).collect();
        match (self.total(), missing.is_empty()) {
            (None, _) => "not priced".to_owned(),
            (Some(total), true) => total.to_string(),
            (Some(total), false) => {
                format!("{total}, and what has no price here ({})", missing.join(", ").to_lowercase())
            }
        }
    }

    /// A component of so much of each of these things of the provider.
    fn add(&mut self, name: &'static str, basis: String, parts: &[(&str, Amount)]) {
        let cost = parts
            .iter()
            .map(|(thing, amount)| self.rate_of(thing).map(|rate| amount.at(rate)))
            .try_fold(Money::default(), |sum, part| part.map(|part| sum.plus(part)));
        let text = cost.map_or_else(|| "not priced".to_owned(), |it| it.to_string());
        self.components.push(Component { name, basis, cost, text });
    }

    fn rate_of(&self, thing: &str) -> Option<super::prices::Rate> {
        // Object storage is S3 wherever the service runs.
        let provider = if thing == "object-storage" { "aws" } else { self.provider };
        self.table.rate(&format!("{provider}.{thing}"))
    }

    /// One machine for each environment, with everything on it.
    pub(super) fn one_machine(&mut self, spec: &Spec, shape: &Shape) {
        let workers = shape.workers.map_or(0, |it| it.replicas);
        let cores = machine_cores(shape.scale.slot_replicas + workers);
        let machines = u32::try_from(spec.deploy.environments.len()).unwrap_or(u32::MAX);
        self.add(
            "Machines",
            format!("{machines} of {cores} cores, one for each environment; database, Redis and logs are on them"),
            &[("machine", Amount::exactly(machines).times(cores).times(HOURS))],
        );
    }

    /// Managed containers: paid by what they are given and for how long.
    pub(super) fn containers(&mut self, spec: &Spec, shape: &Shape, load: &Load) {
        let instances = mean(shape.scale.min_replicas, shape.scale.max_replicas).times(shape.scale.regions);
        let basis = format!("{} at once", running(shape));
        let mut parts = self.of_containers(instances, shape.resources.cpu_limit_millicores, shape.resources.memory_mib);
        if shape.platform == Platform::CloudRun {
            // Billed by instance, requests are free.
            parts.push(("container-requests", Amount { low: 0, ..load.requests }));
        }
        self.add("Containers", basis, &parts);
        if let Some(workers) = shape.workers {
            let count = Amount::exactly(workers.replicas).times(shape.scale.regions);
            let (millicores, memory_mib) = worker_limits(shape.platform, shape.resources.memory_mib);
            let parts = self.of_containers(count, millicores, memory_mib);
            self.add("Workers", format!("{count} at once"), &parts);
        }
        if shape.platform == Platform::Ecs {
            self.load_balancer(shape, load);
        }
        self.services(spec, load);
        self.rehearsal(spec, |bill, count| {
            bill.of_containers(count, shape.resources.cpu_limit_millicores, shape.resources.memory_mib)
        });
        self.add("Logs", format!("{} GB", load.log_gb), &[("logs", load.log_gb)]);
    }

    #[allow(clippy::unused_self, reason = "the parts of a bill are asked of the bill")]
    fn of_containers(&self, count: Amount, millicores: u32, memory_mib: u32) -> Vec<(&'static str, Amount)> {
        let hours = count.times(HOURS);
        vec![
            ("container-cpu", hours.times(millicores).over(1000)),
            ("container-memory", hours.times(memory_mib).over(1024)),
        ]
    }

    /// A cluster in each region: its control plane, and nodes for what the pods set aside.
    pub(super) fn cluster(&mut self, spec: &Spec, shape: &Shape, load: &Load) {
        let regions = shape.scale.regions;
        self.add(
            "Control plane",
            format!("{regions} cluster{}", if regions == 1 { "" } else { "s" }),
            &[("control-plane", Amount::exactly(regions).times(HOURS))],
        );
        let pods = mean(shape.scale.min_replicas, shape.scale.max_replicas).times(regions);
        let workers = shape.workers.map_or(Amount::exactly(0), |it| mean(it.least(), it.replicas)).times(regions);
        let cores = pods
            .times(shape.resources.cpu_request_millicores)
            .plus(workers.times(WORKER_CPU_REQUEST))
            .times_between(NODE_PERCENT.0, NODE_PERCENT.1)
            .over(100_000);
        let basis = format!("{cores} cores for {} at once", running(shape));
        self.add("Nodes", basis, &[("machine", cores.times(HOURS))]);
        self.load_balancer(shape, load);
        self.services(spec, load);
        let request = shape.resources.cpu_request_millicores;
        self.rehearsal(spec, |_, count| {
            let cores = count.times(request).times_between(NODE_PERCENT.0, NODE_PERCENT.1).over(100_000);
            vec![("machine", cores.times(HOURS))]
        });
    }

    fn load_balancer(&mut self, shape: &Shape, load: &Load) {
        let hours = Amount::exactly(shape.scale.regions).times(HOURS);
        let mut parts = vec![("load-balancer", hours)];
        // Whoever rents machines pays for its size, not for what goes through.
        if self.provider != "none" {
            parts.push(("load-balancer-traffic", load.answers_gb));
        }
        self.add("Load balancer", format!("{} in all regions, {} GB", shape.scale.regions, load.answers_gb), &parts);
    }

    /// The managed database and Redis of production.
    fn services(&mut self, spec: &Spec, load: &Load) {
        let zones = Shape::zones(spec);
        let zones_text = if zones.0 == zones.1 { zones.0.to_string() } else { format!("{} to {}", zones.0, zones.1) };
        if spec.database {
            let cpus = Amount::between(load.database_cpus.0, load.database_cpus.1);
            let basis = format!("{cpus} vCPU in {zones_text} zones");
            self.add("Managed PostgreSQL", basis, &[("postgres", cpus.times_between(zones.0, zones.1).times(HOURS))]);
            let data = Amount::between(DATABASE_GB.0, DATABASE_GB.1);
            let stored = data.times_between(zones.0, zones.1);
            self.add("Database storage", format!("{data} GB in {zones_text} zones"), &[("postgres-storage", stored)]);
        }
        if spec.redis {
            let commands = load.requests.times_between(REDIS_COMMANDS.0, REDIS_COMMANDS.1);
            let hours = Amount::exactly(HOURS);
            let basis = format!("1 GB, {} to {} commands a request", REDIS_COMMANDS.0, REDIS_COMMANDS.1);
            self.add("Managed Redis", basis, &[("redis", hours), ("redis-requests", commands)]);
        }
    }

    /// The environments before production: a few instances, and a small database each.
    fn rehearsal(&mut self, spec: &Spec, instances: impl Fn(&Self, Amount) -> Vec<(&'static str, Amount)>) {
        let count = u32::try_from(spec.deploy.environments.len().saturating_sub(1)).unwrap_or(u32::MAX);
        if count == 0 {
            return;
        }
        let mut parts = instances(self, Amount::exactly(count).times(REHEARSAL_REPLICAS));
        if spec.database {
            parts.push(("postgres", Amount::exactly(count).times(DATABASE_LEAST_CPUS).times(HOURS)));
        }
        let database = if spec.database { ", and a database of 2 vCPU" } else { "" };
        let basis = format!("{count} with {REHEARSAL_REPLICAS} instances each{database}");
        self.add("Environments before production", basis, &parts);
    }

    /// What goes out to users.
    pub(super) fn traffic(&mut self, platform: Platform, load: &Load) {
        let from = if platform == Platform::Compose { "Traffic out of the machine" } else { "Traffic to the internet" };
        self.add(from, format!("{} GB", load.answers_gb), &[("egress", load.answers_gb)]);
    }

    /// The object storage.
    pub(super) fn files(&mut self) {
        let stored = Amount::between(FILES_GB.0, FILES_GB.1);
        self.add("Object storage", format!("{stored} GB, without requests and traffic"), &[("object-storage", stored)]);
    }
}

/// How many instances run, in words.
fn running(shape: &Shape) -> String {
    let Shape { scale, .. } = shape;
    if scale.min_replicas == scale.max_replicas {
        return format!("{} instances", scale.max_replicas * scale.regions);
    }
    let mean = mean(scale.min_replicas, scale.max_replicas).times(scale.regions);
    format!("{mean} instances of {} to {}", scale.min_replicas * scale.regions, scale.max_replicas * scale.regions)
}
