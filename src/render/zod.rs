//! The zod 4 expression of a variable.

use crate::plan::EnvKey;
use crate::plan::env::Type;
use crate::text::{typescript_list, typescript_string};

/// The expression, with its default or `.optional()`.
pub(super) fn expression(key: &EnvKey) -> String {
    let base = base(key);
    if key.type_ == Type::Origins {
        return base;
    }
    if key.has_default {
        return format!("{base}.default({})", literal(key));
    }
    if key.required { base } else { format!("{base}.optional()") }
}

/// As [`expression`] for code that was there before, which may start without the emitted files, and has levels of its own.
pub(super) fn of_existing(key: &EnvKey) -> String {
    match key.name.as_str() {
        "APP_ENV" => "z.string().min(1).default(\"development\")".to_owned(),
        "LOG_LEVEL" => "z.string().min(1).default(\"info\")".to_owned(),
        _ => expression(key),
    }
}

fn base(key: &EnvKey) -> String {
    match key.type_ {
        Type::Text => "z.string().min(1)".to_owned(),
        // Without a protocol, zod takes `localhost:3000` for a URL with the scheme `localhost`.
        Type::HttpUrl => "z.url({ protocol: /^https?$/ })".to_owned(),
        Type::PostgresUrl => "z.url({ protocol: /^postgres(ql)?$/ })".to_owned(),
        Type::RedisUrl => "z.url({ protocol: /^rediss?$/ })".to_owned(),
        Type::Int if key.min == i64::from(i32::MIN) => "z.coerce.number().int()".to_owned(),
        Type::Int => format!("z.coerce.number().int().min({}).max({})", key.min, key.max),
        // Coercion would make "false" true.
        Type::Bool => "z.stringbool()".to_owned(),
        Type::Enum => format!("z.enum({})", typescript_list(&key.values)),
        // A function of the emitted file: the format is ours, not zod's.
        Type::Origins => "originList()".to_owned(),
    }
}

/// The default as TypeScript of the parsed type.
fn literal(key: &EnvKey) -> String {
    match key.type_ {
        Type::Int | Type::Bool => key.default.clone(),
        _ => typescript_string(&key.default),
    }
}
