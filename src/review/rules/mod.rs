//! The rules, group by group. A new rule is a row and a function in one of these files, and a broken tree in the tests.

mod cloud_run;
mod compose;
mod compose_run;
mod connections;
mod delivery;
mod ecs;
mod ecs_health;
mod env;
mod env_files;
mod image_contents;
mod image_start;
mod images;
mod ingress;
mod jobs;
mod kubernetes;
mod memory;
mod network;
mod pods;
mod ports;
mod probes;
mod quota;
mod readable;
mod scaling;
mod secrets;
mod shutdown;
mod workers;
mod workflows;

use std::sync::LazyLock;

use super::read::kubernetes::declares_port;
use super::rule::Rule;

/// All rules, in the order in which a reader meets the subject: can it be read, does it fit together, is it safe.
pub static RULES: LazyLock<Vec<&'static Rule>> = LazyLock::new(|| {
    [
        readable::RULES,
        ports::RULES,
        env::RULES,
        env_files::RULES,
        shutdown::RULES,
        memory::RULES,
        connections::RULES,
        scaling::RULES,
        kubernetes::RULES,
        quota::RULES,
        pods::RULES,
        probes::RULES,
        network::RULES,
        ingress::RULES,
        cloud_run::RULES,
        ecs::RULES,
        ecs_health::RULES,
        compose::RULES,
        compose_run::RULES,
        jobs::RULES,
        workers::RULES,
        images::RULES,
        image_contents::RULES,
        image_start::RULES,
        secrets::RULES,
        workflows::RULES,
        delivery::RULES,
    ]
    .into_iter()
    .flatten()
    .collect()
});
