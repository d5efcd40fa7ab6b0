//! The JSON schema of `seaworthy.toml`, for editors, made from the question table.

use serde_json::{Map, Value as Json, json};

use super::env_entry::EnvKind;
use super::existing::{DATABASE_PARTS, MOST_CHARACTERS, MOST_ENTRIES};
use super::file::{ANSWERS_FILE, SCHEMA};
use super::question::{ENVIRONMENT_MAX, Kind, Question};
use super::table::QUESTIONS;

/// The schema as indented JSON with a final newline.
#[must_use]
pub fn json_schema() -> String {
    let mut properties = Map::new();
    properties.insert("schema".to_owned(), json!({ "const": SCHEMA, "description": "Version of this file format." }));
    for question in QUESTIONS {
        let section = properties.entry(question.section()).or_insert_with(empty_section);
        section["properties"][question.name()] = property(question);
    }
    properties.insert("services".to_owned(), services_schema());
    properties.insert("existing".to_owned(), existing_schema());
    properties.insert("env".to_owned(), env_schema());
    let schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": ANSWERS_FILE,
        "type": "object",
        "required": ["schema"],
        "additionalProperties": false,
        "properties": properties,
    });
    format!("{schema:#}\n")
}

fn empty_section() -> Json {
    json!({ "type": "object", "additionalProperties": false, "properties": {} })
}

fn property(question: &Question) -> Json {
    let mut schema = match question.kind {
        Kind::Choice { built, .. } => json!({ "enum": built }),
        Kind::Int { min, max } => json!({ "type": "integer", "minimum": min, "maximum": max }),
        Kind::Bool => json!({ "type": "boolean" }),
        Kind::Text { min, max } => json!({ "type": "string", "minLength": min, "maxLength": max }),
        Kind::Label { max } => json!({ "type": "string", "maxLength": max, "pattern": LABEL }),
        Kind::Availability => json!({ "type": "string", "pattern": r"^9[0-9](\.[0-9]{1,3})?$" }),
        Kind::Labels { max } => json!({
            "type": "array",
            "items": { "type": "string", "maxLength": ENVIRONMENT_MAX, "pattern": LABEL },
            "minItems": 1,
            "maxItems": max,
            "uniqueItems": true,
        }),
    };
    schema["description"] = json!(format!("{} {}", question.prompt, question.help));
    schema
}

/// DNS-1123, with a letter in front.
const LABEL: &str = "^[a-z]([a-z0-9-]*[a-z0-9])?$";

fn services_schema() -> Json {
    json!({
        "type": "array",
        "description": "At the root of a repository with several services: their folders. Each has a seaworthy.toml of its own.",
        "minItems": 1,
        "uniqueItems": true,
        "items": { "type": "string", "pattern": "^([A-Za-z0-9_.@][A-Za-z0-9_.@-]*/)*[A-Za-z][A-Za-z0-9_-]*$", "maxLength": MOST_CHARACTERS },
    })
}

fn existing_schema() -> Json {
    let list = |description: &str, pattern: &str| json!({ "type": "array", "description": description, "maxItems": MOST_ENTRIES, "items": { "type": "string", "pattern": pattern, "maxLength": MOST_CHARACTERS } });
    let folder = "^[A-Za-z0-9_.@][A-Za-z0-9_./@-]*$";
    let script = "^[A-Za-z0-9_][A-Za-z0-9_.:-]*$";
    let argument = "^[A-Za-z0-9_./@=:,-]+$";
    json!({
        "type": "object",
        "description": "How the code that was here before is built and started.",
        "required": ["start"],
        "additionalProperties": false,
        "properties": {
            "start": list("Arguments of node that start the service.", argument),
            "migrate": list("Arguments of node in the image that bring the database up to date.", argument),
            "database-env": list("Variables that hold the database's address, PART=NAME.", &format!("^({})=[A-Z][A-Z0-9_]*$", DATABASE_PARTS.join("|"))),
            "outgoing": list("TCP ports of what the service reaches beside PostgreSQL, Redis and HTTPS.", "^[1-9][0-9]{0,4}$"),
            "install": list("Scripts of package.json, and packages, that run while packages are installed, and may need any file.", "^(@[A-Za-z0-9_.-]+/)?[A-Za-z0-9_][A-Za-z0-9_.:-]*$"),
            "build": list("Scripts of package.json that build it, in their order.", script),
            "output": list("What of the build the image takes, FROM or FROM:TO; without any, all of it and the packages.", "^[A-Za-z0-9_./@-]+(:[A-Za-z0-9_./@-]+)?$"),
            "writable": list("Folders of the image that the service writes to; each is empty when an instance starts.", "^[A-Za-z0-9_./@-]+$"),
            "kept": list("Folders of the image whose files stay when an instance ends, in a volume of the one machine.", "^[A-Za-z0-9_./@-]+$"),
            "checks": list("Scripts of package.json that CI runs, in their order.", script),
            "own-probes": list("Probes that the code answers by itself.", "^/(livez|readyz)$"),
            "packages": list("Folders of a workspace that the service is made of beside its own.", folder),
            "build-first": list("Folders of a workspace whose script build runs before that of the service.", folder),
            "depends-on": list("Other folders of a workspace that its build and its checks need: a change there is one of the service.", folder),
            "build-with": list("What runs the builds of a workspace in their order instead.", "^turbo$"),
            "ops": list("Where src/ops goes and how it is written, PART=VALUE; without it, probes come from outside.", "^(folder|style|server|env)=[A-Za-z0-9_./@-]+$"),
            "package-manager": {
                "type": "string",
                "description": "What installs the packages, in its exact version.",
                "pattern": r"^(npm|pnpm|yarn|bun)@[0-9]+\.[0-9]+\.[0-9]+(-[A-Za-z0-9.-]+)?$",
                "maxLength": 80,
            },
            "install-files": list(
                "What an install needs beside package.json: lock file, settings, patches. A folder ends with a slash.",
                "^[A-Za-z0-9_.@+][A-Za-z0-9_./@+-]*$",
            ),
        },
    })
}

fn env_schema() -> Json {
    let text = json!({ "type": "string", "maxLength": 300 });
    let scalar = json!({ "type": ["string", "integer", "boolean"] });
    let names = json!({ "type": "array", "items": { "type": "string" } });
    json!({
        "type": "array",
        "description": "Variables that the service's own code reads.",
        "items": {
            "type": "object",
            "required": ["name"],
            "additionalProperties": false,
            "properties": {
                "name": { "type": "string", "pattern": "^[A-Z][A-Z0-9_]*$", "maxLength": 64 },
                "kind": { "enum": EnvKind::ALL.map(|(name, _)| name) },
                "values": names,
                "default": scalar,
                "required-in": names,
                "example": scalar,
                "description": text,
            },
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_has_every_question_and_nothing_else() {
        let schema: Json = serde_json::from_str(&json_schema()).unwrap();
        let sections = schema["properties"].as_object().unwrap();
        let keys: Vec<String> = sections
            .iter()
            .filter(|(section, _)| !["schema", "services", "existing", "env"].contains(&section.as_str()))
            .flat_map(|(section, it)| {
                let names = it["properties"].as_object().unwrap().keys();
                names.map(move |name| format!("{section}.{name}"))
            })
            .collect();
        assert_eq!(keys, QUESTIONS.iter().map(|question| question.key).collect::<Vec<_>>());
    }

    #[test]
    fn the_schema_takes_the_defaults() {
        let schema: Json = serde_json::from_str(&json_schema()).unwrap();
        let mut answers = crate::spec::Answers::default();
        answers.complete_with_defaults();
        for (key, answer) in answers.by_key() {
            let rule = &schema["properties"].pointer(&format!("/{}", key.replacen('.', "/properties/", 1))).unwrap();
            let value = json!(answer.value);
            match (&rule["enum"], &rule["type"]) {
                (Json::Array(choices), _) => assert!(choices.contains(&value), "{key}"),
                (_, Json::String(name)) if name == "integer" => {
                    assert!(rule["minimum"].as_i64() <= value.as_i64() && value.as_i64() <= rule["maximum"].as_i64());
                }
                (_, Json::String(name)) => {
                    let is = if value.is_array() {
                        "array"
                    } else if value.is_boolean() {
                        "boolean"
                    } else {
                        "string"
                    };
                    assert_eq!(is, name, "{key}");
                }
                _ => panic!("{key} has no type"),
            }
        }
    }
}
