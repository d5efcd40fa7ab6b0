//! Answers as a TOML table, fixed or random, and what they lead to.

use anyhow::Result;
use proptest::collection::{btree_set, vec};
use proptest::option;
use proptest::prelude::*;
use seaworthy::emit;
use seaworthy::plan::{Plan, plan};
use seaworthy::render::file_set::FileSet;
use seaworthy::spec::file::{Layer, Source, read};
use seaworthy::spec::{Answers, Spec};
use toml::{Table, Value};

/// Everything that one set of answers comes to.
pub(crate) struct Emitted {
    pub(crate) plan: Plan,
    pub(crate) files: FileSet,
}

/// Reads a table as an answers file, with the defaults for what it does not say.
pub(crate) fn read_table(table: &Table) -> Result<Answers> {
    let text = toml::to_string(table)?;
    let mut answers = read(&Source { name: "test.toml", text: &text, layer: Layer::AnswersFile })?;
    answers.complete_with_defaults();
    Ok(answers)
}

pub(crate) fn spec_and_plan(table: &Table) -> Result<(Spec, Plan)> {
    let spec = Spec::new(read_table(table)?)?;
    let plan = plan(&spec)?;
    Ok((spec, plan))
}

pub(crate) fn emit(table: &Table) -> Result<Emitted> {
    let answers = read_table(table)?;
    let spec = Spec::new(answers.clone())?;
    let plan = plan(&spec)?;
    let files = emit::files(&spec, &answers, &plan, None)?;
    Ok(Emitted { plan, files })
}

/// The least that makes a complete answers file.
pub(crate) fn minimal() -> Table {
    let mut table = Table::new();
    table.insert("schema".to_owned(), Value::Integer(1));
    set(&mut table, "project.name", "orders");
    table
}

/// Sets `section.key`.
pub(crate) fn set(table: &mut Table, key: &str, value: impl Into<Value>) {
    let (section, name) = key.split_once('.').unwrap_or(("", key));
    let section = table.entry(section).or_insert_with(|| Value::Table(Table::new()));
    if let Some(section) = section.as_table_mut() {
        section.insert(name.to_owned(), value.into());
    }
}

/// `minimal` with some keys set, values in TOML.
pub(crate) fn with(keys: &[(&str, Value)]) -> Table {
    let mut table = minimal();
    for (key, value) in keys {
        set(&mut table, key, value.clone());
    }
    table
}

/// Random answers over all keys. Some contradict each other; most do not.
pub(crate) fn any_answers() -> impl Strategy<Value = Table> {
    (project(), stack(), scale(), deploy(), vec(env_entry(), 0..5)).prop_map(|parts| {
        let (project, stack, scale, deploy, env) = parts;
        let mut table = Table::new();
        table.insert("schema".to_owned(), Value::Integer(1));
        for (name, section) in [("project", project), ("stack", stack), ("scale", scale), ("deploy", deploy)] {
            table.insert(name.to_owned(), Value::Table(section));
        }
        let mut names = Vec::new();
        let unique = env.into_iter().filter(|entry| {
            let is_new = !names.contains(&entry["name"]);
            names.push(entry["name"].clone());
            is_new
        });
        table.insert("env".to_owned(), Value::Array(unique.map(Value::Table).collect()));
        table
    })
}

fn table<const N: usize>(fields: [(&str, Option<Value>); N]) -> Table {
    fields.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect()
}

fn project() -> impl Strategy<Value = Table> {
    ("[a-z]([a-z0-9-]{0,30}[a-z0-9])?", option::of(".{0,60}")).prop_map(|(name, description)| {
        table([("name", Some(name.into())), ("description", description.map(Into::into))])
    })
}

fn stack() -> impl Strategy<Value = Table> {
    let port = prop_oneof![Just(3000_i64), 1024..=65535_i64];
    let data_access = prop_oneof!["pg", "drizzle", "prisma"];
    // A queue needs Redis.
    let redis = prop_oneof![
        2 => Just((None, None)),
        4 => any::<bool>().prop_map(|redis| (Some(redis), None)),
        1 => Just((Some(true), Some("bullmq"))),
    ];
    (option::of(prop_oneof!["none", "postgres"]), option::of(data_access), redis, option::of(port)).prop_map(
        |(database, data_access, (redis, queue), port)| {
            let values = [
                ("queue", queue.map(Value::from)),
                ("database", database.map(Value::from)),
                ("data-access", data_access.map(Value::from)),
                ("redis", redis.map(Value::from)),
                ("port", port.map(Value::from)),
            ];
            table(values)
        },
    )
}

fn scale() -> impl Strategy<Value = Table> {
    let peak = prop_oneof![4 => 1..=900_i64, 1 => 9_990..=10_010_i64, 2 => 10_001..=60_000_i64, 1 => 1..=1_000_000_i64];
    let team = prop_oneof![3 => 1..=10_i64, 1 => 9..=12_i64, 1 => 1..=10_000_i64];
    let regions = prop_oneof![6 => Just(1_i64), 1 => 2..=20_i64];
    let availability = prop_oneof!["99", "99.9", "99.94", "99.95", "99.999", "90"];
    let connections = prop_oneof![2 => 10..=500_i64, 3 => 500..=100_000_i64];
    let rps = prop_oneof![3 => 50..=5_000_i64, 1 => 1..=100_000_i64];
    (
        peak,
        option::of(0..=100_i64),
        option::of(team),
        option::of(regions),
        option::of(availability),
        option::of(connections),
        option::of(rps),
    )
        .prop_map(|(peak, trough_percent, team, regions, availability, connections, rps)| {
            table([
                ("peak-rps", Some(peak.into())),
                ("trough-rps", trough_percent.map(|percent| Value::from(peak * percent / 100))),
                ("team-size", team.map(Value::from)),
                ("regions", regions.map(Value::from)),
                ("availability", availability.map(Value::from)),
                ("db-max-connections", connections.map(Value::from)),
                ("rps-per-replica", rps.map(Value::from)),
            ])
        })
}

fn deploy() -> impl Strategy<Value = Table> {
    let platform =
        prop_oneof![4 => Just("auto"), 1 => Just("compose"), 1 => Just("cloud-run"), 1 => Just("kubernetes")];
    let cloud = prop_oneof!["none", "aws", "gcp", "azure"];
    let environments =
        btree_set("[a-z]([a-z0-9-]{0,12}[a-z0-9])?", 1..=5).prop_map(|names| names.into_iter().collect());
    let scaling = prop_oneof!["fixed", "keda"];
    let routing = prop_oneof!["gateway", "ingress"];
    let in_cluster = (option::of(scaling), option::of(routing));
    let because = option::weighted(0.3, "\\S.{0,60}");
    (option::of(platform), option::of(cloud), because, option::of(environments), in_cluster).prop_map(
        |(platform, cloud, because, environments, (scaling, routing)): (_, _, _, Option<Vec<String>>, _)| {
            table([
                ("routing", routing.map(Value::from)),
                ("worker-scaling", scaling.map(Value::from)),
                ("platform", platform.map(Value::from)),
                ("cloud", cloud.map(Value::from)),
                ("kubernetes-because", because.map(Value::from)),
                ("environments", environments.map(Value::from)),
            ])
        },
    )
}

/// A variable whose fields fit each other.
fn env_entry() -> impl Strategy<Value = Table> {
    let text = || "[!-~]([ -~]{0,30}[!-~])?";
    let kind = prop_oneof![
        text().prop_map(|value| ("string", Value::from(value))),
        any::<i32>().prop_map(|value| ("int", Value::from(i64::from(value)))),
        any::<bool>().prop_map(|value| ("bool", Value::from(value))),
        "https?://[a-z]{1,9}(:[1-9][0-9]{0,3})?(/[a-z]{0,5})?".prop_map(|value| ("url", Value::from(value))),
        text().prop_map(|value| ("secret", Value::from(value))),
        text().prop_map(|value| ("enum", Value::from(value))),
    ];
    (0..30_u32, kind, 0..4_u32, ".{0,40}").prop_map(|(number, (kind, value), shape, description)| {
        let is_secret = kind == "secret";
        let values = (kind == "enum").then(|| Value::from(vec![value.clone(), Value::from("another value")]));
        table([
            ("name", Some(format!("VARIABLE_{number}").into())),
            ("kind", Some(kind.into())),
            ("values", values),
            ("default", (shape == 1 && !is_secret).then(|| value.clone())),
            ("required-in", (shape == 2).then(|| Value::from(vec!["development"]))),
            ("example", (shape >= 2).then_some(value)),
            ("description", (shape != 3).then(|| description.into())),
        ])
    })
}
