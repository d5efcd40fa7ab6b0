//! What else the service is made of: Redis, queues, storage, sign-in, add-ons that are compiled.

use super::fact::{Evidence, Fact};
use super::look::{App, Look};
use super::source::Source;

/// What is told of an add-on that the repository itself compiles.
pub(crate) const OWN_ADDON: &str = "its own";

const REDIS: [&str; 5] = ["ioredis", "redis", "@redis/client", "@fastify/redis", "iovalkey"];

/// Packages for queues, each with its name and whether Redis is below it.
const QUEUES: [(&str, &str, bool); 9] = [
    ("bullmq", "bullmq", true),
    ("@nestjs/bullmq", "bullmq", true),
    ("bull", "bull", true),
    ("bee-queue", "bee-queue", true),
    ("pg-boss", "pg-boss", false),
    ("graphile-worker", "graphile-worker", false),
    ("agenda", "agenda", false),
    ("amqplib", "amqplib", false),
    ("kafkajs", "kafkajs", false),
];

/// Packages that hold machine code, or fetch it when they are installed.
const NATIVE: [&str; 22] = [
    "argon2",
    "bcrypt",
    "better-sqlite3",
    "bufferutil",
    "canvas",
    "cpu-features",
    "farmhash",
    "isolated-vm",
    "leveldown",
    "libxmljs2",
    "node-sass",
    "node-pty",
    "oracledb",
    "pg-native",
    "re2",
    "serialport",
    "sharp",
    "sodium-native",
    "sqlite3",
    "usb",
    "utf-8-validate",
    "zeromq",
];

pub(crate) fn look(look: &mut Look<'_>, app: &App<'_>) {
    queues(look, app);
    redis(look, app);
    workers(look, app);
    simple(look, app, "storage", "stack.storage", &[("@aws-sdk/client-s3", "s3"), ("aws-sdk", "s3"), ("minio", "s3")]);
    let clerk = ["@clerk/backend", "@clerk/express", "@clerk/fastify", "@clerk/nextjs", "@clerk/hono"];
    simple(look, app, "auth", "stack.auth", &clerk.map(|package| (package, "clerk")));
    native(look, app);
}

fn queues(look: &mut Look<'_>, app: &App<'_>) {
    for (package, name, on_redis) in QUEUES {
        let Some(dependency) = app.runtime(package) else { continue };
        let evidence = look.tree.evidence(&dependency.key.place);
        let fact = Fact::new("queue", app.folder(), name, evidence.clone());
        look.add(if name == "bullmq" { fact.answering("stack.queue", name) } else { fact });
        if on_redis {
            look.add(Fact::new("redis", app.folder(), package, evidence).answering("stack.redis", "true"));
        }
    }
    if look.report.value("queue", app.folder()).is_none() {
        let evidence = app.manifest.dependencies_place(look.tree, "no package for a queue");
        look.add(Fact::new("queue", app.folder(), "none", evidence).answering("stack.queue", "none"));
    }
}

fn redis(look: &mut Look<'_>, app: &App<'_>) {
    for package in REDIS {
        if let Some(dependency) = app.runtime(package) {
            let evidence = look.tree.evidence(&dependency.key.place);
            look.add(Fact::new("redis", app.folder(), package, evidence).answering("stack.redis", "true"));
        }
    }
    if look.report.value("redis", app.folder()).is_none() {
        let evidence = app.manifest.dependencies_place(look.tree, "no client of Redis");
        look.add(Fact::new("redis", app.folder(), "none", evidence).answering("stack.redis", "false"));
    }
}

/// A question that the first of some packages answers.
fn simple(look: &mut Look<'_>, app: &App<'_>, subject: &'static str, key: &'static str, packages: &[(&str, &str)]) {
    let used = packages.iter().find_map(|(package, name)| Some((app.runtime(package)?, *name)));
    if let Some((dependency, name)) = used {
        let evidence = look.tree.evidence(&dependency.key.place);
        look.add(Fact::new(subject, app.folder(), name, evidence).answering(key, name));
    }
}

/// Code that takes jobs out of a queue.
fn workers(look: &mut Look<'_>, app: &App<'_>) {
    let Some(queue) = look.report.value("queue", app.folder()).filter(|name| *name != "none") else { return };
    let calls: &[&str] = match queue {
        "bullmq" => &["new Worker(", "new Worker<", "@Processor("],
        "graphile-worker" => &["run({", "runTaskList("],
        "pg-boss" => &[".work("],
        "amqplib" => &[".consume("],
        "agenda" => &[".define("],
        "kafkajs" => &[".consumer("],
        _ => &[".process("],
    };
    let found: Vec<Evidence> = app.sources.iter().filter_map(|source| worker(source, calls)).collect();
    for evidence in found {
        look.add(Fact::new("worker", app.folder(), evidence.file.clone(), evidence));
    }
}

fn worker(source: &Source, calls: &[&str]) -> Option<Evidence> {
    // A thread of Node's own is no worker of a queue.
    let is_thread = source.text.contains("worker_threads") && !source.text.contains("bullmq");
    let at = calls.iter().find_map(|call| source.bare.find(call).map(|at| (at, *call))).filter(|_| !is_thread)?;
    Some(source.evidence(at.0, at.1.trim_end_matches(['(', '<', '{'])))
}

fn native(look: &mut Look<'_>, app: &App<'_>) {
    for name in NATIVE {
        if let Some(dependency) = app.runtime(name) {
            look.add(Fact::new("native-addon", app.folder(), name, look.tree.evidence(&dependency.key.place)));
        }
    }
    let own = app.path("binding.gyp");
    if look.tree.has(&own) {
        look.add(Fact::new("native-addon", app.folder(), OWN_ADDON, Evidence::new(&own, None, "")));
    }
}
