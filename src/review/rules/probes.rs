//! Probes that ask what they should.

use crate::review::read::kubernetes::{Workload, containers};
use crate::review::read::kustomize::{Overlay, split_image};
use crate::review::read::walk::is_source;
use crate::review::{Node, Problem, Repository, Risk, Rule, Severity};

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "probe-path",
        description: "Probes ask for routes that the service has.",
        risk: Risk::Availability,
        severity: Severity::High,
        why: "A probe that gets 404 keeps the pod out of traffic, or restarts it for ever.",
        source: Some("https://kubernetes.io/docs/concepts/workloads/pods/probes/"),
        check: probe_path,
    },
    Rule {
        id: "liveness-alone",
        description: "A liveness probe asks the process only, never its dependencies.",
        risk: Risk::Availability,
        severity: Severity::High,
        why: "When the database is away for a minute, every pod is restarted at once, and the outage outlasts it.",
        source: Some("https://kubernetes.io/docs/concepts/workloads/pods/probes/"),
        check: liveness_alone,
    },
];

const PROBES: [&str; 3] = ["startupProbe", "readinessProbe", "livenessProbe"];

/// Where a check of a dependency shows in code.
const QUERIES: [&str; 8] = [
    "select 1",
    "$queryraw",
    ".ping(",
    "isconnected",
    "checkdatabase",
    "pingcheck",
    "healthcheck.check",
    "raw('select",
];

fn probe_path(repository: &Repository) -> Vec<Problem> {
    if !has_own_code(repository) {
        return Vec::new();
    }
    let mut problems = Vec::new();
    let all = repository.overlays.iter().flat_map(|overlay| {
        containers(overlay).into_iter().map(move |(workload, container)| (overlay, workload, container))
    });
    for (overlay, workload, container) in all {
        if !workload.is_server() || !is_own(repository, overlay, workload, container) {
            continue;
        }
        for path in paths(container).filter(|path| !is_answered(repository, path.text().unwrap_or_default())) {
            problems.push(Problem::new(
                &path.place,
                format!("nothing in the code mentions {}", path.text().unwrap_or_default()),
                "Ask for a route that the service has, or add it.",
            ));
        }
    }
    problems
}

/// Whether something is known about routes: not where none of the code is here, or much of it is elsewhere.
pub(super) fn has_own_code(repository: &Repository) -> bool {
    let has_code = repository.files.keys().any(|path| is_source(path) && !path.starts_with("deploy/"));
    has_code && repository.dockerfiles.len() == 1
}

fn paths(container: &Node) -> impl Iterator<Item = &Node> {
    PROBES.iter().filter_map(|probe| container.at(&[probe, "httpGet", "path"]))
}

/// Whether a container runs what is built here: it gets the keys of the service, or is called like the package.
fn is_own(repository: &Repository, overlay: &Overlay, workload: Workload<'_>, container: &Node) -> bool {
    let image = container.text_at(&["image"]).unwrap_or_default();
    let name = split_image(image).0.rsplit('/').next().unwrap_or_default();
    let package = repository.files.get("package.json").map_or("", String::as_str);
    let is_named = !name.is_empty() && package.contains(&format!("\"{name}\""));
    let variables = workload.environment(overlay, container).variables;
    is_named || variables.iter().any(|it| matches!(it.name.as_str(), "APP_ENV" | "PORT" | "NODE_ENV"))
}

/// Whether the last part of a path stands anywhere in the code, or names a file of it. Prefixes come from routers.
pub(super) fn is_answered(repository: &Repository, path: &str) -> bool {
    let path = path.split('?').next().unwrap_or_default();
    let Some(last) = path.split('/').rfind(|part| !part.is_empty()) else { return true };
    let code = repository.files.iter().filter(|(file, _)| is_source(file));
    code.into_iter().any(|(file, text)| has_word(text, last) || file.split('/').any(|part| part.starts_with(last)))
}

/// Whether a name stands in the code as a text.
pub(super) fn is_quoted(repository: &Repository, name: &str) -> bool {
    let quoted = [format!("\"{name}\""), format!("'{name}'"), format!("`{name}`")];
    let code = repository.files.iter().filter(|(file, _)| is_source(file) && !file.contains("test"));
    code.into_iter().any(|(_, text)| quoted.iter().any(|it| text.contains(it.as_str())))
}

fn has_word(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(start, _)| {
        let is_part = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        !is_part(text[..start].chars().next_back()) && !is_part(text[start + word.len()..].chars().next())
    })
}

fn liveness_alone(repository: &Repository) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (_, container) in
        repository.overlays.iter().flat_map(containers).filter(|(workload, _)| Workload::is_server(workload))
    {
        let Some(path) = container.at(&["livenessProbe", "httpGet", "path"]) else { continue };
        let text = path.text().unwrap_or_default();
        if text.to_lowercase().contains("ready") || asks_dependency(repository, text) {
            problems.push(Problem::new(
                &path.place,
                format!("the liveness probe asks {text}, which also says whether dependencies answer"),
                "Ask a route that answers as long as the process does, such as /livez; leave dependencies to readiness.",
            ));
        }
    }
    problems
}

/// Whether the code after the route's own string asks a dependency, up to the next route.
pub(super) fn asks_dependency(repository: &Repository, path: &str) -> bool {
    const LINES: usize = 20;
    if path.len() < 3 {
        return false;
    }
    let quoted = [format!("\"{path}\""), format!("'{path}'"), format!("`{path}`")];
    let is_route = |line: &str| ["get(", "route(", "path:", "@Get(", "use("].iter().any(|word| line.contains(word));
    let code = repository.files.iter().filter(|(file, _)| is_source(file) && !file.contains("test"));
    code.into_iter().any(|(_, text)| {
        let lines: Vec<&str> = text.lines().collect();
        let starts =
            (0..lines.len()).filter(|at| is_route(lines[*at]) && quoted.iter().any(|it| lines[*at].contains(it)));
        starts.into_iter().any(|start| {
            let handler = lines[start + 1..].iter().take(LINES).take_while(|line| !is_route(line));
            let handler: String =
                std::iter::once(&lines[start]).chain(handler).map(|line| line.to_lowercase()).collect();
            QUERIES.iter().any(|query| handler.contains(query))
        })
    })
}
