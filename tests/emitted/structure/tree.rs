//! JSON and TOML as the keys that lead to each value.

use anyhow::Result;
use serde_json::Value;

use super::{Part, part};

pub(crate) fn json(text: &str) -> Result<Vec<Part>> {
    let mut parts = Vec::new();
    gather("", &serde_json::from_str(text)?, &mut parts);
    Ok(parts)
}

pub(crate) fn toml(text: &str) -> Result<Vec<Part>> {
    let table: toml::Table = text.parse()?;
    let mut parts = Vec::new();
    gather("", &serde_json::to_value(table)?, &mut parts);
    Ok(parts)
}

fn gather(path: &str, value: &Value, parts: &mut Vec<Part>) {
    match value {
        Value::Object(entries) => {
            parts.push(part(format!("{path} object"), ""));
            entries.iter().for_each(|(key, value)| gather(&format!("{path}.{key}"), value, parts));
        }
        Value::Array(items) => {
            parts.push(part(format!("{path} array"), ""));
            items.iter().enumerate().for_each(|(index, value)| gather(&format!("{path}.{index}"), value, parts));
        }
        Value::String(text) => parts.push(part(format!("{path} text"), text)),
        other => parts.push(part(path, other.to_string())),
    }
}
