//! What several services of one repository share: a local port for each, names that are each of one, and the files that GitHub
//! reads once.

use std::collections::BTreeSet;

use serde::Serialize;

use super::{Place, Plan, Workspace, plan_at};
use crate::failure::usage;
use crate::spec::Spec;
use crate::spec::file::ANSWERS_FILE;
use crate::stack::pins::Pins;
use crate::text::json_list;

/// Several services, in the order of their list.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Repository {
    /// For the workflow that checks pull requests, and for Dependabot.
    pub services: Vec<Service>,
    /// Package managers, as Dependabot calls them.
    pub ecosystems: Vec<&'static str>,
    /// Folders with a Dockerfile or pods, as a list in YAML.
    pub docker_folders: String,
    /// Folders with a compose file, the same way.
    pub compose_folders: String,
    /// Whether one of them has a database.
    pub database: bool,
    /// Jobs that all have to pass, as a list in YAML.
    pub jobs: String,
    /// The root of the workspace, where it is emitted too.
    pub workspace: Option<Workspace>,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Service {
    /// Name of its job.
    pub name: String,
    /// Where its files lie.
    pub place: Place,
}

/// Jobs of the shared workflow that are of no service.
const SHARED_JOBS: [&str; 6] = ["changes", "drift", "dependencies", "workflows", "codeql", "secrets"];

/// Makes the plan of each service, and what they share. Their folders are those of the answers.
///
/// # Errors
/// Exit 2 for names that two of them have, and as [`super::plan`].
pub fn plans(specs: &[Spec]) -> anyhow::Result<(Repository, Vec<Plan>)> {
    check_names(specs)?;
    let mut ports = BTreeSet::new();
    let mut plans = Vec::new();
    for spec in specs {
        let port = free_port(spec.port, &ports);
        ports.insert(port);
        let plan = plan_at(spec, Place::within(spec, port));
        plans.push(plan.map_err(|error| error.context(format!("planning {}", spec.app_dir)))?);
    }
    let workspace = Workspace::of(&plans, &Pins::embedded()?)?;
    Ok((shared(&plans, workspace), plans))
}

/// The service's own port on the developer's machine, else the next one that is free.
fn free_port(own: u16, taken: &BTreeSet<u16>) -> u16 {
    (own..=u16::MAX).chain(1024..own).find(|port| !taken.contains(port)).unwrap_or(own)
}

/// Names that machines, clusters and GitHub know all services by.
fn check_names(specs: &[Spec]) -> anyhow::Result<()> {
    let mut problems = Vec::new();
    for (index, spec) in specs.iter().enumerate() {
        for other in &specs[..index] {
            let (own, first) = (&spec.app_dir, &other.app_dir);
            if spec.name == other.name {
                problems.push(format!(
                    "{own}/{ANSWERS_FILE}: project.name: {first} is called {:?} too; images, machines and namespaces have that name",
                    spec.name
                ));
            }
            let same = |name: &&String| other.deploy.environments.contains(name);
            if let Some(name) = spec.deploy.environments.iter().find(same) {
                problems.push(format!(
                    "{own}/{ANSWERS_FILE}: deploy.environments: {first} has {name:?} too; an environment of GitHub holds the address \
                     and the secrets of one service"
                ));
            }
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(usage(problems.join("\n"))) }
}

fn shared(plans: &[Plan], workspace: Option<Workspace>) -> Repository {
    let folder = |plan: &Plan, below: &str| format!("/{}{below}", plan.place.folder);
    let mut ecosystems: Vec<&str> = plans.iter().map(|plan| plan.packages.manager.ecosystem).collect();
    ecosystems.sort_unstable();
    ecosystems.dedup();
    let poolers = plans.iter().filter(|plan| plan.features.pooler);
    let docker = plans
        .iter()
        .map(|plan| folder(plan, ""))
        .chain(poolers.map(|plan| folder(plan, "/deploy/kubernetes/base/pgbouncer")));
    let hosts = plans.iter().filter(|plan| plan.platform.compose);
    let compose = plans.iter().map(|plan| folder(plan, "")).chain(hosts.map(|plan| folder(plan, "/deploy/compose")));
    let services: Vec<Service> =
        plans.iter().map(|plan| Service { name: plan.place.name.clone(), place: plan.place.clone() }).collect();
    let jobs = SHARED_JOBS.iter().map(|name| (*name).to_owned());
    let jobs: Vec<String> = jobs.chain(services.iter().map(|it| format!("service-{}", it.name))).collect();
    Repository {
        ecosystems,
        docker_folders: json_list(&docker.collect::<Vec<_>>()),
        compose_folders: json_list(&compose.collect::<Vec<_>>()),
        database: plans.iter().any(|plan| plan.features.database),
        jobs: format!("[{}]", jobs.join(", ")),
        services,
        workspace,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::{Answers, Existing, Managed, Origin};

    fn spec(folder: &str, name: &str, set: &[&str]) -> Spec {
        let mut answers = Answers::default();
        let own = format!("deploy.environments=[\"{name}-production\"]");
        for it in [format!("project.name={name}"), format!("stack.app-dir={folder}"), own] {
            answers.set_from_flag(&it).unwrap();
        }
        for it in set {
            answers.set_from_flag(it).unwrap();
        }
        let mut existing = Existing::empty(Origin::Default);
        existing.start = vec!["server.js".to_owned()];
        existing.package_manager = Some(Managed::parse("npm@11.19.1").unwrap());
        existing.packages = vec!["packages/db".to_owned()];
        existing.depends_on = vec!["packages/config".to_owned()];
        existing.install_files = ["package-lock.json", ".npmrc", "patches/"].map(ToOwned::to_owned).into();
        answers.set_existing(existing);
        Spec::new(answers).unwrap()
    }

    #[test]
    fn each_service_has_a_local_port_of_its_own_and_its_own_port_inside() {
        let specs =
            [spec("apps/api", "shop-api", &[]), spec("apps/web", "shop-web", &[]), spec("apps/x", "shop-x", &[])];
        let (_, plans) = plans(&specs).unwrap();
        let ports: Vec<(u16, u16)> = plans.iter().map(|plan| (plan.stack.port, plan.place.local_port)).collect();
        assert_eq!(ports, [(3000, 3000), (3000, 3001), (3000, 3002)]);
        assert_eq!(free_port(u16::MAX, &BTreeSet::from([u16::MAX])), 1024);
    }

    #[test]
    fn names_that_two_services_have_are_refused_with_both_places() {
        let specs = [
            spec("apps/api", "shop", &[]),
            spec("apps/web", "shop", &[r#"deploy.environments=["staging","shop-production"]"#]),
        ];
        let message = plans(&specs).unwrap_err().to_string();
        assert!(
            message.contains("apps/web/seaworthy.toml: project.name: apps/api is called \"shop\" too"),
            "{message}"
        );
        assert!(message.contains("deploy.environments: apps/api has \"shop-production\" too"), "{message}");
    }

    #[test]
    fn what_a_service_is_made_of_deploys_it_and_nothing_else_does() {
        let (_, plans) = plans(&[spec("apps/api", "shop-api", &[])]).unwrap();
        let expected = [
            "*",
            "!*.md",
            "!seaworthy.toml",
            "apps/api/**",
            "packages/db/**",
            "packages/config/**",
            ".npmrc",
            "patches/**",
            ".github/workflows/ci-api.yml",
            ".github/workflows/deploy-api.yml",
        ];
        assert_eq!(plans[0].place.paths, expected);
    }
}
