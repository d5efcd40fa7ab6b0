//! What Amazon ECS runs, as its API takes it in JSON: task definitions, services, what scales them; and, from `CloudFormation`,
//! the target groups in front of them. They are told by what they hold, whatever their files are called.

use std::collections::BTreeMap;

use super::compose::Variable;
use crate::review::{Node, parse};

/// The definitions of a repository, each with the folder that it lies in, with a `/` at the end.
#[derive(Default)]
pub(crate) struct Ecs {
    /// Task definitions.
    pub(crate) tasks: Vec<(String, Node)>,
    /// Services.
    pub(crate) services: Vec<(String, Node)>,
    /// Limits of autoscalers.
    targets: Vec<(String, Node)>,
    /// Lists of variables, which a deploy puts into the tasks of this folder or of the one above.
    environments: Vec<(String, Node)>,
    /// Target groups.
    pub(crate) target_groups: Vec<Node>,
}

/// The container of a task that has one: with others beside it, which one is the application's nobody says.
pub(crate) struct Task<'a> {
    pub(crate) node: &'a Node,
    pub(crate) container: &'a Node,
}

/// One environment that a task runs in.
pub(crate) struct Run {
    pub(crate) variables: Vec<Variable>,
    /// There are more variables than can be seen.
    pub(crate) is_open: bool,
}

/// Reads them.
pub(crate) fn read(files: &BTreeMap<String, String>, documents: &BTreeMap<String, Vec<Node>>) -> Ecs {
    let mut ecs = Ecs::default();
    for (path, text) in files.iter().filter(|(path, _)| path.ends_with(".json")) {
        // JSON is YAML. What does not parse is no definition: deploys, and whoever wrote it, hear of it elsewhere.
        let Some(node) = parse(path, text).ok().and_then(|documents| documents.into_iter().next()) else { continue };
        let (folder, name) = path.rsplit_once('/').map_or(("", path.as_str()), |(folder, name)| (folder, name));
        let folder = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        if node.get("containerDefinitions").is_some() {
            ecs.tasks.push((folder, node));
        } else if node.get("serviceName").is_some() && node.get("taskDefinition").is_some() {
            ecs.services.push((folder, node));
        } else if node.get("ScalableDimension").is_some() && node.get("MaxCapacity").is_some() {
            ecs.targets.push((folder, node));
        } else if name == "environment.json" && !node.items().is_empty() {
            ecs.environments.push((folder, node));
        }
    }
    let stacks = documents.values().flatten().flat_map(|document| document.entries_at(&["Resources"]));
    let groups = stacks.filter(|(_, it)| it.text_at(&["Type"]) == Some("AWS::ElasticLoadBalancingV2::TargetGroup"));
    ecs.target_groups = groups.map(|(_, it)| it.clone()).collect();
    ecs
}

impl Task<'_> {
    /// Whether it starts what its image starts: migrations do not.
    pub(crate) fn is_server(&self) -> bool {
        self.container.get("command").is_none()
    }

    /// Its memory limit, MiB, and where that stands.
    pub(crate) fn memory(&self) -> Option<(&Node, Option<f64>)> {
        let limit = self.container.get("memory").or_else(|| self.node.get("memory"))?;
        Some((limit, limit.text().and_then(|text| text.parse().ok())))
    }

    /// The name of its container.
    pub(crate) fn name(&self) -> &str {
        self.container.text_at(&["name"]).unwrap_or("task")
    }
}

impl Ecs {
    /// The tasks with one container.
    pub(crate) fn apps(&self) -> Vec<Task<'_>> {
        let single = self.tasks.iter().filter_map(|(_, node)| match node.items_at(&["containerDefinitions"]) {
            [container] => Some(Task { node, container }),
            _ => None,
        });
        single.collect()
    }

    /// Each environment that a task runs in: with the variables of its own, and those of one list for it.
    pub(crate) fn runs(&self, task: &Task<'_>) -> Vec<Run> {
        let folder = task.node.place.file.rsplit_once('/').map_or("", |(folder, _)| folder);
        let own = variables(task.container.items_at(&["environment"]));
        let secrets = task.container.items_at(&["secrets"]).iter().filter_map(|secret| {
            let name = secret.text_at(&["name"])?.to_owned();
            Some(Variable { name, value: None, place: secret.place.clone() })
        });
        let own: Vec<Variable> = own.into_iter().chain(secrets).collect();
        let is_open = task.container.get("environmentFiles").is_some();
        let lists: Vec<&Node> =
            self.environments.iter().filter(|(it, _)| is_of(folder, it)).map(|(_, list)| list).collect();
        let of = |list: &[Node]| Run { variables: own.iter().cloned().chain(variables(list)).collect(), is_open };
        if lists.is_empty() { vec![of(&[])] } else { lists.into_iter().map(|list| of(list.items())).collect() }
    }

    /// The variables of the folder of a service.
    pub(crate) fn environment_of(&self, folder: &str) -> Vec<Variable> {
        self.environments.iter().filter(|(it, _)| it == folder).flat_map(|(_, list)| variables(list.items())).collect()
    }

    /// Most tasks that a service has, and where that stands.
    pub(crate) fn most_tasks<'a>(&'a self, folder: &str, service: &'a Node) -> Option<&'a Node> {
        let name = service.text_at(&["serviceName"])?;
        let is_its = |target: &Node| {
            let resource = target.text_at(&["ResourceId"]).unwrap_or_default();
            resource.rsplit('/').next() == Some(name)
        };
        let target = self.targets.iter().find(|(it, target)| it == folder && is_its(target));
        target.and_then(|(_, target)| target.get("MaxCapacity")).or_else(|| service.get("desiredCount"))
    }
}

/// Whether a list of variables in `folder` is for the tasks in `tasks`: that folder, or one below.
fn is_of(tasks: &str, folder: &str) -> bool {
    let folder = folder.trim_end_matches('/');
    folder == tasks || folder.rsplit_once('/').is_some_and(|(above, _)| above == tasks)
}

fn variables(list: &[Node]) -> Vec<Variable> {
    let named = list.iter().filter_map(|entry| {
        let value = entry.get("value").and_then(|value| value.text()).map(str::to_owned);
        Some(Variable { name: entry.text_at(&["name"])?.to_owned(), value, place: entry.place.clone() })
    });
    named.collect()
}
