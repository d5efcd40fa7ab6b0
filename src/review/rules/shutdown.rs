//! A shutdown that finishes before the platform ends it.

use crate::review::read::compose::{Compose, Service, substituted};
use crate::review::read::ecs::Run;
use crate::review::read::env::EnvKey;
use crate::review::read::kubernetes::apps;
use crate::review::read::quantity::seconds;
use crate::review::{Node, Place, Problem, Repository, Risk, Rule, Severity};

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "hard-limit",
        description: "The service ends a shutdown itself after at most 30 s, and waits for load balancers for less than that.",
        risk: Risk::Availability,
        severity: Severity::Medium,
        why: "A shutdown without a limit of its own is ended by the platform in the middle of a request, or holds up every deploy.",
        source: None,
        check: hard_limit,
    },
    Rule {
        id: "grace-period",
        description: "preStop, the service's own limit and a margin fit into the platform's grace period.",
        risk: Risk::Availability,
        severity: Severity::High,
        why: "The platform kills the process while it still answers requests or writes, on every deploy.",
        source: Some("https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination"),
        check: grace_period,
    },
    Rule {
        id: "keep-alive",
        description: "The service keeps idle connections longer than the load balancer in front of it.",
        risk: Risk::Availability,
        severity: Severity::Medium,
        why: "The proxy sends a request on a connection that the service is just closing, and the client gets a 502 now and then.",
        source: Some("https://nodejs.org/api/http.html#serverkeepalivetimeout"),
        check: keep_alive,
    },
];

const MOST_MS: f64 = 30_000.0;
/// From the last timer in the service to the platform's signal: process exit, and clocks that start at different times.
const MARGIN_SECONDS: f64 = 3.0;
/// Docker's own stop timeout.
const DOCKER_GRACE_SECONDS: f64 = 10.0;
/// How long Caddy keeps an idle connection to an upstream.
const CADDY_KEEP_ALIVE_SECONDS: f64 = 120.0;
/// Node's own `server.keepAliveTimeout`.
const NODE_KEEP_ALIVE_SECONDS: f64 = 5.0;
/// ECS' own stopTimeout.
const ECS_STOP_SECONDS: f64 = 30.0;
/// How long an Application Load Balancer keeps an idle connection, unless it is told otherwise.
const ALB_IDLE_SECONDS: f64 = 60.0;
/// Kubernetes' own terminationGracePeriodSeconds.
const KUBERNETES_GRACE_SECONDS: f64 = 30.0;

fn hard_limit(repository: &Repository) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut stated: Vec<(Place, f64)> = Vec::new();
    if let Some(key) = repository.key("SHUTDOWN_TIMEOUT_MS") {
        stated.extend(key.number().map(|limit| (key.place.clone(), limit)));
        stated.extend(key.max.map(|limit| (key.place.clone(), limit)));
        if let Some(delay) =
            repository.key("SHUTDOWN_DELAY_MS").filter(|delay| delay.number() >= key.number() && key.number().is_some())
        {
            problems.push(Problem::new(
                &delay.place,
                "the wait before the service stops listening takes the whole shutdown limit",
                "Make the default of SHUTDOWN_DELAY_MS smaller than that of SHUTDOWN_TIMEOUT_MS.",
            ));
        }
    }
    if let Some(entry) = repository.env_example.as_ref().and_then(|file| file.get("SHUTDOWN_TIMEOUT_MS")) {
        stated.extend(entry.value.parse().ok().map(|limit| (entry.place.clone(), limit)));
    }
    let services = repository.compose.iter().flat_map(Compose::servers);
    stated.extend(services.filter_map(|service| own_value(&service, "SHUTDOWN_TIMEOUT_MS")));
    for overlay in &repository.overlays {
        for (workload, container) in apps(overlay) {
            let variables = workload.environment(overlay, container).variables;
            let variable = variables.into_iter().find(|variable| variable.name == "SHUTDOWN_TIMEOUT_MS");
            stated.extend(variable.and_then(|variable| Some((variable.place, variable.value?.parse().ok()?))));
        }
    }
    for run in repository.ecs.apps().iter().flat_map(|task| repository.ecs.runs(task)) {
        stated.extend(run_value(&run, "SHUTDOWN_TIMEOUT_MS"));
    }
    problems.extend(long_delays(repository));
    problems.extend(stated.into_iter().filter(|(_, limit)| *limit > MOST_MS).map(|(place, limit)| {
        Problem::new(&place, format!("lets a shutdown take {limit} ms"), "Keep SHUTDOWN_TIMEOUT_MS at 30000 or less.")
    }));
    problems
}

type Wait = (Option<(Place, f64)>, Option<f64>);

/// Where a place that runs the service gives it a wait that takes its whole limit.
fn long_delays(repository: &Repository) -> Vec<Problem> {
    // The wait with its place, and the limit, where each is given.
    let mut given: Vec<Wait> = Vec::new();
    for service in repository.compose.iter().flat_map(Compose::servers) {
        let limit = own_value(&service, "SHUTDOWN_TIMEOUT_MS").map(|(_, limit)| limit);
        given.push((own_value(&service, "SHUTDOWN_DELAY_MS"), limit));
    }
    for overlay in &repository.overlays {
        for (workload, container) in apps(overlay) {
            let environment = workload.environment(overlay, container);
            let limit = environment.value("SHUTDOWN_TIMEOUT_MS").and_then(|limit| limit.parse().ok());
            let delay = environment.variables.iter().rev().find(|variable| variable.name == "SHUTDOWN_DELAY_MS");
            let delay = delay.and_then(|it| Some((it.place.clone(), it.value.as_deref()?.parse().ok()?)));
            given.push((delay, limit));
        }
    }
    for run in repository.ecs.apps().iter().flat_map(|task| repository.ecs.runs(task)) {
        let limit = run_value(&run, "SHUTDOWN_TIMEOUT_MS").map(|(_, limit)| limit);
        given.push((run_value(&run, "SHUTDOWN_DELAY_MS"), limit));
    }
    let default = repository.key("SHUTDOWN_TIMEOUT_MS").and_then(EnvKey::number);
    let long = given.into_iter().filter_map(|(delay, limit)| {
        let (place, delay) = delay?;
        let limit = limit.or(default)?;
        (delay >= limit).then_some((place, delay, limit))
    });
    long.map(|(place, delay, limit)| {
        Problem::new(
            &place,
            format!("waits {delay} ms before it stops listening, of {limit} ms for the whole shutdown"),
            "Make SHUTDOWN_DELAY_MS smaller than SHUTDOWN_TIMEOUT_MS by what the longest request takes.",
        )
    })
    .collect()
}

fn own_value(service: &Service<'_>, name: &str) -> Option<(Place, f64)> {
    let variable = service.variable(name)?;
    let value = substituted(variable.value.as_deref()?)?.parse().ok()?;
    Some((variable.place, value))
}

/// The same of a task of ECS.
fn run_value(run: &Run, name: &str) -> Option<(Place, f64)> {
    let variable = run.variables.iter().rev().find(|variable| variable.name == name)?;
    Some((variable.place.clone(), variable.value.as_deref()?.parse().ok()?))
}

fn grace_period(repository: &Repository) -> Vec<Problem> {
    let Some(default) = repository.key("SHUTDOWN_TIMEOUT_MS").and_then(EnvKey::number) else {
        return Vec::new();
    };
    let mut problems = Vec::new();
    for service in repository.compose.iter().flat_map(Compose::servers) {
        let stated = service.node.get("stop_grace_period");
        let grace = stated.map_or(Some(DOCKER_GRACE_SECONDS), |node| node.text().and_then(seconds));
        let limit = own_value(&service, "SHUTDOWN_TIMEOUT_MS").map_or(default, |(_, limit)| limit);
        let place = stated.map_or(service.place, |node| &node.place);
        problems.extend(too_short(place, "stop_grace_period", grace, 0.0, limit / 1000.0));
    }
    for overlay in &repository.overlays {
        for (workload, container) in apps(overlay).into_iter().filter(|(workload, _)| workload.is_server()) {
            let stated = workload.template.at(&["spec", "terminationGracePeriodSeconds"]);
            let grace = stated.map_or(Some(KUBERNETES_GRACE_SECONDS), |node| node.text()?.parse().ok());
            let given = workload.environment(overlay, container);
            let limit = given.value("SHUTDOWN_TIMEOUT_MS").and_then(|limit| limit.parse().ok()).unwrap_or(default);
            let place = stated.map_or(&workload.object.place, |node| &node.place);
            let pre_stop = pre_stop_seconds(container);
            problems.extend(too_short(place, "terminationGracePeriodSeconds", grace, pre_stop, limit / 1000.0));
        }
    }
    for task in repository.ecs.apps() {
        let stated = task.container.get("stopTimeout");
        let grace = stated.map_or(Some(ECS_STOP_SECONDS), |node| node.text()?.parse().ok());
        let place = stated.map_or(&task.container.place, |node| &node.place);
        let limits = repository.ecs.runs(&task).into_iter();
        let limits = limits.map(|run| run_value(&run, "SHUTDOWN_TIMEOUT_MS").map_or(default, |(_, limit)| limit));
        let limit = limits.fold(0.0, f64::max);
        problems.extend(too_short(place, "stopTimeout", grace, 0.0, limit / 1000.0));
    }
    problems
}

fn pre_stop_seconds(container: &Node) -> f64 {
    let hook = container.at(&["lifecycle", "preStop"]);
    let sleep = hook.and_then(|hook| hook.text_at(&["sleep", "seconds"])?.parse().ok());
    // `sleep 10` as a command, in any of its spellings.
    let command = || {
        let words = hook?.at(&["exec", "command"])?.scalars();
        let text: Vec<&str> = words.iter().filter_map(|word| word.text()).collect();
        text.join(" ").split_once("sleep ")?.1.split_whitespace().next()?.parse().ok()
    };
    sleep.or_else(command).unwrap_or(0.0)
}

fn too_short(place: &Place, field: &str, grace: Option<f64>, pre_stop: f64, limit: f64) -> Option<Problem> {
    let needed = pre_stop + limit + MARGIN_SECONDS;
    let Some(grace) = grace else {
        return Some(Problem::new(
            place,
            format!("{field} is not a length of time"),
            "Write it as 30s (compose) or 30 (Kubernetes).",
        ));
    };
    (needed >= grace).then(|| {
        let hook = if pre_stop > 0.0 { format!("preStop {pre_stop} s + ") } else { String::new() };
        Problem::new(
            place,
            format!("{field} is {grace} s, but a shutdown may take {hook}{limit} s + {MARGIN_SECONDS} s margin"),
            format!("Make it more than {needed} s, or shorten SHUTDOWN_TIMEOUT_MS or preStop."),
        )
    })
}

/// How long proxies keep an idle connection to the service, where the files say so.
fn proxy_idle(repository: &Repository) -> Vec<(Place, f64)> {
    let mut idle = Vec::new();
    for (path, text) in &repository.files {
        if path.ends_with("Caddyfile") {
            idle.extend(caddy_idle(path, text));
        }
    }
    let balanced = repository.ecs.services.iter().filter_map(|(_, service)| service.get("loadBalancers"));
    idle.extend(balanced.map(|balancers| (balancers.place.clone(), ALB_IDLE_SECONDS)));
    for object in repository.overlays.iter().flat_map(|overlay| &overlay.objects) {
        for (name, value) in object.entries_at(&["metadata", "annotations"]) {
            let text = value.text().unwrap_or_default();
            let seconds = match name.text() {
                Some("alb.ingress.kubernetes.io/load-balancer-attributes") => {
                    text.split(',').find_map(|pair| pair.trim().strip_prefix("idle_timeout.timeout_seconds="))
                }
                Some("service.beta.kubernetes.io/aws-load-balancer-connection-idle-timeout") => Some(text),
                _ => None,
            };
            idle.extend(seconds.and_then(|seconds| Some((value.place.clone(), seconds.parse().ok()?))));
        }
        // Google's load balancers keep idle backend connections for 600 s, which no field changes.
        let is_google =
            object.text_at(&["apiVersion"]).is_some_and(|version| version.starts_with("networking.gke.io/"))
                || object.text_at(&["spec", "ingressClassName"]) == Some("gce")
                || object.text_at(&["metadata", "annotations", "kubernetes.io/ingress.class"]) == Some("gce")
                || object.text_at(&["spec", "gatewayClassName"]).is_some_and(|class| class.starts_with("gke-"));
        idle.extend(is_google.then(|| (object.place.clone(), 600.0)));
    }
    idle
}

/// The `keepalive` of Caddy's transport to the service, or its default.
fn caddy_idle(path: &str, text: &str) -> Option<(Place, f64)> {
    let line_of = |word: &str| text.lines().position(|line| line.trim().starts_with(word)).map(|index| index + 1);
    let proxy = line_of("reverse_proxy")?;
    let stated = line_of("keepalive ").and_then(|line| {
        let value = text.lines().nth(line - 1)?.trim().strip_prefix("keepalive ")?;
        Some((Place::line(path, line), seconds(value.trim())?))
    });
    stated.or_else(|| Some((Place::line(path, proxy), CADDY_KEEP_ALIVE_SECONDS)))
}

/// What Node loads before a service that has no shutdown of its own.
const PRELOADED: &str = "deploy/image/probes.mjs";

/// `keepAliveTimeout: 65_000` in the service's own code, or a constant of the same file (`KEEP_ALIVE_MS`) in that place.
fn service_keep_alive(repository: &Repository) -> Option<(Place, f64)> {
    // Of a workspace the sources lie in the folder of the service.
    let is_source = |path: &str| path.starts_with("src/") || path.contains("/src/");
    let is_own = |path: &str| is_source(path) || path == PRELOADED || path.ends_with(&format!("/{PRELOADED}"));
    let code = repository.files.iter().filter(|(path, _)| is_own(path));
    code.into_iter().find_map(|(path, text)| {
        text.lines().enumerate().find_map(|(index, line)| {
            let (_, after) = line.split_once("keepAliveTimeout")?;
            let value = after.trim_start_matches([':', '=', ' ']);
            let name: String = value.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
            let milliseconds = product(value).or_else(|| {
                let (_, value) = text.split_once(&format!("const {name} ="))?;
                product(value)
            });
            Some((Place::line(path, index + 1), milliseconds? / 1000.0))
        })
    })
}

/// `65 * 1000` or `65_000`, up to what ends the expression.
fn product(text: &str) -> Option<f64> {
    let expression = text.split([';', ',', '}', '\n']).next()?;
    let factors = expression.split('*').map(|factor| factor.trim().replace('_', "").parse::<f64>());
    factors.product::<Result<f64, _>>().ok()
}

fn keep_alive(repository: &Repository) -> Vec<Problem> {
    let (own, origin) = service_keep_alive(repository).map_or_else(
        || (NODE_KEEP_ALIVE_SECONDS, "Node's default".to_owned()),
        |(place, seconds)| (seconds, place.file.to_string()),
    );
    proxy_idle(repository)
        .into_iter()
        .filter(|(_, idle)| *idle >= own)
        .map(|(proxy, idle)| {
            Problem::new(
                &proxy,
                format!("idle connections live {idle} s here and {own} s in the service ({origin})"),
                "Keep them longer in the service than in the proxy: a connection that the service closes first loses a request.",
            )
        })
        .collect()
}
