//! JSON, with comments and trailing commas where people write them, as a tree that keeps its lines.

use std::collections::HashSet;
use std::rc::Rc;

use jsonc_parser::ast;
use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, parse_to_ast};

use crate::jsonc;
use crate::review::{Node, Place, Value};

/// Why a file could not be read as JSON.
#[derive(Debug)]
pub(crate) struct Unreadable {
    /// 1-based.
    pub(crate) line: usize,
    pub(crate) message: String,
}

/// Reads a text as `JSON.parse` does, and with `comments` as TypeScript and editors do.
pub(crate) fn parse(file: &str, text: &str, comments: bool) -> Result<Node, Unreadable> {
    let lines = Lines::of(file, text);
    let parsed = parse_to_ast(text, &CollectOptions::default(), &jsonc::options(comments));
    let parsed = parsed.map_err(|error| lines.unreadable(error.range().start, error.kind().to_string()))?;
    match parsed.value {
        Some(value) => Ok(lines.node(&value)),
        None => Err(lines.unreadable(0, "it is empty".to_owned())),
    }
}

/// Where the lines of a text start.
struct Lines {
    file: Rc<str>,
    starts: Vec<usize>,
}

impl Lines {
    fn of(file: &str, text: &str) -> Self {
        let starts = text.match_indices('\n').map(|(at, _)| at + 1).collect();
        Self { file: file.into(), starts }
    }

    fn line(&self, at: usize) -> usize {
        self.starts.partition_point(|start| *start <= at) + 1
    }

    fn place(&self, at: usize) -> Place {
        Place { file: Rc::clone(&self.file), line: Some(self.line(at)) }
    }

    fn unreadable(&self, at: usize, message: String) -> Unreadable {
        Unreadable { line: self.line(at), message }
    }

    fn node(&self, value: &ast::Value<'_>) -> Node {
        let scalar = |text: &str, plain: bool| Value::Scalar { text: text.to_owned(), plain };
        let found = match value {
            ast::Value::StringLit(string) => scalar(&string.value, false),
            ast::Value::NumberLit(number) => scalar(number.value, true),
            ast::Value::BooleanLit(flag) => scalar(if flag.value { "true" } else { "false" }, true),
            ast::Value::NullKeyword(_) => scalar("null", true),
            ast::Value::Array(array) => Value::Sequence(array.elements.iter().map(|item| self.node(item)).collect()),
            ast::Value::Object(object) => {
                let mut names = HashSet::new();
                // Of a key that stands twice, the last one counts.
                let last = object.properties.iter().rev().filter(|property| names.insert(property.name.as_str()));
                let entry = |property: &ast::ObjectProp<'_>| {
                    let key = Node::scalar(self.place(property.start()), property.name.as_str());
                    (key, self.node(&property.value))
                };
                let mut entries: Vec<_> = last.map(entry).collect();
                entries.reverse();
                Value::Mapping(entries)
            }
        };
        Node { place: self.place(value.start()), value: found }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_has_its_line_and_the_last_of_two_keys_counts() {
        let node = parse("a.json", "{\n \"a\": 1,\n \"a\": 2\n}", false).unwrap();
        assert_eq!(node.text_at(&["a"]), Some("2"));
        assert_eq!(node.get("a").unwrap().place.line, Some(3));
        assert_eq!(parse("a.json", "{\n \"a\": 1,\n}", false).unwrap_err().line, 2);
        assert!(parse("a.json", "{ /* c */ \"a\": [1,], }", true).is_ok());
        assert!(parse("a.json", "", false).is_err());
        assert!(parse("a.json", &"[".repeat(1_000_000), false).is_err());
        assert!(parse("a.json", "[\"[[[[\\\"[\"]", false).is_ok());
    }
}
