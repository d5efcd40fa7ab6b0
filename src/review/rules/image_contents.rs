//! What goes into an image, and as whom it runs.

use crate::review::read::dockerfile::{Dockerfile, Instruction};
use crate::review::read::glob::is_ignored;
use crate::review::read::kubernetes::apps;
use crate::review::{Problem, Repository, Risk, Rule, Severity};

use super::secrets::is_secret_name;

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "image-user",
        description: "An image runs as a user other than root, by number where Kubernetes has to see that.",
        risk: Risk::Security,
        severity: Severity::High,
        why: "Whoever breaks out of the process is root in the container, and one kernel or mount mistake away from the host.",
        source: Some("https://docs.docker.com/build/building/best-practices/#user"),
        check: user,
    },
    Rule {
        id: "image-context",
        description: "What is copied as a whole into an image leaves out .env, .git and node_modules.",
        risk: Risk::Security,
        severity: Severity::High,
        why: "Secrets and the history go into a layer that everyone who can pull the image can read.",
        source: Some("https://docs.docker.com/build/concepts/context/#dockerignore-files"),
        check: context,
    },
    Rule {
        id: "image-secrets",
        description: "A Dockerfile takes secrets from a secret mount, never from ARG or ENV.",
        risk: Risk::Security,
        severity: Severity::High,
        why: "Values of ARG and ENV stand in the image's history for everyone who can pull it.",
        source: Some("https://docs.docker.com/build/building/secrets/"),
        check: secrets,
    },
    Rule {
        id: "image-install",
        description: "An image installs what the lockfile says.",
        risk: Risk::Availability,
        severity: Severity::Medium,
        why: "Without the lockfile each build takes the newest versions: what runs is not what was tested.",
        source: Some("https://docs.npmjs.com/cli/commands/npm-ci"),
        check: install,
    },
    Rule {
        id: "image-lean",
        description: "The final image holds no development dependencies.",
        risk: Risk::Cost,
        severity: Severity::Low,
        why: "They are pulled on every start of a new machine, and every hole in them is reported against production.",
        source: Some("https://docs.docker.com/build/building/multi-stage/"),
        check: lean,
    },
];

fn images(repository: &Repository) -> impl Iterator<Item = &Dockerfile> {
    repository.dockerfiles.iter().filter(|image| !image.is_development())
}

fn user(repository: &Repository) -> Vec<Problem> {
    let mut problems: Vec<Problem> = images(repository).filter_map(root_user).collect();
    problems.extend(named_user(repository));
    problems
}

fn root_user(image: &Dockerfile) -> Option<Problem> {
    let (base_place, base) = image.base()?;
    let fix = "Add USER with a number, USER 10001:10001, after the last COPY; let root own the files.";
    match image.last("USER") {
        Some(user) => {
            let name = image.expanded(user.rest.split(':').next().unwrap_or_default());
            let is_root = matches!(name.trim(), "root" | "0");
            is_root.then(|| Problem::new(&user.place, "the image runs as root", fix))
        }
        // Bases that bring a user of their own.
        None if ["nonroot", "chainguard", "unprivileged", "bitnami", "scratch"].iter().any(|it| base.contains(it)) => {
            None
        }
        None => Some(Problem::new(base_place, "no USER: the image runs as root", fix)),
    }
}

/// Kubernetes refuses to start a user that it knows only by name where the pod must not run as root.
fn named_user(repository: &Repository) -> Option<Problem> {
    let image = repository.app_image()?;
    let user = image.last("USER")?;
    let name = image.expanded(user.rest.split(':').next().unwrap_or_default());
    let is_refused = repository.overlays.iter().flat_map(apps).any(|(workload, container)| {
        let pod = workload.template.at(&["spec", "securityContext"]);
        let contexts = [container.get("securityContext"), pod];
        let says = |field| contexts.iter().flatten().find_map(|context| context.text_at(&[field]));
        says("runAsNonRoot") == Some("true") && says("runAsUser").is_none()
    });
    (is_refused && name.trim().parse::<u32>().is_err()).then(|| {
        Problem::new(
            &user.place,
            format!("pods with runAsNonRoot do not start the user {name}, which is no number"),
            "Write USER with a number, or set runAsUser in the pod's securityContext.",
        )
    })
}

fn context(repository: &Repository) -> Vec<Problem> {
    images(repository).filter_map(|image| whole_context(repository, image)).collect()
}

fn whole_context(repository: &Repository, image: &Dockerfile) -> Option<Problem> {
    let copy = image.instructions.iter().find(|instruction| copies_everything(instruction))?;
    let folder = image.path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let contexts = repository.compose.iter().flat_map(|compose| {
        let services = compose.services().into_iter();
        services.filter(|it| it.dockerfile_path().as_deref() == Some(&*image.path)).filter_map(|it| it.context())
    });
    let own = format!("{}.dockerignore", image.path);
    // Docker takes the file beside the Dockerfile, then the one of the context, which may also be the repository's root.
    let candidates = [folder.to_owned(), String::new()];
    let found = std::iter::once(own)
        .chain(contexts.chain(candidates).map(|folder| join(&folder, ".dockerignore")))
        .find_map(|path| repository.files.get(&path));
    let patterns = found.map_or("", String::as_str);
    let open: Vec<&str> =
        [".env", ".git", "node_modules"].into_iter().filter(|path| !is_ignored(patterns, path, true)).collect();
    (!open.is_empty()).then(|| {
        let what = if found.is_some() { ".dockerignore does not name" } else { "there is no .dockerignore with" };
        Problem::new(
            &copy.place,
            format!("copies everything, and {what} {}", open.join(", ")),
            format!("Put {} into .dockerignore, or copy only what the build needs.", open.join(", ")),
        )
    })
}

fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

fn copies_everything(instruction: &Instruction) -> bool {
    let words: Vec<&str> = instruction.rest.split_whitespace().collect();
    let sources = words.iter().take(words.len().saturating_sub(1)).filter(|word| !word.starts_with("--"));
    matches!(&*instruction.word, "COPY" | "ADD")
        && !words.iter().any(|word| word.starts_with("--from"))
        && sources.into_iter().any(|source| matches!(*source, "." | "./" | "*"))
}

fn secrets(repository: &Repository) -> Vec<Problem> {
    let mut problems = Vec::new();
    for instruction in images(repository).flat_map(|image| &image.instructions) {
        for name in given(instruction) {
            problems.push(Problem::new(
                &instruction.place,
                format!("{name} stays in the image's history"),
                "Use RUN --mount=type=secret while building, and give it at run time otherwise; change the leaked value.",
            ));
        }
    }
    problems
}

/// Names of secrets that an ARG or ENV holds. An empty value, or one that says that it is none, is no secret.
fn given(instruction: &Instruction) -> Vec<&str> {
    let pairs: Vec<(&str, Option<&str>)> = match &*instruction.word {
        "ARG" => instruction.rest.split_whitespace().map(pair).collect(),
        "ENV" if instruction.rest.contains('=') => instruction.rest.split_whitespace().map(pair).collect(),
        "ENV" => instruction
            .rest
            .split_once(char::is_whitespace)
            .map(|(name, value)| (name, Some(value)))
            .into_iter()
            .collect(),
        _ => Vec::new(),
    };
    let is_set = |value: Option<&str>| match value {
        // An ARG without a value gets one from the command line.
        None => instruction.word == "ARG",
        Some(value) => !is_stand_in(value.trim_matches(['"', '\''])),
    };
    pairs.into_iter().filter(|(name, value)| is_secret_name(name) && is_set(*value)).map(|(name, _)| name).collect()
}

fn pair(word: &str) -> (&str, Option<&str>) {
    word.split_once('=').map_or((word, None), |(name, value)| (name, Some(value)))
}

fn is_stand_in(value: &str) -> bool {
    let value = value.to_lowercase();
    let words = ["dummy", "placeholder", "build", "fake", "example", "none", "unset", "skip", "/run/secrets/"];
    value.is_empty() || words.iter().any(|word| value.contains(word))
}

fn install(repository: &Repository) -> Vec<Problem> {
    let mut problems = Vec::new();
    for instruction in images(repository).flat_map(|image| image.all("RUN")) {
        if let Some(command) = commands(&instruction.rest).find(|command| ignores_lockfile(command)) {
            problems.push(Problem::new(
                &instruction.place,
                format!("`{command}` does not hold itself to the lockfile"),
                "Use npm ci, yarn install --immutable, pnpm install --frozen-lockfile or bun install --frozen-lockfile.",
            ));
        }
    }
    problems
}

/// The single commands of a script.
fn commands(script: &str) -> impl Iterator<Item = &str> {
    script.split("&&").flat_map(|part| part.split([';', '|'])).map(str::trim)
}

fn ignores_lockfile(command: &str) -> bool {
    let words: Vec<&str> = command.split_whitespace().skip_while(|word| word.starts_with("--")).collect();
    let Some((tool, rest)) = words.split_first() else { return false };
    let has = |flags: &[&str]| rest.iter().any(|word| flags.contains(word));
    let is_install = matches!(rest.first(), Some(&("install" | "i")))
        || (*tool == "yarn" && rest.iter().all(|it| it.starts_with('-')));
    // Installing a tool by its name is another thing.
    let names_package =
        rest.iter().skip(1).any(|word| !word.starts_with('-') && !word.starts_with('/') && *word != ".");
    let holds = has(&[
        "--frozen-lockfile",
        "--immutable",
        "--global",
        "-g",
        "--location=global",
        "--immutable-cache",
        "--version",
    ]);
    ["npm", "yarn", "pnpm", "bun"].contains(tool) && is_install && !names_package && !holds
}

/// What installs the packages of the service.
const INSTALLS: [&str; 5] = ["npm ci", "pnpm install", "yarn install", "bun install", "bun ci"];

fn lean(repository: &Repository) -> Vec<Problem> {
    images(repository).filter(|image| image.is_node()).filter_map(development_dependencies).collect()
}

fn development_dependencies(image: &Dockerfile) -> Option<Problem> {
    let mut is_production = false;
    let mut found = None;
    for instruction in image.final_image() {
        match &*instruction.word {
            "ENV" => is_production |= instruction.rest.contains("NODE_ENV=production"),
            "RUN" => {
                for command in commands(&instruction.rest) {
                    let starts = |starts: &[&str]| starts.iter().any(|start| command.starts_with(start));
                    let flags = ["--omit=dev", "--omit dev", "--production", "--prod", "-P", "--only=prod"];
                    let leaves_out = is_production || flags.iter().any(|flag| command.contains(flag));
                    let is_focus = command.starts_with("yarn workspaces focus");
                    // Installing a tool beside the service is another thing.
                    let is_global = command.split_whitespace().any(|word| matches!(word, "-g" | "--global"));
                    if starts(&["npm prune", "pnpm prune", "rm -rf node_modules"]) || (is_focus && leaves_out) {
                        found = None;
                    } else if (is_focus || starts(&INSTALLS)) && !leaves_out && !is_global {
                        found = Some(instruction);
                    }
                }
            }
            _ => {}
        }
    }
    let found = found?;
    Some(Problem::new(
        &found.place,
        "the final image keeps the development dependencies",
        "Build in a stage of its own, and install with --omit=dev in the final one.",
    ))
}
