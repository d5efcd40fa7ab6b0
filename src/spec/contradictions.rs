//! Answers that do not fit each other, and variables that cannot be declared.

use super::{Answer, Answers, AskedPlatform, Idle, LOCAL_ENVIRONMENTS, Origin, Spec, existing, file};

/// Port that the database for local work publishes on the developer's machine.
const POSTGRES_PORT: u16 = 5432;

/// Port that Redis for local work publishes there.
const REDIS_PORT: u16 = 6379;

/// Variables that storage declares, or that the AWS SDK would read in place of them.
const STORAGE_KEYS: &[&str] = &[
    "S3_BUCKET",
    "S3_ENDPOINT",
    "UPLOAD_MAX_BYTES",
    "AWS_REGION",
    "AWS_ROLE_ARN",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
];

/// Two answers that do not fit each other.
struct Contradiction {
    /// The answer to change.
    key: &'static str,
    /// Why, as the rest of a sentence.
    message: String,
}

impl Spec {
    /// Every combination that cannot work: the key to change, and why.
    fn contradictions(&self) -> Vec<Contradiction> {
        let mut found = Vec::new();
        let mut add = |key: &'static str, message: String| found.push(Contradiction { key, message });
        let (peak, trough) = (self.scale.peak_rps, self.scale.trough_rps);
        if trough > peak {
            add("scale.trough-rps", format!("{trough} is more than scale.peak-rps, {peak}"));
        }
        let other = match self.deploy.platform {
            Some(AskedPlatform::Compose) => Some("compose"),
            Some(AskedPlatform::CloudRun) => Some("cloud-run"),
            Some(AskedPlatform::Ecs) => Some("ecs"),
            Some(AskedPlatform::Kubernetes) | None => None,
        };
        if let (Some(other), Some(_)) = (other, &self.deploy.kubernetes_because) {
            add(
                "deploy.kubernetes-because",
                format!("gives a reason for Kubernetes, and deploy.platform asks for {other}; drop one of them"),
            );
        }
        if let Some(name) = self.deploy.environments.iter().find(|name| LOCAL_ENVIRONMENTS.contains(&name.as_str())) {
            add(
                "deploy.environments",
                format!("\"{name}\" is a developer's machine or CI, where safety checks are off; name another"),
            );
        }
        if let Some(entry) = self.env.iter().find(|entry| self.auth_keys().any(|key| key.name == entry.name)) {
            let message = format!("declares {}, and so does {}; drop that one", entry.name, entry.origin);
            add("stack.auth", message);
        }
        if let Some(entry) = self.env.iter().find(|entry| self.storage && STORAGE_KEYS.contains(&entry.name.as_str())) {
            let message = format!("declares {}, and so does {}; drop that one", entry.name, entry.origin);
            add("stack.storage", message);
        }
        if let Some(message) = self.has_no_app_there() {
            add("stack.app-dir", message);
        }
        if let Some(message) = self.reads_no_lock_file().or_else(|| self.makes_no_workspace()) {
            add("stack.package-manager", message);
        }
        if self.existing.is_some() && self.queue {
            add(
                "stack.queue",
                "the worker, its shutdown and its probe are emitted with a service only; code that was there before takes \
                 none, and its worker stays as it is deployed now"
                    .to_owned(),
            );
        }
        for (key, used, value) in [
            ("stack.redis", self.redis, "true"),
            ("stack.queue", self.queue, "bullmq"),
            ("stack.storage", self.storage, "s3"),
        ] {
            if used && self.framework.bundled && self.existing.is_none() {
                let message = format!(
                    "{value} with {} is not in this version; choose another stack.framework, or none of it",
                    self.framework.title
                );
                add(key, message);
            }
        }
        if self.existing.is_some() && self.storage {
            add(
                "stack.storage",
                "the code that signs uploads is emitted with a service only; code that was there before takes none, and its \
                 storage stays as it is"
                    .to_owned(),
            );
        }
        if self.deploy.approved_by_pull_request && self.scale.team_size < 2 {
            add(
                "deploy.approval",
                "pull-request needs a second person who approves, and scale.team-size is 1; take reviewers, or raise it".to_owned(),
            );
        }
        if self.queue && !self.redis {
            add(
                "stack.queue",
                "BullMQ keeps its jobs in Redis, and there is none; set stack.redis=true too".to_owned(),
            );
        }
        let services = [(self.database, POSTGRES_PORT, "PostgreSQL"), (self.redis, REDIS_PORT, "Redis")];
        if let Some((_, port, service)) = services.into_iter().find(|(used, port, _)| *used && *port == self.port) {
            add("stack.port", format!("{port} is the port that {service} takes on the developer's machine"));
        }
        found
    }

    /// Why no image can be made of the folder that was named.
    fn has_no_app_there(&self) -> Option<String> {
        if self.app_dir.is_empty() {
            return None;
        }
        if !existing::can_be_folder(&self.app_dir) {
            return Some(format!("{:?} is no folder below the root that every file takes", self.app_dir));
        }
        // Of several services each lies in the folder of its answers; nobody has to say it.
        let lies_there = self.answers.get("stack.app-dir").is_some_and(|answer| answer.origin == Origin::Directory);
        if self.existing.is_none() && !lies_there {
            return Some(
                "a workspace is fitted by `seaworthy init`, or made by `seaworthy new` with a preset of several services".to_owned(),
            );
        }
        None
    }

    /// Why no workspace can be made with the package manager that was asked for.
    fn makes_no_workspace(&self) -> Option<String> {
        let is_emitted_there = !self.app_dir.is_empty() && self.existing.is_none();
        (is_emitted_there && self.package_manager.name != "pnpm")
            .then(|| format!("{} for a new workspace is not in this version; choose pnpm", self.package_manager.name))
    }

    /// Why the package manager that was asked for cannot install what code that was there before has locked.
    fn reads_no_lock_file(&self) -> Option<String> {
        let installs = self.existing.as_ref()?.package_manager.as_ref().map_or("npm", |it| it.manager.name);
        let asked = self.answers.get("stack.package-manager")?.value.as_text()?;
        (asked != installs).then(|| {
            format!(
                "{asked} does not read the lock file that {installs} wrote here. Make one with {asked}, and say in [existing] \
                 of {} what installs from it: package-manager = \"{asked}@VERSION\" and install-files = [\"LOCK FILE\"]",
                file::ANSWERS_FILE
            )
        })
    }

    /// Why the answer of `key` does not fit the others, for a check while it is typed.
    #[must_use]
    pub fn contradictions_of(answers: &Answers, key: &str) -> Option<String> {
        let mut complete = answers.clone();
        complete.complete_with_defaults();
        let spec = Self::typed(&complete).ok()?;
        let mut found = spec.contradictions().into_iter();
        found.find(|it| it.key == key).map(|it| it.message)
    }

    /// Why a variable cannot be the user's: it holds the address of the database, or a build would read it. Code that was there
    /// before may keep another one in `DATABASE_URL`.
    fn taken(&self, name: &str) -> Option<String> {
        let is_taken = match &self.existing {
            Some(existing) => self.database && existing.database_variables().iter().any(|(_, it)| *it == name),
            None => name == "DATABASE_URL",
        };
        if self.framework.bundled && self.existing.is_none() && name.starts_with("NEXT_PUBLIC_") {
            return Some(
                "its value would be put into the image when that is built, and one image serves all environments; name it without \
                 NEXT_PUBLIC_, and let a page hand it to the browser"
                    .to_owned(),
            );
        }
        is_taken.then(|| "it already has a meaning in the emitted files; choose another name".to_owned())
    }

    /// Answers of this very run that would change nothing. Those of files may have a use with other answers: [`Self::warnings`].
    fn said_for_nothing(&self) -> impl Iterator<Item = String> {
        let said = self.idle.iter().filter(|it| it.answer.origin == Origin::Flag);
        said.map(|it| format!("--set {}: would change nothing: {}; leave it out, or change that", it.key, it.why))
    }

    /// What files answer without any effect, each with its place: a service that leaves Kubernetes keeps what it said for a
    /// cluster. What is no other answer than the tool's own is passed over, since the tool may have written it.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        let of_file = |it: &&Idle| matches!(it.answer.origin, Origin::File { .. } | Origin::Preset { .. });
        let idle = self.idle.iter().filter(of_file).filter(|it| !it.is_default);
        let told = idle.map(|it| {
            let Idle { key, answer, why, .. } = it;
            format!("{}: {key} = {} changes nothing: {why}", answer.origin, answer.value)
        });
        told.collect()
    }

    /// The contradictions and the faulty variables, each with its place in front.
    pub(super) fn problems(&self) -> Vec<String> {
        let combinations = self.contradictions().into_iter().map(|it| match self.answers.get(it.key) {
            Some(Answer { origin: Origin::Flag, .. }) => format!("--set {}: {}", it.key, it.message),
            Some(answer) => format!("{}: {}: {}", answer.origin, it.key, it.message),
            None => format!("{}: {}", it.key, it.message),
        });
        let variables = self.env.iter().filter_map(|entry| {
            let (field, problem) = match self.taken(&entry.name) {
                Some(problem) => ("name", problem),
                None => entry.check(&self.deploy.environments).err()?,
            };
            Some(format!("{}: env.{field} of {}: {problem}", entry.origin, entry.name))
        });
        combinations.chain(self.said_for_nothing()).chain(variables).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::{EnvEntry, EnvKind};

    #[test]
    fn a_key_of_a_part_of_the_stack_is_declared_once() {
        for (part, key) in [("stack.auth=clerk", "CLERK_SECRET_KEY"), ("stack.storage=s3", "AWS_REGION")] {
            let mut answers = Answers::default();
            for assignment in ["project.name=orders", part] {
                answers.set_from_flag(assignment).unwrap();
            }
            assert!(Spec::new(answers.clone()).is_ok());
            answers.declare(EnvEntry {
                name: key.to_owned(),
                kind: EnvKind::Secret,
                values: Vec::new(),
                default: None,
                required_in: None,
                example: String::new(),
                description: String::new(),
                origin: Origin::Default,
            });
            let told = Spec::new(answers).unwrap_err().to_string();
            let (question, _) = part.split_once('=').unwrap();
            assert!(told.contains(&format!("{question}: declares {key}, and so does")), "{told}");
        }
    }

    #[test]
    fn a_variable_that_a_build_would_read_is_refused() {
        let told = |framework: &str| {
            let mut answers = Answers::default();
            for assignment in ["project.name=orders", framework] {
                answers.set_from_flag(assignment).unwrap();
            }
            answers.declare(EnvEntry {
                name: "NEXT_PUBLIC_SITE".to_owned(),
                kind: EnvKind::String,
                values: Vec::new(),
                default: None,
                required_in: None,
                example: "a".to_owned(),
                description: String::new(),
                origin: Origin::Default,
            });
            Spec::new(answers).map_err(|error| error.to_string())
        };
        assert!(told("stack.framework=next").unwrap_err().contains("env.name of NEXT_PUBLIC_SITE: its value would be"));
        assert!(told("stack.framework=hono").is_ok());
    }

    #[test]
    fn a_port_is_taken_only_by_what_the_service_uses() {
        let spec = |database: &str, redis: &str, port: &str| {
            let mut answers = Answers::default();
            let of_port = format!("stack.port={port}");
            for assignment in ["project.name=orders", database, redis, &of_port] {
                answers.set_from_flag(assignment).unwrap();
            }
            Spec::new(answers)
        };
        assert!(spec("stack.database=none", "stack.redis=false", "5432").is_ok());
        assert!(spec("stack.database=postgres", "stack.redis=false", "6379").is_ok());
        assert!(spec("stack.database=postgres", "stack.redis=false", "5432").is_err());
        assert!(spec("stack.database=none", "stack.redis=true", "6379").is_err());
    }
}
