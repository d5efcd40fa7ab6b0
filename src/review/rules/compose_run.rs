//! Compose services that keep running, keep their data and keep to themselves.

use crate::review::read::compose::{Compose, Service};
use crate::review::read::dockerfile::Dockerfile;
use crate::review::read::kustomize::split_image;
use crate::review::{Node, Place, Problem, Repository, Risk, Rule, Severity};

use super::compose::is_one_of;

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "compose-restart",
        description: "A compose service that serves comes back after a crash and after a reboot of the host.",
        risk: Risk::Availability,
        severity: Severity::High,
        why: "Without a restart policy it stays down until someone notices.",
        source: Some("https://docs.docker.com/reference/compose-file/services/#restart"),
        check: restart,
    },
    Rule {
        id: "compose-logs",
        description: "Logs of compose services are rotated.",
        risk: Risk::Availability,
        severity: Severity::Medium,
        why: "Docker's json-file logs grow without limit by default, and a full disk stops the database as well.",
        source: Some("https://docs.docker.com/engine/logging/drivers/json-file/"),
        check: logs,
    },
    Rule {
        id: "compose-healthcheck",
        description: "A compose service that serves has a healthcheck, in the file or in its image.",
        risk: Risk::Availability,
        severity: Severity::Medium,
        why: "A process that hangs counts as running: nothing waits for it to be ready, and nobody is told.",
        source: Some("https://docs.docker.com/reference/compose-file/services/#healthcheck"),
        check: healthcheck,
    },
    Rule {
        id: "data-volume",
        description: "A database keeps its data in a named volume or a folder of the host, at the place that its image uses.",
        risk: Risk::DataLoss,
        severity: Severity::High,
        why: "Without one the data goes with the container: docker compose down, or a new machine, and it is gone.",
        source: Some("https://docs.docker.com/engine/storage/volumes/"),
        check: data_volume,
    },
    Rule {
        id: "compose-privileges",
        description: "No compose service gets the host's privileges, namespaces or Docker socket.",
        risk: Risk::Security,
        severity: Severity::High,
        why: "Whoever takes over that container is root on the host.",
        source: Some("https://docs.docker.com/engine/security/#docker-daemon-attack-surface"),
        check: privileges,
    },
    Rule {
        id: "compose-hardening",
        description: "The service runs without capabilities, without a way to new privileges and on a read-only file system.",
        risk: Risk::Security,
        severity: Severity::Low,
        why: "It costs three lines, and takes from a break-in what it needs for its next step.",
        source: Some("https://cheatsheetseries.owasp.org/cheatsheets/Docker_Security_Cheat_Sheet.html"),
        check: hardening,
    },
];

/// Services of production that stay up: not what runs once, and not what only a profile starts.
fn lasting(repository: &Repository) -> Vec<(&Compose, Service<'_>)> {
    let mut services = repository.production_services();
    services.retain(|(compose, service)| {
        let once = ["migrate", "migration", "migrations", "seed", "init", "setup", "backup"];
        let is_once = service.name.split(['-', '_']).any(|part| once.contains(&part));
        !compose.runs_once(service) && !is_once && service.node.get("profiles").is_none()
    });
    services
}

fn restart(repository: &Repository) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (_, service) in lasting(repository) {
        let policy = service.node.get("restart");
        let is_swarm = service.node.at(&["deploy", "restart_policy"]).is_some();
        if policy.is_none_or(|policy| policy.text() == Some("no")) && !is_swarm {
            let place = policy.map_or(service.place, |policy| &policy.place);
            problems.push(Problem::new(
                place,
                format!("{} stays down after a crash or a reboot", service.name),
                "Set restart: unless-stopped.",
            ));
        }
    }
    problems
}

/// One finding a file: the cure is one anchor for all.
fn logs(repository: &Repository) -> Vec<Problem> {
    let mut files: Vec<(&str, &Place, Vec<&str>)> = Vec::new();
    for (compose, service) in lasting(repository).into_iter().filter(|(_, service)| !is_rotated(service)) {
        match files.iter_mut().find(|(path, ..)| *path == compose.path) {
            Some((_, _, names)) => names.push(service.name),
            None => files.push((&compose.path, service.place, vec![service.name])),
        }
    }
    let files = files.into_iter();
    files
        .map(|(_, place, names)| {
            Problem::new(
                place,
                format!("nothing here limits the logs of {}", names.join(", ")),
                "Set logging: { driver: local, options: { max-size: 10m, max-file: \"3\" } }, or rotate them in the daemon.",
            )
        })
        .collect()
}

fn is_rotated(service: &Service<'_>) -> bool {
    let Some(logging) = service.node.get("logging") else { return false };
    logging.text_at(&["driver"]).is_some_and(|driver| driver != "json-file")
        || logging.at(&["options", "max-size"]).is_some()
}

fn healthcheck(repository: &Repository) -> Vec<Problem> {
    let servers = lasting(repository).into_iter().filter(|(_, service)| service.is_app());
    let silent = servers.filter(|(_, service)| {
        let disabled = service.node.text_at(&["healthcheck", "disable"]) == Some("true");
        let in_file = service.node.get("healthcheck").is_some() && !disabled;
        // What an image from elsewhere brings is not known.
        let in_image = repository.image_of(service).is_none_or(Dockerfile::has_healthcheck);
        !in_file && (disabled || !in_image)
    });
    silent
        .map(|(_, service)| {
            Problem::new(
                service.place,
                format!("nothing checks that {} answers", service.name),
                "Add a healthcheck that asks its readiness route, or a HEALTHCHECK to the image.",
            )
        })
        .collect()
}

/// Databases whose data is worth keeping.
const DATABASES: [&str; 8] =
    ["postgres", "postgis", "timescaledb", "pgvector", "mysql", "mariadb", "mongo", "cockroach"];

fn data_volume(repository: &Repository) -> Vec<Problem> {
    let services = repository.production_services().into_iter().map(|(_, service)| service);
    services.filter_map(|service| lost_data(&service)).collect()
}

fn lost_data(service: &Service<'_>) -> Option<Problem> {
    let image = service.image()?;
    let name = image.text().filter(|name| is_one_of(name, &DATABASES))?;
    let kept: Vec<(&Node, &str)> =
        service.node.items_at(&["volumes"]).iter().filter_map(|it| Some((it, target(it)?))).collect();
    let on_tmpfs = service.node.get("tmpfs").is_some() && kept.is_empty();
    if kept.iter().all(|(_, target)| target.contains("initdb") || target.starts_with("/etc/")) && !on_tmpfs {
        return Some(Problem::new(
            service.place,
            format!("{} keeps its data in the container", service.name),
            "Mount a named volume at the data folder of the image, and back it up.",
        ));
    }
    // From 18 on, the official image keeps each version's data in a folder of its own below /var/lib/postgresql.
    let (path, tag) = split_image(name);
    let major: u32 = tag.trim_start_matches(':').split(['.', '-', '@']).next()?.parse().ok()?;
    let is_moved = path.ends_with("postgres") && major >= 18 && service.variable("PGDATA").is_none();
    let (node, _) = kept.iter().find(|(_, target)| is_moved && target.trim_end_matches('/').ends_with("/data"))?;
    Some(Problem::new(
        &node.place,
        format!("postgres {major} does not keep its data here but in /var/lib/postgresql/{major}/docker"),
        "Mount the volume at /var/lib/postgresql.",
    ))
}

/// Where a named volume or a folder of the host is mounted; an anonymous volume keeps nothing.
fn target(volume: &Node) -> Option<&str> {
    match volume.text() {
        Some(short) => short.split(':').nth(1),
        None => volume.text_at(&["target"]).filter(|_| volume.get("source").is_some()),
    }
}

fn privileges(repository: &Repository) -> Vec<Problem> {
    let mut problems = Vec::new();
    for service in repository.compose.iter().flat_map(Compose::services) {
        let flag = |field: &str, value: &str| service.node.get(field).filter(|node| node.text() == Some(value));
        let flags =
            [flag("privileged", "true"), flag("pid", "host"), flag("network_mode", "host"), flag("ipc", "host")];
        let added = service.node.items_at(&["cap_add"]).iter();
        let strong = added.filter(|it| matches!(it.text(), Some("ALL" | "SYS_ADMIN" | "CAP_SYS_ADMIN" | "SYS_PTRACE")));
        let sockets = service.node.items_at(&["volumes"]).iter().filter(|volume| {
            let source = volume.text().or_else(|| volume.text_at(&["source"])).unwrap_or_default();
            source.starts_with("/var/run/docker.sock") || source.starts_with("/run/docker.sock")
        });
        problems.extend(flags.into_iter().flatten().chain(strong).chain(sockets).map(|node| {
            Problem::new(
                &node.place,
                format!("{} gets power over the host ({})", service.name, node.text().unwrap_or("docker.sock")),
                "Take it out; give a single capability, a device or a socket proxy where it is really needed.",
            )
        }));
    }
    problems
}

fn hardening(repository: &Repository) -> Vec<Problem> {
    let services = repository.production_services().into_iter().map(|(_, service)| service);
    let mut problems = Vec::new();
    for service in services.filter(Service::is_app) {
        let drops = service
            .node
            .items_at(&["cap_drop"])
            .iter()
            .any(|it| it.text().is_some_and(|it| it.eq_ignore_ascii_case("all")));
        let options = service.node.items_at(&["security_opt"]).iter();
        let is_bound = options.filter_map(Node::text).any(|option| option.starts_with("no-new-privileges"));
        let read_only = service.node.text_at(&["read_only"]) == Some("true");
        let lacks = [
            (!drops, "cap_drop: [ALL]"),
            (!is_bound, "security_opt: [\"no-new-privileges:true\"]"),
            (!read_only, "read_only: true"),
        ];
        let lacks: Vec<&str> = lacks.into_iter().filter(|(lacks, _)| *lacks).map(|(_, line)| line).collect();
        if !lacks.is_empty() {
            problems.push(Problem::new(
                service.place,
                format!("{} runs without {}", service.name, lacks.join(", ")),
                format!("Add {}; give it tmpfs where it writes.", lacks.join(", ")),
            ));
        }
    }
    problems
}
