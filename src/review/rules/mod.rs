//! The rules, group by group. A new rule is a row and a function in one of these files, and a broken tree in the tests.

mod compose;
mod connections;
mod env;
mod images;
mod kubernetes;
mod memory;
mod ports;
mod readable;
mod scaling;
mod secrets;
mod shutdown;
mod workflows;

use std::sync::LazyLock;

use super::rule::Rule;

/// All rules, in the order in which a reader meets the subject: can it be read, does it fit together, is it safe.
pub static RULES: LazyLock<Vec<&'static Rule>> = LazyLock::new(|| {
    [
        readable::RULES,
        ports::RULES,
        env::RULES,
        shutdown::RULES,
        memory::RULES,
        connections::RULES,
        scaling::RULES,
        kubernetes::RULES,
        compose::RULES,
        images::RULES,
        secrets::RULES,
        workflows::RULES,
    ]
    .into_iter()
    .flatten()
    .collect()
});
