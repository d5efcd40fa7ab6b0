//! The variables of the service: one list, from which the schema, `.env.example`, Compose, Kubernetes
//! and the runbook are printed.

use serde::Serialize;

use super::connection;
use super::database::Database;
use super::storage::Storage;
use super::timeouts::Timeouts;
use super::worker::Worker;
use crate::spec::{EnvEntry, EnvKind, LOCAL_ENVIRONMENTS, Spec};
use crate::stack::auth::AuthKey;

/// Password of the database on a developer's machine, and example of a secret without one; the service refuses
/// it anywhere else.
pub const LOCAL_PASSWORD: &str = "local-development-only";

/// Who gives a variable its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// The emitted code.
    App,
    /// The machine or cluster: database, Redis.
    Infrastructure,
    /// The sign-in service.
    Auth,
    /// The storage of files.
    Storage,
    /// An `[[env]]` table of the user.
    User,
}

/// How the text of a variable is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Type {
    /// Any text that is not empty.
    Text,
    /// An http or https URL.
    HttpUrl,
    /// A PostgreSQL connection string.
    PostgresUrl,
    /// A Redis connection string.
    RedisUrl,
    /// A whole number between two bounds.
    Int,
    /// true or false.
    Bool,
    /// One of `values`.
    Enum,
    /// Comma-separated origins.
    Origins,
}

/// One variable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[allow(clippy::struct_excessive_bools, reason = "independent facts that templates ask by name")]
pub struct EnvKey {
    /// Name in the environment.
    pub name: String,
    /// How it is read.
    #[serde(rename = "type")]
    pub type_: Type,
    /// Never printed, never in a committed file.
    pub secret: bool,
    /// Neither a secret nor the name of the environment: goes into the ConfigMap as it is.
    pub plain: bool,
    /// Whether there is a value without the environment giving one.
    pub has_default: bool,
    /// That value; empty without one.
    pub default: String,
    /// Whether every environment must set it.
    pub required: bool,
    /// The environments that must set it, when not all must and some do.
    pub required_in: Vec<String>,
    /// Value in `.env.example`.
    pub example: String,
    /// What it is for.
    pub description: String,
    /// Values of an enum.
    pub values: Vec<String>,
    /// Smallest number.
    pub min: i64,
    /// Largest number.
    pub max: i64,
    /// Who gives it its value.
    pub source: Source,
}

/// All variables, the service's own first, then the user's in the order of the file.
#[must_use]
pub fn keys(
    spec: &Spec,
    timeouts: &Timeouts,
    database: &Database,
    worker: Option<&Worker>,
    storage: Option<&Storage>,
) -> Vec<EnvKey> {
    let mut keys = base(spec, timeouts);
    if spec.existing.is_some() {
        // Code that was there before knows none of the emitted code's own, but may use names that many use.
        keys.retain(|key| key.name != "CORS_ORIGINS");
        for key in &mut keys {
            key.description = match key.name.as_str() {
                "APP_ENV" => "Name of the deployment environment, for code that reads it.".to_owned(),
                "LOG_LEVEL" => "Least severe level that is logged, for code that reads it.".to_owned(),
                _ => continue,
            };
        }
    }
    if spec.database {
        keys.extend(database_keys(spec, database));
    }
    if spec.redis {
        keys.push(EnvKey {
            secret: true,
            source: Source::Infrastructure,
            ..key("REDIS_URL", Type::RedisUrl, "Redis connection string.").with_example("redis://localhost:6379")
        });
    }
    keys.extend(spec.auth_keys().map(auth_key));
    keys.extend(storage.into_iter().flat_map(|it| storage_keys(spec, it)));
    keys.extend(worker.map(|worker| {
        let description = if spec.database {
            "Jobs that one worker runs at once, each with at most one database connection."
        } else {
            "Jobs that one worker runs at once."
        };
        key("WORKER_CONCURRENCY", Type::Int, description)
            .with_bounds(1, 100)
            .with_default(&worker.concurrency.to_string())
    }));
    keys.extend(spec.env.iter().map(user_key));
    for key in &mut keys {
        key.plain = !key.secret && key.name != "APP_ENV";
    }
    keys
}

fn base(spec: &Spec, timeouts: &Timeouts) -> Vec<EnvKey> {
    let local = LOCAL_ENVIRONMENTS.map(ToOwned::to_owned).into_iter();
    let names: Vec<String> = local.chain(spec.deploy.environments.iter().cloned()).collect();
    let levels = ["fatal", "error", "warn", "info", "debug", "trace"].map(ToOwned::to_owned);
    vec![
        EnvKey {
            values: names,
            ..key(
                "APP_ENV",
                Type::Enum,
                "Deployment environment. Safety checks for production run in all but development and test.",
            )
            .with_example("development")
        },
        key("PORT", Type::Int, "Port to listen on.").with_bounds(1, 65535).with_default(&spec.port.to_string()),
        EnvKey {
            values: levels.to_vec(),
            ..key("LOG_LEVEL", Type::Enum, "Least severe level that is logged.").with_default("info")
        },
        key(
            "CORS_ORIGINS",
            Type::Origins,
            "Comma-separated origins whose pages may call the API. Empty: same origin only.",
        )
        .with_default(""),
        key(
            "SHUTDOWN_DELAY_MS",
            Type::Int,
            "Milliseconds in which a stopping instance still accepts connections, while load balancers notice.",
        )
        .with_bounds(0, 30_000)
        .with_default(&timeouts.drain_delay_ms.to_string())
        .with_example("0"),
        key(
            "SHUTDOWN_TIMEOUT_MS",
            Type::Int,
            "Milliseconds after which a shutdown that has not finished is cut short.",
        )
        .with_bounds(1000, 30_000)
        .with_default(&timeouts.shutdown_timeout_ms.to_string()),
    ]
}

fn database_keys(spec: &Spec, database: &Database) -> Vec<EnvKey> {
    let example = format!("postgres://{name}:{LOCAL_PASSWORD}@localhost:5432/{name}", name = spec.name);
    let of_part = |(part, name): (&str, &str)| {
        let (type_, description, example) = match part {
            "url" => (Type::PostgresUrl, "PostgreSQL connection string.", example.as_str()),
            "host" => (Type::Text, "Host of PostgreSQL.", "localhost"),
            "port" => (Type::Text, "Port of PostgreSQL.", "5432"),
            "user" => (Type::Text, "User of PostgreSQL.", spec.name.as_str()),
            "password" => (Type::Text, "Password of PostgreSQL.", LOCAL_PASSWORD),
            _ => (Type::Text, "Name of the database in PostgreSQL.", spec.name.as_str()),
        };
        // All of it comes from one place.
        EnvKey { secret: true, source: Source::Infrastructure, ..key(name, type_, description).with_example(example) }
    };
    let pool = if spec.existing.is_some() {
        "Most connections of one instance, for code that reads it: nothing else holds it to that."
    } else {
        "Most connections of one instance; one more is kept for health checks."
    };
    let mut keys: Vec<EnvKey> = connection::variables(spec).into_iter().map(of_part).collect();
    keys.push(
        key("DATABASE_POOL_MAX", Type::Int, pool).with_bounds(1, 100).with_default(&database.pool_max.to_string()),
    );
    keys
}

fn auth_key(auth: &AuthKey) -> EnvKey {
    EnvKey {
        secret: auth.secret,
        source: Source::Auth,
        ..key(auth.name, Type::Text, auth.description).with_example(auth.example)
    }
}

/// The names are those that the AWS SDK reads, where it reads them itself.
fn storage_keys(spec: &Spec, storage: &Storage) -> Vec<EnvKey> {
    let bucket = format!("{}-development", spec.name);
    let mut keys = vec![
        key("S3_BUCKET", Type::Text, "Bucket that holds the files of this environment.").with_example(&bucket),
        key("AWS_REGION", Type::Text, "Region of the bucket.").with_example("eu-central-1"),
        EnvKey {
            required: false,
            ..key("S3_ENDPOINT", Type::HttpUrl, "Address of another service that speaks S3. Empty: AWS.")
        },
        key("UPLOAD_MAX_BYTES", Type::Int, "Largest file that may be uploaded, in bytes.")
            .with_bounds(1, i64::from(storage.most_bytes))
            .with_default(&storage.max_bytes.to_string()),
    ];
    let deployed = &spec.deploy.environments;
    let of_credentials = |name, secret, required_in: &[String], description: &str| EnvKey {
        secret,
        required: false,
        required_in: required_in.to_vec(),
        ..key(name, Type::Text, description)
    };
    if storage.credentials.web_identity {
        let description = "Role that the pods take on for S3; where they run only.";
        keys.push(of_credentials("AWS_ROLE_ARN", false, deployed, description));
        let file = format!("{}/{}", storage.token_folder, storage.token_name);
        let description = "Token of the pod, which AWS exchanges for the rights of that role.";
        keys.push(key("AWS_WEB_IDENTITY_TOKEN_FILE", Type::Text, description).with_default(&file));
        return keys_of(keys);
    }
    if storage.credentials.task_role {
        return keys_of(keys);
    }
    let (required_in, id): (&[String], _) = if storage.credentials.machine_role {
        (&[], "Access key for S3. Empty: the machine's role.")
    } else {
        (deployed, "Access key for S3.")
    };
    keys.push(of_credentials("AWS_ACCESS_KEY_ID", true, required_in, id));
    keys.push(of_credentials("AWS_SECRET_ACCESS_KEY", true, required_in, "Secret of that access key."));
    keys_of(keys)
}

fn keys_of(keys: Vec<EnvKey>) -> Vec<EnvKey> {
    keys.into_iter().map(|key| EnvKey { source: Source::Storage, ..key }).collect()
}

fn user_key(entry: &EnvEntry) -> EnvKey {
    let type_ = match entry.kind {
        EnvKind::String | EnvKind::Secret => Type::Text,
        EnvKind::Url => Type::HttpUrl,
        EnvKind::Int => Type::Int,
        EnvKind::Bool => Type::Bool,
        EnvKind::Enum => Type::Enum,
    };
    let described = crate::text::one_line(&entry.description);
    let description =
        if described.is_empty() { "Declared in seaworthy.toml, without a description." } else { &described };
    let base = key(&entry.name, type_, description).with_bounds(i64::from(i32::MIN), i64::from(i32::MAX));
    EnvKey {
        secret: entry.kind == EnvKind::Secret,
        has_default: entry.default.is_some(),
        default: entry.default.clone().unwrap_or_default(),
        required: entry.default.is_none() && entry.required_in.is_none(),
        required_in: entry.required_in.clone().unwrap_or_default(),
        example: example(entry),
        values: entry.values.clone(),
        source: Source::User,
        ..base
    }
}

/// The user's example, else one that the schema accepts; nothing for what may stay unset everywhere.
fn example(entry: &EnvEntry) -> String {
    if !entry.example.is_empty() {
        return entry.example.clone();
    }
    if let Some(default) = &entry.default {
        return default.clone();
    }
    if entry.required_in.as_ref().is_some_and(Vec::is_empty) {
        return String::new();
    }
    match entry.kind {
        EnvKind::String => "change-me".to_owned(),
        EnvKind::Secret => LOCAL_PASSWORD.to_owned(),
        EnvKind::Url => "http://localhost:8080".to_owned(),
        EnvKind::Int => "1".to_owned(),
        EnvKind::Bool => "false".to_owned(),
        EnvKind::Enum => entry.values.first().cloned().unwrap_or_default(),
    }
}

fn key(name: &str, type_: Type, description: &str) -> EnvKey {
    EnvKey {
        name: name.to_owned(),
        type_,
        secret: false,
        plain: true,
        has_default: false,
        default: String::new(),
        required: true,
        required_in: Vec::new(),
        example: String::new(),
        description: description.to_owned(),
        values: Vec::new(),
        min: 0,
        max: 0,
        source: Source::App,
    }
}

impl EnvKey {
    /// A key of somebody else's service: its test keys, and the value of `.env.example`, are not for production.
    #[must_use]
    pub fn is_service_key(&self) -> bool {
        self.source == Source::Auth || self.secret && self.source == Source::User
    }

    fn with_default(self, default: &str) -> Self {
        Self { has_default: true, default: default.to_owned(), example: default.to_owned(), required: false, ..self }
    }

    fn with_example(self, example: &str) -> Self {
        Self { example: example.to_owned(), ..self }
    }

    fn with_bounds(self, min: i64, max: i64) -> Self {
        Self { min, max, ..self }
    }
}
