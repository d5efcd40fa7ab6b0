//! The answers: what the user said, from every source, checked and typed.
//!
//! [`table`] holds the questions. A file, a flag and the interview fill [`Answers`]; [`Spec`] is the
//! complete, typed result that the plan starts from.

pub mod answers;
pub mod availability;
pub mod edit;
pub mod env_entry;
pub mod existing;
pub mod file;
pub mod interview;
pub mod kubernetes;
pub mod managed;
mod nearest;
pub mod presets;
pub mod question;
pub mod schema;
pub mod secret;
pub mod table;
pub mod value;
pub mod write;

use std::collections::BTreeMap;

use anyhow::Context;

pub use answers::Answers;
pub use availability::Availability;
pub use env_entry::{EnvEntry, EnvKind};
pub use existing::Existing;
pub use managed::Managed;
pub use value::{Answer, Origin, Value};

use crate::failure::usage;
use crate::stack::auth::AuthKey;
use crate::stack::framework::FRAMEWORKS;
use crate::stack::{Auth, DataAccess, Framework, NodeRelease, PackageManager};

/// A complete set of answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spec {
    /// DNS-1123 label.
    pub name: String,
    /// Free text, as the user typed it.
    pub description: String,
    /// Web framework.
    pub framework: &'static Framework,
    /// Line of Node.js.
    pub node: &'static NodeRelease,
    /// Package manager.
    pub package_manager: &'static PackageManager,
    /// Whether there is a PostgreSQL database.
    pub database: bool,
    /// How the code talks to it; none without one.
    pub data_access: Option<&'static DataAccess>,
    /// Whether there is Redis.
    pub redis: bool,
    /// Who signs users in.
    pub auth: Option<&'static Auth>,
    /// Whether there are background jobs, with BullMQ in a worker process of its own.
    pub queue: bool,
    /// TCP port of the service.
    pub port: u16,
    /// Load and people.
    pub scale: Scale,
    /// Where it runs.
    pub deploy: Deploy,
    /// The user's own variables.
    pub env: Vec<EnvEntry>,
    /// Folder of the service in a workspace; empty where it is the repository.
    pub app_dir: String,
    /// How code that was there before is built and started; none for emitted code.
    pub existing: Option<Existing>,
    /// Where each answer came from, by key.
    pub answers: BTreeMap<&'static str, Answer>,
}

/// Load and people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scale {
    /// Requests per second at the busiest minute, all instances together.
    pub peak_rps: u32,
    /// Requests per second at the quietest hour.
    pub trough_rps: u32,
    /// People who deploy or operate.
    pub team_size: u32,
    /// Regions at the same time.
    pub regions: u32,
    /// Share of time that it shall answer.
    pub availability: Availability,
    /// `max_connections` of the database.
    pub db_max_connections: u32,
    /// Requests per second of one instance, from the team's own load test.
    pub rps_per_replica: Option<u32>,
}

/// Where it runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deploy {
    /// The platform that the user asked for; `None` lets the rule decide.
    pub platform: Option<AskedPlatform>,
    /// Cloud provider.
    pub cloud: Cloud,
    /// The user's own reason for Kubernetes, word for word.
    pub kubernetes_because: Option<String>,
    /// Environments in the order of deployment; the last is production.
    pub environments: Vec<String>,
    /// Host of the container registry.
    pub registry: String,
}

/// A platform that can be asked for by name in this version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AskedPlatform {
    /// Compose on one machine.
    Compose,
    /// Kubernetes.
    Kubernetes,
}

/// A cloud provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cloud {
    /// Machines or clusters of one's own.
    None,
    /// Amazon Web Services.
    Aws,
    /// Google Cloud.
    Gcp,
    /// Microsoft Azure.
    Azure,
}

impl Spec {
    /// Completes the answers with defaults and checks that they fit each other.
    ///
    /// # Errors
    /// Exit 2 with every contradiction, one a line.
    pub fn new(mut answers: Answers) -> anyhow::Result<Self> {
        answers.complete_with_defaults();
        let spec = Self::typed(&answers)?;
        let problems = spec.problems();
        if problems.is_empty() {
            return Ok(spec);
        }
        Err(usage(problems.join("\n")))
    }

    fn typed(answers: &Answers) -> anyhow::Result<Self> {
        let text = |key: &str| {
            answers
                .text(key)
                .map(ToOwned::to_owned)
                .ok_or_else(|| usage(format!("{key} is not answered; give it with --set {key}=...")))
        };
        let number = |key: &str| -> anyhow::Result<u32> {
            let value = answers.int(key).with_context(|| format!("the table has no default for {key}"))?;
            u32::try_from(value).with_context(|| format!("{key} is out of bounds"))
        };
        let database = text("stack.database")? == "postgres";
        Ok(Self {
            name: text("project.name")?,
            description: crate::text::one_line(&text("project.description")?),
            framework: match (answers.existing(), FRAMEWORKS) {
                // Nothing of it is emitted beside code that is there.
                (Some(_), [unused, ..]) => unused,
                _ => Framework::named(&text("stack.framework")?).context("stack.framework has no descriptor")?,
            },
            node: NodeRelease::of_major(&text("stack.node")?).context("stack.node has no descriptor")?,
            package_manager: match answers.existing().and_then(|it| it.package_manager.as_ref()) {
                Some(managed) => managed.manager,
                None => PackageManager::named(&text("stack.package-manager")?)
                    .context("stack.package-manager has no descriptor")?,
            },
            database,
            data_access: answers.text("stack.data-access").filter(|_| database).and_then(DataAccess::named),
            redis: answers.bool("stack.redis").unwrap_or(false),
            auth: answers.text("stack.auth").and_then(Auth::named),
            queue: text("stack.queue")? == "bullmq",
            port: u16::try_from(number("stack.port")?).context("stack.port is out of bounds")?,
            scale: Scale {
                peak_rps: number("scale.peak-rps")?,
                trough_rps: number("scale.trough-rps")?,
                team_size: number("scale.team-size")?,
                regions: number("scale.regions")?,
                availability: Availability::parse(&text("scale.availability")?).map_err(usage)?,
                // Irrelevant, and so unset, without a database.
                db_max_connections: number("scale.db-max-connections").unwrap_or(0),
                rps_per_replica: number("scale.rps-per-replica").ok(),
            },
            deploy: Deploy {
                platform: asked_platform(&text("deploy.platform")?),
                cloud: cloud(&text("deploy.cloud")?),
                kubernetes_because: reason(answers),
                environments: answers.list("deploy.environments").unwrap_or_default().to_vec(),
                registry: text("deploy.registry")?,
            },
            env: answers.env().to_vec(),
            app_dir: text("stack.app-dir")?,
            existing: answers.existing().cloned(),
            answers: answers.by_key(),
        })
    }

    /// The keys of the sign-in service.
    pub fn auth_keys(&self) -> impl Iterator<Item = &'static AuthKey> + use<> {
        self.auth.into_iter().flat_map(|auth| auth.keys)
    }

    /// Every combination that cannot work: the key to change, and why.
    fn contradictions(&self) -> Vec<Contradiction> {
        let mut found = Vec::new();
        let mut add = |key: &'static str, message: String| found.push(Contradiction { key, message });
        let (peak, trough) = (self.scale.peak_rps, self.scale.trough_rps);
        if trough > peak {
            add("scale.trough-rps", format!("{trough} is more than scale.peak-rps, {peak}"));
        }
        if self.deploy.platform == Some(AskedPlatform::Compose) && self.deploy.kubernetes_because.is_some() {
            add(
                "deploy.kubernetes-because",
                "gives a reason for Kubernetes, and deploy.platform asks for compose; drop one of them".to_owned(),
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
        if let Some(message) = self.has_no_app_there() {
            add("stack.app-dir", message);
        }
        if let Some(message) = self.reads_no_lock_file() {
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
        if self.queue && self.framework.modules {
            add(
                "stack.queue",
                format!(
                    "bullmq with {} is not in this version; choose another stack.framework, or stack.queue=none",
                    self.framework.title
                ),
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
        if self.existing.is_none() {
            return Some(
                "a workspace is fitted by `seaworthy init`; `new` makes a repository with one service".to_owned(),
            );
        }
        self.package_manager.install_part(&self.app_dir).is_none().then(|| {
            "Yarn 1 installs all of a workspace or nothing; Yarn 4, npm, pnpm and Bun install a part".to_owned()
        })
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

    /// Why a variable cannot be the user's: it holds the address of the database. Code that was there before may keep
    /// another one in `DATABASE_URL`.
    fn taken(&self, name: &str) -> Option<String> {
        let is_taken = match &self.existing {
            Some(existing) => self.database && existing.database_variables().iter().any(|(_, it)| *it == name),
            None => name == "DATABASE_URL",
        };
        is_taken.then(|| "it already has a meaning in the emitted files; choose another name".to_owned())
    }

    /// The contradictions and the faulty variables, each with its place in front.
    fn problems(&self) -> Vec<String> {
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
        combinations.chain(variables).collect()
    }
}

/// Values of `APP_ENV` that are not deployed to.
pub const LOCAL_ENVIRONMENTS: [&str; 2] = ["development", "test"];

/// Port that the database for local work publishes on the developer's machine.
const POSTGRES_PORT: u16 = 5432;

/// Port that Redis for local work publishes there.
const REDIS_PORT: u16 = 6379;

/// Two answers that do not fit each other.
struct Contradiction {
    /// The answer to change.
    key: &'static str,
    /// Why, as the rest of a sentence.
    message: String,
}

fn asked_platform(text: &str) -> Option<AskedPlatform> {
    match text {
        "compose" => Some(AskedPlatform::Compose),
        "kubernetes" => Some(AskedPlatform::Kubernetes),
        _ => None,
    }
}

fn cloud(text: &str) -> Cloud {
    match text {
        "aws" => Cloud::Aws,
        "gcp" => Cloud::Gcp,
        "azure" => Cloud::Azure,
        _ => Cloud::None,
    }
}

/// The reason for Kubernetes; blank text is no reason.
fn reason(answers: &Answers) -> Option<String> {
    answers
        .text("deploy.kubernetes-because")
        .filter(|text| !crate::text::one_line(text).is_empty())
        .map(ToOwned::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_of_the_sign_in_service_is_declared_once() {
        let mut answers = Answers::default();
        for assignment in ["project.name=orders", "stack.auth=clerk"] {
            answers.set_from_flag(assignment).unwrap();
        }
        assert!(Spec::new(answers.clone()).is_ok());
        answers.declare(EnvEntry {
            name: "CLERK_SECRET_KEY".to_owned(),
            kind: EnvKind::Secret,
            values: Vec::new(),
            default: None,
            required_in: None,
            example: String::new(),
            description: String::new(),
            origin: Origin::Default,
        });
        let told = Spec::new(answers).unwrap_err().to_string();
        assert!(told.contains("stack.auth: declares CLERK_SECRET_KEY, and so does"), "{told}");
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
