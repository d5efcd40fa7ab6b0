//! The root of a workspace whose services are emitted: what their package manager, their builds and their checks share.

use anyhow::Context;
use serde::Serialize;

use super::Plan;
use super::packages::unrun_scripts;
use super::place::PACKAGES;
use crate::stack::PackageManager;
use crate::stack::parts::WORKSPACE_TOOLS;
use crate::stack::pins::Pins;

/// The root of a workspace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[allow(clippy::struct_excessive_bools, reason = "independent facts that templates ask by name")]
pub struct Workspace {
    /// Name of the project: what the names of its services begin with.
    pub name: String,
    /// Oldest version of Node.js that runs all services.
    pub node_minimum: String,
    /// The package manager, with its version.
    pub package_manager: String,
    /// What a person types to get it.
    pub manager_by_hand: String,
    /// What a person types to install.
    pub install_by_hand: String,
    /// What stands before the name of a script.
    pub run: &'static str,
    /// Patterns of the folders with a package.json.
    pub members: Vec<String>,
    /// Folder of what services share.
    pub packages: &'static str,
    /// Emitted services, in the order of the list.
    pub services: Vec<Member>,
    /// Packages at the root, with their versions.
    pub tools: Vec<Tool>,
    /// Paths that Biome leaves as they are.
    pub unformatted: Vec<String>,
    /// Whether some sources are React.
    pub bundled: bool,
    /// Whether some sources carry decorators.
    pub decorators: bool,
    /// Whether some sources are made of modules that are classes.
    pub modules: bool,
    /// Packages whose install scripts need not run, ordered by name.
    pub unrun_scripts: Vec<&'static str>,
    /// Whether a service has background jobs.
    pub queue: bool,
}

/// A service, for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Member {
    /// Where it lies.
    pub folder: String,
    /// The last part of that.
    pub name: String,
    /// Name of its package.
    pub package: String,
    /// What it is.
    pub description: String,
    /// Its port on a developer's machine.
    pub port: u16,
    /// Its workflow that deploys.
    pub deploy: String,
}

/// A package at the root.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Tool {
    /// Its name.
    pub name: &'static str,
    /// Its version.
    pub version: String,
}

impl Workspace {
    /// The root of the workspace that these services lie in; none where the code of all of them was there before.
    ///
    /// # Errors
    /// When the pins lack a tool: a fault of the tool.
    pub(super) fn of(plans: &[Plan], pins: &Pins) -> anyhow::Result<Option<Self>> {
        let emitted: Vec<&Plan> = plans.iter().filter(|plan| !plan.features.existing).collect();
        let Some(first) = emitted.first() else { return Ok(None) };
        let manager: &PackageManager = first.packages.manager;
        let mut members: Vec<String> = emitted.iter().map(|plan| pattern(&plan.place.folder)).collect();
        members.push(format!("{PACKAGES}/*"));
        members.sort_unstable();
        members.dedup();
        let mut scripts: Vec<&str> = emitted.iter().flat_map(|plan| unrun_scripts(plan)).collect();
        scripts.sort_unstable();
        scripts.dedup();
        let minimum = emitted.iter().max_by_key(|plan| plan.stack.node.parse::<u32>().unwrap_or_default());
        Ok(Some(Self {
            name: project(first).to_owned(),
            node_minimum: minimum.map_or_else(String::new, |plan| plan.stack.node_minimum.to_owned()),
            package_manager: format!("{}@{}", manager.name, first.packages.version),
            manager_by_hand: format!("npm install --global {}", first.packages.specifier),
            install_by_hand: first.packages.install_by_hand.clone(),
            run: manager.run,
            members,
            packages: PACKAGES,
            services: emitted.iter().map(|plan| member(plan)).collect(),
            tools: WORKSPACE_TOOLS.iter().map(|name| tool(name, pins)).collect::<anyhow::Result<_>>()?,
            unformatted: emitted.iter().flat_map(|plan| unformatted(plan)).collect(),
            bundled: emitted.iter().any(|plan| plan.stack.framework.bundled),
            decorators: emitted.iter().any(|plan| plan.stack.framework.decorators),
            modules: emitted.iter().any(|plan| plan.stack.framework.modules),
            unrun_scripts: scripts,
            queue: emitted.iter().any(|plan| plan.features.queue),
        }))
    }
}

/// The folders beside a service, which may hold others.
fn pattern(folder: &str) -> String {
    folder.rsplit_once('/').map_or_else(|| folder.to_owned(), |(parent, _)| format!("{parent}/*"))
}

/// `shop` of the service `shop-api` in the folder `apps/api`.
fn project(plan: &Plan) -> &str {
    let name = plan.project.name.as_str();
    name.strip_suffix(&plan.place.suffix.to_ascii_lowercase()).filter(|it| !it.is_empty()).unwrap_or(name)
}

fn member(plan: &Plan) -> Member {
    Member {
        folder: plan.place.folder.clone(),
        name: plan.place.name.clone(),
        package: plan.project.name.clone(),
        description: plan.project.description.clone(),
        port: plan.place.local_port,
        deploy: plan.place.deploy.clone(),
    }
}

fn tool(name: &'static str, pins: &Pins) -> anyhow::Result<Tool> {
    let version = pins.npm.get(name).with_context(|| format!("pins.toml has no version of {name}"))?;
    Ok(Tool { name, version: version.clone() })
}

fn unformatted(plan: &Plan) -> impl Iterator<Item = String> {
    let paths = plan.data_access.map_or(&[][..], |it| it.unformatted);
    paths.iter().map(|path| format!("{}{path}", plan.place.prefix))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::repository::plans;
    use crate::spec::{Answers, Origin, Spec, Value};

    fn spec(folder: &str, name: &str, set: &[&str]) -> Spec {
        let mut answers = Answers::default();
        let own = format!("deploy.environments=[\"{name}-production\"]");
        for it in
            [&format!("project.name={name}"), "stack.package-manager=pnpm", &own].into_iter().chain(set.iter().copied())
        {
            answers.set_from_flag(it).unwrap();
        }
        answers.set("stack.app-dir", Value::Text(folder.to_owned()), Origin::Directory);
        Spec::new(answers).unwrap()
    }

    #[test]
    fn the_root_has_what_any_of_its_services_needs() {
        let api = spec("apps/api", "shop-api", &["stack.data-access=drizzle", "stack.node=22"]);
        let site = spec("sites/web", "shop-web", &["stack.framework=next", "stack.node=26"]);
        let (shared, _) = plans(&[api, site]).unwrap();
        let root = shared.workspace.unwrap();
        assert_eq!((root.name.as_str(), root.node_minimum.as_str()), ("shop", "26"));
        assert_eq!(root.members, ["apps/*", "packages/*", "sites/*"]);
        assert_eq!(root.unformatted, ["apps/api/migrations/meta"]);
        assert_eq!(root.unrun_scripts, ["esbuild", "sharp"]);
        assert!(root.bundled && !root.queue && !root.decorators);
    }

    #[test]
    fn a_service_at_the_top_is_a_member_itself() {
        assert_eq!((pattern("api").as_str(), pattern("a/b/c").as_str()), ("api", "a/b/*"));
    }
}
