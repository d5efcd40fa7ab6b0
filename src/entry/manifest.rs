//! zod in the package.json of a repository: what is missing is added by its key, and nothing else changes.

use jsonc_parser::ast::{Object, ObjectProp, Value};
use jsonc_parser::common::Ranged as _;
use jsonc_parser::{CollectOptions, parse_to_ast};

use crate::jsonc;

/// What a package.json says of zod.
#[derive(Debug, PartialEq, Eq)]
pub enum Zod {
    /// Version 4 is a dependency.
    There,
    /// It is not named.
    Missing,
    /// It is there in another way, told as a sentence; it stays as it is.
    Other(String),
}

/// What a package.json says of zod.
#[must_use]
pub fn zod(text: &str) -> Zod {
    let Ok(json) = serde_json::from_str::<serde_json::Value>(text) else {
        return Zod::Other("package.json is not valid JSON".to_owned());
    };
    let range = |kind: &str| json[kind]["zod"].as_str();
    match (
        range("dependencies"),
        ["devDependencies", "peerDependencies", "optionalDependencies"].into_iter().find_map(range),
    ) {
        (Some(range), _) if range.trim_start_matches(['^', '~', '=', 'v', '>']).starts_with('4') => Zod::There,
        (Some(range), _) => Zod::Other(format!("zod is {range} here, and the schema needs 4")),
        (None, Some(_)) => {
            Zod::Other("zod is here, and not among the dependencies that the running service has".to_owned())
        }
        (None, None) => Zod::Missing,
    }
}

/// The text with `zod` among its dependencies, in their order and written as they are. Nothing for a text that is no
/// package.json.
#[must_use]
pub fn with_zod(text: &str, version: &str) -> Option<String> {
    let parsed = parse_to_ast(text, &CollectOptions::default(), &jsonc::options(false)).ok()?;
    let Some(Value::Object(root)) = parsed.value else { return None };
    let entry = format!("\"zod\": \"^{version}\"");
    let property = root.properties.iter().find(|it| it.name.as_str() == "dependencies");
    match property.map(|it| &it.value) {
        Some(Value::Object(dependencies)) => Some(inserted(text, dependencies, "zod", &entry)),
        Some(_) => None,
        None => {
            let indent = first_lead(text, &root).trim_start_matches(['\r', '\n']).to_owned();
            let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
            let entry = format!("\"dependencies\": {{{newline}{indent}{indent}{entry}{newline}{indent}}}");
            Some(inserted(text, &root, "\u{7f}", &entry))
        }
    }
}

/// The blanks before the first entry.
fn first_lead<'a>(text: &'a str, object: &Object<'_>) -> &'a str {
    let first = object.properties.first().map_or(object.start() + 1, ObjectProp::start);
    text.get(object.start() + 1..first).unwrap_or_default()
}

/// An entry before the first one whose name is greater, else behind the last.
fn inserted(text: &str, object: &Object<'_>, name: &str, entry: &str) -> String {
    let lead = first_lead(text, object);
    let next = object.properties.iter().find(|it| it.name.as_str() > name);
    let (at, new) = match (next, object.properties.last()) {
        (Some(next), _) => (next.start(), format!("{entry},{}", if lead.is_empty() { " " } else { lead })),
        (None, Some(last)) => (last.end(), format!(",{}{entry}", if lead.is_empty() { " " } else { lead })),
        (None, None) => (object.start() + 1, entry.to_owned()),
    };
    format!("{}{new}{}", &text[..at], &text[at..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_goes_where_the_order_wants_it_and_nothing_else_changes() {
        for (before, after) in [
            (
                "{\n  \"dependencies\": {\n    \"express\": \"5\"\n  },\n  \"x\": 1\n}\n",
                "{\n  \"dependencies\": {\n    \"express\": \"5\",\n    \"zod\": \"^4.1.0\"\n  },\n  \"x\": 1\n}\n",
            ),
            (
                "{\n\t\"dependencies\": {\n\t\t\"a\": \"1\",\n\t\t\"zx\": \"5\"\n\t}\n}",
                "{\n\t\"dependencies\": {\n\t\t\"a\": \"1\",\n\t\t\"zod\": \"^4.1.0\",\n\t\t\"zx\": \"5\"\n\t}\n}",
            ),
            ("{ \"dependencies\": { \"a\": \"1\" } }", "{ \"dependencies\": { \"a\": \"1\", \"zod\": \"^4.1.0\" } }"),
            ("{\"dependencies\": {}}", "{\"dependencies\": {\"zod\": \"^4.1.0\"}}"),
            (
                "{\n  \"name\": \"x\"\n}\n",
                "{\n  \"name\": \"x\",\n  \"dependencies\": {\n    \"zod\": \"^4.1.0\"\n  }\n}\n",
            ),
        ] {
            let with = with_zod(before, "4.1.0").unwrap();
            assert_eq!(with, after);
            assert_eq!(zod(&with), Zod::There);
        }
        assert_eq!(with_zod("[]", "4.1.0"), None);
    }

    #[test]
    fn a_zod_that_is_there_stays() {
        for range in ["4", "^4.0.0", "~4.1", ">=4.0.0", "4.x"] {
            assert_eq!(zod(&format!("{{\"dependencies\":{{\"zod\":\"{range}\"}}}}")), Zod::There, "{range}");
        }
        for range in ["^3.25.0", "latest", "catalog:", "workspace:*"] {
            assert!(matches!(zod(&format!("{{\"dependencies\":{{\"zod\":\"{range}\"}}}}")), Zod::Other(_)), "{range}");
        }
        assert!(matches!(zod("{\"devDependencies\":{\"zod\":\"4\"}}"), Zod::Other(_)));
        assert_eq!(zod("{}"), Zod::Missing);
    }
}
