//! How an image starts, says that it is healthy, and which Node.js it runs.

use crate::review::read::compose::{Compose, Service};
use crate::review::read::dockerfile::{Dockerfile, is_exec_form, words};
use crate::review::read::kustomize::split_image;
use crate::review::{Node, Place, Problem, Repository, Risk, Rule, Severity};

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "starts-node",
        description: "A container starts node itself, with no shell or package manager in between.",
        risk: Risk::Availability,
        severity: Severity::High,
        why: "The platform's SIGTERM goes to process 1. A shell or npm in that place may not pass it on: requests are cut when \
              the grace period ends, on every deploy.",
        source: Some("https://docs.docker.com/build/building/best-practices/#cmd"),
        check: starts_node,
    },
    Rule {
        id: "healthcheck-runs",
        description: "A healthcheck uses only what its image has.",
        risk: Risk::Availability,
        severity: Severity::High,
        why: "The check always fails: the container is never healthy, and whatever waits for it never starts.",
        source: Some("https://docs.docker.com/reference/dockerfile/#healthcheck"),
        check: healthcheck_runs,
    },
    Rule {
        id: "node-supported",
        description: "Images run a Node.js version that still gets security fixes.",
        risk: Risk::Security,
        severity: Severity::Medium,
        why: "Holes found from then on stay open.",
        source: Some("https://nodejs.org/en/about/previous-releases"),
        check: node_supported,
    },
];

/// Versions whose time is over, with the day of their last fixes.
const ENDED: [(u32, &str); 6] = [
    (18, "2025-04-30"),
    (19, "2023-06-01"),
    (20, "2026-04-30"),
    (21, "2024-06-01"),
    (23, "2025-06-01"),
    (25, "2026-06-01"),
];

const MANAGERS: [&str; 6] = ["npm", "npx", "yarn", "pnpm", "pnpx", "bunx"];

fn starts_node(repository: &Repository) -> Vec<Problem> {
    let images = repository.dockerfiles.iter().filter(|image| !image.is_development() && image.is_node());
    let mut problems: Vec<Problem> = images.filter_map(of_image).collect();
    for (compose, service) in repository.production_services() {
        let is_node = repository.image_of(&service).is_some_and(Dockerfile::is_node);
        let command = service.node.get("entrypoint").or_else(|| service.node.get("command"));
        if let Some(command) = command.filter(|_| is_node && !compose.runs_once(&service)) {
            let words: Vec<String> = command.scalars().iter().filter_map(|it| it.text()).map(str::to_owned).collect();
            problems.extend(between(&words.join(" ")).map(|what| said(&command.place, &what)));
        }
    }
    problems
}

fn of_image(image: &Dockerfile) -> Option<Problem> {
    let entrypoint = image.last("ENTRYPOINT");
    let command = image.last("CMD");
    let first = entrypoint.or(command)?;
    if !is_exec_form(first) && !first.rest.starts_with("exec ") {
        return Some(said(&first.place, "a shell, since the command is no JSON list,"));
    }
    let all: Vec<String> = [entrypoint, command].into_iter().flatten().flat_map(words).collect();
    let place =
        command.filter(|_| entrypoint.is_none_or(|it| between(&words(it).join(" ")).is_none())).unwrap_or(first);
    between(&all.join(" ")).map(|what| said(&place.place, &what))
}

/// What stands between the platform and node. A small init (`tini`, `dumb-init`) passes signals on.
fn between(command: &str) -> Option<String> {
    let mut words = command.split_whitespace().skip_while(|word| {
        let name = word.rsplit('/').next().unwrap_or(word);
        matches!(name, "tini" | "dumb-init" | "docker-init" | "--" | "-g" | "-s" | "docker-entrypoint.sh")
    });
    let first = words.next()?;
    let name = first.rsplit('/').next().unwrap_or(first);
    if MANAGERS.contains(&name) {
        return Some(name.to_owned());
    }
    // Bun is a runtime as well: `bun run start` names a script, `bun run src/server.ts` a file.
    if name == "bun" && words.next() == Some("run") && words.next().is_some_and(|word| !word.contains(['.', '/'])) {
        return Some("bun run".to_owned());
    }
    let is_shell = matches!(name, "sh" | "bash" | "ash") && command.contains(" -c");
    (is_shell && !command.contains("exec ")).then(|| "a shell".to_owned())
}

fn said(place: &Place, what: &str) -> Problem {
    Problem::new(
        place,
        format!("{what} stands between the platform's signals and node"),
        "Start node itself: CMD [\"node\", \"dist/server.js\"], or end the script with exec node.",
    )
}

fn healthcheck_runs(repository: &Repository) -> Vec<Problem> {
    let mut problems = Vec::new();
    for image in &repository.dockerfiles {
        if let Some(check) = image.last("HEALTHCHECK").filter(|check| !check.rest.eq_ignore_ascii_case("none")) {
            problems.extend(missing_tool(image, &check.rest).map(|tool| no_tool(&check.place, tool)));
        }
    }
    for service in repository.compose.iter().flat_map(Compose::services) {
        if let Some((test, image)) = tested(repository, &service) {
            let words: Vec<&str> = test.scalars().into_iter().filter_map(Node::text).collect();
            problems.extend(missing_tool(image, &words.join(" ")).map(|tool| no_tool(&test.place, tool)));
        }
    }
    problems
}

fn tested<'a>(repository: &'a Repository, service: &Service<'a>) -> Option<(&'a Node, &'a Dockerfile)> {
    Some((service.node.at(&["healthcheck", "test"])?, repository.image_of(service)?))
}

/// The tool of a check that the image's base does not bring and no RUN installs.
fn missing_tool(image: &Dockerfile, check: &str) -> Option<&'static str> {
    let (_, base) = image.base()?;
    let (name, tag) = split_image(&base);
    let name = name.rsplit('/').next().unwrap_or(name);
    let is_official = matches!(name, "node" | "debian" | "alpine" | "ubuntu");
    let has: &[&str] = match () {
        () if base.contains("distroless") => &[],
        () if is_official && (name == "alpine" || tag.contains("alpine")) => &["wget"],
        () if is_official && (name != "node" || tag.contains("slim")) => &[],
        () => return None,
    };
    let installs = |tool: &str| image.final_image().iter().any(|it| it.word == "RUN" && it.rest.contains(tool));
    let copies = |tool: &str| image.final_image().iter().any(|it| it.word == "COPY" && it.rest.contains(tool));
    let is_used = |tool: &str| check.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').any(|word| word == tool);
    ["curl", "wget"].into_iter().find(|tool| is_used(tool) && !has.contains(tool) && !installs(tool) && !copies(tool))
}

fn no_tool(place: &Place, tool: &str) -> Problem {
    Problem::new(
        place,
        format!("the check calls {tool}, which the image does not have"),
        "Ask with node: node -e \"fetch('http://127.0.0.1:3000/readyz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))\".",
    )
}

fn node_supported(repository: &Repository) -> Vec<Problem> {
    let mut problems = Vec::new();
    for image in &repository.dockerfiles {
        for from in image.all("FROM") {
            let words = from.rest.split_whitespace().find(|word| !word.starts_with("--"));
            let base = image.expanded(words.unwrap_or_default());
            let (name, tag) = split_image(&base);
            let major = tag.trim_start_matches(':').split(['.', '-', '@']).next().and_then(|it| it.parse::<u32>().ok());
            let is_node = name.rsplit('/').next() == Some("node");
            let Some(major) = major.filter(|_| is_node) else { continue };
            let end = ENDED.iter().find(|(version, _)| *version == major).map(|(_, end)| *end);
            let end = if major < 18 { Some("2023-09-11 or earlier") } else { end };
            problems.extend(end.map(|end| {
                Problem::new(
                    &from.place,
                    format!("Node.js {major} has had no fixes since {end}"),
                    "Move to a version with long-term support.",
                )
            }));
        }
    }
    problems
}
