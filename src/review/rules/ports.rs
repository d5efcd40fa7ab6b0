//! One port everywhere.

use crate::review::read::compose::{Compose, substituted};
use crate::review::read::kubernetes::{Workload, apps, declares_port, match_labels, of_kind, workloads};
use crate::review::{Node, Place, Problem, Repository, Risk, Rule, Severity};

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "one-port",
        description: "The port of the service is the same in the env schema, the image, compose, Kubernetes and the proxy.",
        risk: Risk::Availability,
        severity: Severity::High,
        why: "Whoever asks the wrong port gets no answer: health checks fail and the rollout stops, or the proxy answers 502.",
        source: None,
        check: one_port,
    },
    Rule {
        id: "declared-ports",
        description: "Probes, Services and network policies use ports that the pods declare.",
        risk: Risk::Availability,
        severity: Severity::High,
        why: "A probe or a Service that names a port nobody listens on leaves the pods out of traffic.",
        source: Some("https://kubernetes.io/docs/concepts/services-networking/service/"),
        check: declared_ports,
    },
];

/// Somewhere that says which port the service listens on.
struct Claim {
    place: Place,
    port: String,
}

fn one_port(repository: &Repository) -> Vec<Problem> {
    // Which of several services a port belongs to, only the schema tells.
    if repository.key("PORT").is_none() {
        return published(repository);
    }
    let mut claims = image_claims(repository);
    claims.extend(env_claims(repository));
    claims.extend(compose_claims(repository));
    claims.extend(kubernetes_claims(repository));
    claims.extend(ecs_claims(repository));
    claims.extend(proxy_claims(repository));
    // The schema's default decides; without one, whoever comes first.
    let schema = repository.key("PORT").and_then(|key| key.default.clone());
    let Some(port) = schema.or_else(|| claims.first().map(|claim| claim.port.clone())) else {
        return Vec::new();
    };
    claims
        .iter()
        .filter(|claim| claim.port != port)
        .map(|claim| {
            Problem::new(
                &claim.place,
                format!("says port {}, the service listens on {port}", claim.port),
                format!("Use {port} here, or change PORT everywhere."),
            )
        })
        .collect()
}

/// Where a compose service says its own port and publishes others: one of them must be the one that it listens on.
fn published(repository: &Repository) -> Vec<Problem> {
    let mut problems = Vec::new();
    for service in repository.compose.iter().flat_map(Compose::servers) {
        let own = service.variable("PORT").and_then(|variable| substituted(variable.value.as_deref()?));
        let of_image = || repository.image_of(&service)?.variable("PORT").map(|(_, port)| port);
        let Some(port) = own.or_else(of_image).filter(|port| port.parse::<u16>().is_ok()) else { continue };
        let targets: Vec<Claim> = service.node.items_at(&["ports"]).iter().filter_map(target).collect();
        let is_range = targets.iter().any(|claim| claim.port.contains('-'));
        if let Some(first) = targets.first().filter(|_| !is_range && !targets.iter().any(|claim| claim.port == port)) {
            problems.push(Problem::new(
                &first.place,
                format!("publishes port {}, {} listens on {port}", first.port, service.name),
                format!("Publish {port}, or change PORT."),
            ));
        }
    }
    problems
}

/// The container's side of a published port.
fn target(published: &Node) -> Option<Claim> {
    let short = published.text().and_then(substituted);
    let short = short.and_then(|text| text.rsplit(':').next().map(str::to_owned));
    let port = published.text_at(&["target"]).map(str::to_owned).or(short)?;
    let port = port.split('/').next().unwrap_or_default().to_owned();
    Some(Claim { place: published.place.clone(), port })
}

fn image_claims(repository: &Repository) -> Vec<Claim> {
    let Some(dockerfile) = repository.app_image() else {
        return Vec::new();
    };
    let mut claims = Vec::new();
    for instruction in dockerfile.all("EXPOSE") {
        claims.extend(instruction.rest.split_whitespace().filter(|port| !port.starts_with('$')).map(|port| Claim {
            place: instruction.place.clone(),
            port: port.split('/').next().unwrap_or_default().to_owned(),
        }));
    }
    if let Some((place, port)) = dockerfile.variable("PORT") {
        claims.push(Claim { place: place.clone(), port });
    }
    for instruction in dockerfile.all("HEALTHCHECK") {
        claims.extend(
            local_ports(&instruction.rest).into_iter().map(|port| Claim { place: instruction.place.clone(), port }),
        );
    }
    claims
}

/// Tasks of ECS, the services and target groups that lead to them, and their variables.
fn ecs_claims(repository: &Repository) -> Vec<Claim> {
    let ecs = &repository.ecs;
    let tasks = ecs.apps();
    let of_tasks = tasks.iter().flat_map(|task| task.container.items_at(&["portMappings"]));
    let of_services = ecs.services.iter().flat_map(|(_, service)| service.items_at(&["loadBalancers"]));
    let ports = of_tasks.chain(of_services).filter_map(|it| it.get("containerPort"));
    let groups = ecs.target_groups.iter().filter(|_| !ecs.services.is_empty());
    let ports = ports.chain(groups.filter_map(|group| group.at(&["Properties", "Port"])));
    let mut claims: Vec<Claim> =
        ports.filter_map(|port| Some(Claim { place: port.place.clone(), port: port.text()?.to_owned() })).collect();
    let variables = tasks.iter().flat_map(|task| ecs.runs(task)).flat_map(|run| run.variables);
    claims.extend(
        variables
            .filter(|variable| variable.name == "PORT")
            .filter_map(|variable| Some(Claim { place: variable.place, port: variable.value? })),
    );
    claims
}

fn env_claims(repository: &Repository) -> Vec<Claim> {
    let entry = repository.env_example.as_ref().and_then(|file| file.get("PORT"));
    let entry = entry.filter(|entry| !entry.value.is_empty());
    entry.map(|entry| Claim { place: entry.place.clone(), port: entry.value.clone() }).into_iter().collect()
}

fn compose_claims(repository: &Repository) -> Vec<Claim> {
    let mut claims = Vec::new();
    let image = repository.app_image().map(|image| &image.path);
    for service in repository.compose.iter().flat_map(Compose::servers) {
        // Other services of the repository have ports of their own.
        if repository.image_of(&service).map(|image| &image.path) != image {
            continue;
        }
        if let Some(variable) = service.variable("PORT") {
            let port = variable.value.as_deref().and_then(substituted);
            claims.extend(port.map(|port| Claim { place: variable.place.clone(), port }));
        }
        // The debugger's port is nobody's service.
        let published = service.node.items_at(&["ports"]).iter().filter_map(target);
        claims.extend(published.filter(|claim| claim.port != "9229"));
        for exposed in service.node.items_at(&["expose"]) {
            claims.extend(exposed.text().map(|port| Claim { place: exposed.place.clone(), port: port.to_owned() }));
        }
        if let Some(test) = service.node.at(&["healthcheck", "test"]) {
            let texts = test.scalars();
            let ports = texts.iter().filter_map(|node| node.text()).flat_map(local_ports);
            claims.extend(ports.map(|port| Claim { place: test.place.clone(), port }));
        }
    }
    claims
}

fn kubernetes_claims(repository: &Repository) -> Vec<Claim> {
    let mut claims = Vec::new();
    for overlay in &repository.overlays {
        for (workload, container) in apps(overlay).into_iter().filter(|(workload, _)| workload.is_server()) {
            let variables = workload.environment(overlay, container).variables;
            let port = variables.into_iter().find(|variable| variable.name == "PORT");
            claims.extend(port.and_then(|port| Some(Claim { place: port.place, port: port.value? })));
            let declared = container.items_at(&["ports"]).iter().filter_map(|port| port.get("containerPort"));
            claims.extend(
                declared.filter_map(|port| Some(Claim { place: port.place.clone(), port: port.text()?.to_owned() })),
            );
        }
    }
    claims
}

/// `app-blue:3000` in the files of a proxy or a script, where app-blue is a compose service, and `port=3000` in deploy.sh.
fn proxy_claims(repository: &Repository) -> Vec<Claim> {
    let servers: Vec<_> = repository.compose.iter().flat_map(Compose::servers).collect();
    let mut claims = Vec::new();
    for (path, text) in repository.files.iter().filter(|(path, _)| path.starts_with("deploy/")) {
        for (index, line) in text.lines().enumerate() {
            let assigned = line.trim_start().trim_start_matches("readonly ").strip_prefix("port=");
            let assigned = assigned.filter(|port| path.ends_with("deploy.sh") && port.parse::<u16>().is_ok());
            claims.extend(assigned.map(|port| Claim { place: Place::line(path, index + 1), port: port.to_owned() }));
            for server in &servers {
                let ports = ports_after(line, &format!("{}:", server.name)).into_iter();
                claims.extend(ports.map(|port| Claim { place: Place::line(path, index + 1), port }));
            }
        }
    }
    claims
}

/// The ports in addresses of this machine, `http://127.0.0.1:3000/readyz`, and in `process.env.PORT || 3000`.
fn local_ports(text: &str) -> Vec<String> {
    ["localhost:", "127.0.0.1:", "[::1]:", "process.env.PORT || ", "process.env.PORT ?? "]
        .iter()
        .flat_map(|host| ports_after(text, host))
        .collect()
}

fn ports_after(text: &str, host: &str) -> Vec<String> {
    text.match_indices(host)
        .filter(|(start, _)| !text[..*start].ends_with(|c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.'))
        .map(|(start, _)| text[start + host.len()..].chars().take_while(char::is_ascii_digit).collect::<String>())
        .filter(|port| !port.is_empty())
        .collect()
}

fn declared_ports(repository: &Repository) -> Vec<Problem> {
    let mut problems = Vec::new();
    for overlay in &repository.overlays {
        let workloads = workloads(overlay);
        for container in workloads.iter().flat_map(Workload::containers) {
            let hooks =
                [["startupProbe"].as_slice(), &["readinessProbe"], &["livenessProbe"], &["lifecycle", "preStop"]];
            for probe in hooks.iter().filter_map(|path| container.at(path)) {
                let ports = ["httpGet", "tcpSocket", "grpc"].iter().filter_map(|kind| probe.at(&[kind, "port"]));
                problems.extend(
                    ports.filter(|port| !declares_port(container, port.text().unwrap_or_default())).map(undeclared),
                );
            }
        }
        for service in of_kind(overlay, "Service") {
            let Some(labels) = match_labels(service, &["spec", "selector"]) else {
                continue;
            };
            let mut pods =
                workloads.iter().filter(|workload| workload.is_server() && workload.is_selected_by(labels)).peekable();
            if pods.peek().is_none() {
                continue; // Said by the rule about selectors.
            }
            let pods: Vec<_> = pods.collect();
            for port in service.items_at(&["spec", "ports"]) {
                let target = port.get("targetPort").or_else(|| port.get("port"));
                let target = target
                    .filter(|target| !pods.iter().any(|pod| pod.declares_port(target.text().unwrap_or_default())));
                problems.extend(target.map(undeclared));
            }
        }
        for policy in of_kind(overlay, "NetworkPolicy") {
            let Some(labels) = match_labels(policy, &["spec", "podSelector"]) else {
                continue;
            };
            let pods: Vec<_> = workloads.iter().filter(|workload| workload.is_selected_by(labels)).collect();
            for port in policy.items_at(&["spec", "ingress"]).iter().flat_map(|rule| rule.items_at(&["ports"])) {
                let port = port.get("port");
                let port =
                    port.filter(|port| !pods.iter().any(|pod| pod.declares_port(port.text().unwrap_or_default())));
                problems.extend(port.filter(|_| !pods.is_empty()).map(undeclared));
            }
        }
    }
    problems
}

fn undeclared(port: &Node) -> Problem {
    Problem::new(
        &port.place,
        format!("no container declares the port {}", port.text().unwrap_or_default()),
        "Use the name or the number of a containerPort.",
    )
}
