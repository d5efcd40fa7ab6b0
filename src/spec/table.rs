//! The question table. The order is the order of the interview and of `seaworthy.toml`.
//!
//! A question may use answers of rows above it in `default` and `relevant`, never of rows below.

use crate::spec::kubernetes::scale_justifies_kubernetes;
use crate::spec::question::{Kind, Question};
use crate::spec::{Answers, Value};

/// Longest project name: a Kubernetes object name has 63 characters, and the longest suffix that we
/// add to a name (a migration Job with the first characters of a digest) has 22.
const NAME_MAX: usize = 40;

/// All questions.
pub static QUESTIONS: &[Question] = &[
    Question {
        key: "project.name",
        prompt: "What is the service called?",
        help: "Names the package, the image, the containers and the Kubernetes objects. Lower-case letters, digits and '-'.",
        kind: Kind::Label { max: NAME_MAX },
        default: none,
        relevant: always,
        asked: always_asked,
    },
    Question {
        key: "project.description",
        prompt: "What does it do, in one line?",
        help: "Goes into package.json, the image's labels and the README.",
        kind: Kind::Text { min: 0, max: 200 },
        default: |_| text("An HTTP service."),
        relevant: always,
        asked: always_asked,
    },
    Question {
        key: "stack.framework",
        prompt: "Which web framework?",
        help: "The emitted service, its health routes and its shutdown are written for it.",
        kind: Kind::Choice { built: &["fastify", "express", "hono", "nest", "next"], planned: &[] },
        default: |_| text("fastify"),
        relevant: is_emitted,
        asked: always_asked,
    },
    Question {
        key: "stack.node",
        prompt: "Which Node.js major?",
        help: "Base image, CI and the engines field.",
        kind: Kind::Choice { built: &["22", "24", "26"], planned: &[] },
        default: |_| text("24"),
        relevant: always,
        asked: never,
    },
    Question {
        key: "stack.package-manager",
        prompt: "Which package manager?",
        help: "Lock file, image build and CI.",
        kind: Kind::Choice { built: &["npm", "pnpm", "yarn", "bun"], planned: &[] },
        default: |_| text("npm"),
        relevant: always,
        asked: never,
    },
    Question {
        key: "stack.database",
        prompt: "Which database does it use?",
        help: "postgres adds a connection pool, migrations, a readiness check and a database container for local work.",
        kind: Kind::Choice { built: &["postgres", "none"], planned: &[] },
        // Code that is there says which one it talks to.
        default: |answers| text(if answers.existing().is_some() { "none" } else { "postgres" }),
        relevant: always,
        asked: always_asked,
    },
    Question {
        key: "stack.data-access",
        prompt: "How does the code talk to the database?",
        help: "pg is the plain driver, with migrations in SQL; drizzle and prisma type the queries and write migrations from the schema.",
        kind: Kind::Choice { built: &["pg", "drizzle", "prisma"], planned: &[] },
        default: |_| text("pg"),
        relevant: |answers| is_emitted(answers).and_then(|()| has_database(answers)),
        asked: always_asked,
    },
    Question {
        key: "stack.redis",
        prompt: "Does it use Redis?",
        help: "Adds a client that the service can live without for a while: when Redis is down it is degraded, not unavailable.",
        kind: Kind::Bool,
        default: |_| Some(Value::Bool(false)),
        relevant: always,
        asked: always_asked,
    },
    Question {
        key: "stack.queue",
        prompt: "Does it run background jobs?",
        help: "bullmq adds a worker process of its own, with its own image, shutdown and probe; its jobs are kept in Redis.",
        kind: Kind::Choice { built: &["none", "bullmq"], planned: &[] },
        default: |_| text("none"),
        relevant: always,
        asked: never,
    },
    Question {
        key: "stack.storage",
        prompt: "Does it store files?",
        help: "s3 adds uploads and downloads that the service signs and clients send to S3 or fetch from it, for each tenant apart.",
        kind: Kind::Choice { built: &["none", "s3"], planned: &[] },
        default: |_| text("none"),
        relevant: always,
        asked: never,
    },
    Question {
        key: "stack.auth",
        prompt: "Which sign-in service?",
        help: "Adds its keys to the environment schema. Test keys are refused in production.",
        kind: Kind::Choice { built: &["none", "clerk"], planned: &[] },
        default: |_| text("none"),
        relevant: is_emitted,
        asked: never,
    },
    Question {
        key: "stack.app-dir",
        prompt: "In which folder of the repository is the service?",
        help: "Empty for a repository that holds one service.",
        kind: Kind::Text { min: 0, max: 200 },
        default: |_| text(""),
        relevant: always,
        asked: never,
    },
    Question {
        key: "stack.source-dir",
        prompt: "In which folder is the source?",
        help: "Holds server.ts, and ops/ next to it.",
        kind: Kind::Choice { built: &["src"], planned: &[] },
        default: |_| text("src"),
        relevant: is_emitted,
        asked: never,
    },
    Question {
        key: "stack.port",
        prompt: "On which port does it listen?",
        help: "The same in the container, the probes and the Service. 1024 or higher, since the container runs without root.",
        kind: Kind::Int { min: 1024, max: 65535 },
        default: |_| Some(Value::Int(3000)),
        relevant: always,
        asked: never,
    },
    Question {
        key: "scale.peak-rps",
        prompt: "How many requests per second at the busiest minute?",
        help: "Of the whole service. Decides the platform and the number of instances; a guess is fine, you can change it later.",
        kind: Kind::Int { min: 1, max: 1_000_000 },
        default: |_| Some(Value::Int(50)),
        relevant: always,
        asked: always_asked,
    },
    Question {
        key: "scale.trough-rps",
        prompt: "How many requests per second at the quietest hour of the day?",
        help: "An autoscaler is worth its moving parts only if the load varies.",
        kind: Kind::Int { min: 0, max: 1_000_000 },
        default: |answers| answers.int("scale.peak-rps").map(|peak| Value::Int(peak / 10)),
        relevant: always,
        asked: always_asked,
    },
    Question {
        key: "scale.team-size",
        prompt: "How many people are on the team that deploys and operates it?",
        help: "Above 10, the isolation and self-service of a cluster starts to pay. From 2 on, nobody approves their own deploy.",
        kind: Kind::Int { min: 1, max: 10_000 },
        default: |_| Some(Value::Int(4)),
        relevant: always,
        asked: always_asked,
    },
    Question {
        key: "scale.regions",
        prompt: "In how many regions must it run at the same time?",
        help: "1 unless the law or the loss of a whole region demands more.",
        kind: Kind::Int { min: 1, max: 20 },
        default: |_| Some(Value::Int(1)),
        relevant: always,
        asked: always_asked,
    },
    Question {
        key: "scale.availability",
        prompt: "What share of time must it answer, in percent?",
        help: "99.9 leaves 43 minutes a month and fits one machine; 99.95 leaves 21 and does not.",
        kind: Kind::Availability,
        default: |_| text("99.9"),
        relevant: always,
        asked: always_asked,
    },
    Question {
        key: "scale.db-max-connections",
        prompt: "How many connections does the database allow?",
        help: "max_connections of PostgreSQL; 100 unless you changed it. The pools of all instances together stay below it.",
        // The smallest pools of one instance and of its successor, a migration and the reserve.
        kind: Kind::Int { min: 12, max: 100_000 },
        default: |_| Some(Value::Int(100)),
        relevant: has_database,
        asked: never,
    },
    Question {
        key: "scale.rps-per-replica",
        prompt: "How many requests per second does one instance take?",
        help: "From your own load test of one instance on one core; without it a cautious default is used.",
        kind: Kind::Int { min: 1, max: 100_000 },
        default: none,
        relevant: always,
        asked: never,
    },
    Question {
        key: "deploy.platform",
        prompt: "Where shall it run?",
        help: "auto decides by the numbers above and says why.",
        kind: Kind::Choice { built: &["auto", "compose", "kubernetes", "cloud-run", "ecs"], planned: &[] },
        default: |_| text("auto"),
        relevant: always,
        asked: always_asked,
    },
    Question {
        key: "deploy.cloud",
        prompt: "With which cloud provider?",
        help: "Decides how the deploy signs in, and whose managed containers there are; none is for clusters and machines of your own.",
        kind: Kind::Choice { built: &["none", "aws", "gcp", "azure"], planned: &[] },
        default: |_| text("none"),
        relevant: always,
        asked: always_asked,
    },
    Question {
        key: "deploy.kubernetes-because",
        prompt: "Why Kubernetes, although the numbers do not ask for it?",
        help: "Recorded word for word in docs/DEPLOYMENT.md.",
        kind: Kind::Text { min: 1, max: 500 },
        default: none,
        relevant: always,
        asked: kubernetes_needs_a_reason,
    },
    Question {
        key: "deploy.routing",
        prompt: "How do requests come into the cluster?",
        help: "gateway is an HTTPRoute of the Gateway API; ingress is for a cluster that has a controller for Ingresses and no Gateway.",
        kind: Kind::Choice { built: &["gateway", "ingress"], planned: &[] },
        default: |_| text("gateway"),
        relevant: runs_on_kubernetes,
        asked: never,
    },
    Question {
        key: "deploy.rollout",
        prompt: "How does a new version take over in the cluster?",
        help: "rolling replaces pods batch by batch; blue-green starts a whole second set, tests it, and then gives it all requests at once.",
        kind: Kind::Choice { built: &["rolling", "blue-green"], planned: &[] },
        default: |_| text("rolling"),
        relevant: runs_on_kubernetes,
        asked: never,
    },
    Question {
        key: "deploy.worker-scaling",
        prompt: "How many workers run in the cluster?",
        help: "fixed is a number; keda follows the jobs that wait and run, between two numbers, and needs KEDA in the cluster.",
        kind: Kind::Choice { built: &["fixed", "keda"], planned: &[] },
        default: |_| text("fixed"),
        relevant: |answers| runs_on_kubernetes(answers).and_then(|()| has_jobs(answers)),
        asked: never,
    },
    Question {
        key: "deploy.environments",
        prompt: "Which environments are there, in the order of deployment?",
        help: "The last one is production: it needs an approval.",
        kind: Kind::Labels { max: 5 },
        default: |_| Some(Value::List(vec!["staging".to_owned(), "production".to_owned()])),
        relevant: always,
        asked: never,
    },
    Question {
        key: "deploy.approval",
        prompt: "Who lets a deploy into production?",
        help: "reviewers: GitHub holds the job until one agrees; private repositories need GitHub Enterprise for it. pull-request: what another person approved as it is, checked before anything is built.",
        kind: Kind::Choice { built: &["reviewers", "pull-request"], planned: &[] },
        default: |_| text("reviewers"),
        relevant: always,
        asked: never,
    },
    Question {
        key: "deploy.notify",
        prompt: "Who is told when a deploy waits or fails?",
        help: "slack: a channel, through an incoming webhook.",
        kind: Kind::Choice { built: &["none", "slack"], planned: &[] },
        default: |_| text("none"),
        relevant: always,
        asked: never,
    },
    Question {
        key: "deploy.registry",
        prompt: "Which container registry?",
        help: "Images are pushed under the name of the repository.",
        kind: Kind::Choice { built: &["ghcr.io"], planned: &[] },
        default: |_| text("ghcr.io"),
        relevant: always,
        asked: never,
    },
];

/// The row of a key.
#[must_use]
pub fn question(key: &str) -> Option<&'static Question> {
    QUESTIONS.iter().find(|question| question.key == key)
}

/// The sections of the keys, in the order of the table.
pub fn sections() -> impl Iterator<Item = &'static str> {
    QUESTIONS.chunk_by(|one, next| one.section() == next.section()).map(|rows| rows[0].section())
}

#[allow(clippy::unnecessary_wraps, reason = "the type of `Question::default`")]
fn text(value: &str) -> Option<Value> {
    Some(Value::Text(value.to_owned()))
}

fn none(_: &Answers) -> Option<Value> {
    None
}

fn always_asked(_: &Answers) -> bool {
    true
}

#[allow(clippy::unnecessary_wraps, reason = "the type of `Question::relevant`")]
fn always(_: &Answers) -> Result<(), &'static str> {
    Ok(())
}

fn never(_: &Answers) -> bool {
    false
}

fn only_if(holds: bool, otherwise: &'static str) -> Result<(), &'static str> {
    if holds { Ok(()) } else { Err(otherwise) }
}

/// The service's code is emitted, and was not there before.
fn is_emitted(answers: &Answers) -> Result<(), &'static str> {
    only_if(answers.existing().is_none(), "it is for code that is emitted, and the service's own was there before")
}

fn has_database(answers: &Answers) -> Result<(), &'static str> {
    only_if(answers.text("stack.database") != Some("none"), "it is for a database, and stack.database is none")
}

fn has_jobs(answers: &Answers) -> Result<(), &'static str> {
    only_if(answers.text("stack.queue") == Some("bullmq"), "it is for background jobs, and stack.queue is none")
}

fn kubernetes_needs_a_reason(answers: &Answers) -> bool {
    answers.text("deploy.platform") == Some("kubernetes") && !scale_asks_for_kubernetes(answers)
}

fn scale_asks_for_kubernetes(answers: &Answers) -> bool {
    let number = |key| answers.int(key).unwrap_or(0);
    scale_justifies_kubernetes(number("scale.peak-rps"), number("scale.team-size"), number("scale.regions")).is_some()
}

/// The platform decision comes to a cluster.
fn runs_on_kubernetes(answers: &Answers) -> Result<(), &'static str> {
    only_if(comes_to_a_cluster(answers), "it is for Kubernetes, and these answers lead to another platform")
}

fn comes_to_a_cluster(answers: &Answers) -> bool {
    match answers.text("deploy.platform") {
        Some("kubernetes") => true,
        Some("auto") | None => {
            scale_asks_for_kubernetes(answers) || answers.text("deploy.kubernetes-because").is_some()
        }
        Some(_) => false,
    }
}
