//! Reads a text into the tree.

use jsonc_parser::ast::{self, ObjectProp};
use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, parse_to_ast};

use crate::jsonc;

use super::tree::{Container, Entry, Item, Sem, Value};

/// A file: a value, and what stands around it.
#[derive(Clone, Debug)]
pub(super) struct File {
    pub(super) before: String,
    pub(super) value: Value,
    pub(super) after: String,
}

/// Reads JSON with comments and trailing commas, or None: it is something else, or has a key twice.
pub(super) fn parse(text: &str) -> Option<File> {
    let root = parse_to_ast(text, &CollectOptions::default(), &jsonc::options(true)).ok()?.value?;
    let reader = Reader { text };
    let value = reader.value(&root)?;
    let (before, after) = (text.get(..root.start())?.to_owned(), text.get(root.end()..)?.to_owned());
    Some(File { before, value, after })
}

struct Reader<'a> {
    text: &'a str,
}

/// Where the parts of an entry start and end, in bytes.
struct Place<'a> {
    name: Option<String>,
    start: usize,
    value: &'a ast::Value<'a>,
}

impl Reader<'_> {
    fn value(&self, value: &ast::Value<'_>) -> Option<Value> {
        let text = self.slice(value.start(), value.end())?.to_owned();
        let word = Sem::Word(text.clone());
        match value {
            ast::Value::StringLit(string) => {
                let sem = Sem::Text(string.value.clone().into_owned());
                Some(Value::Scalar { text, sem })
            }
            ast::Value::NumberLit(_) | ast::Value::BooleanLit(_) | ast::Value::NullKeyword(_) => {
                Some(Value::Scalar { text, sem: word })
            }
            ast::Value::Object(object) => {
                let names: Vec<&str> = object.properties.iter().map(|property| property.name.as_str()).collect();
                if (0..names.len()).any(|at| names[..at].contains(&names[at])) {
                    return None;
                }
                let place = |property: &'_ ObjectProp<'_>| (property.name.as_str().to_owned(), property.start());
                let places = object.properties.iter().map(|property| {
                    let (name, start) = place(property);
                    Place { name: Some(name), start, value: &property.value }
                });
                self.container(value, &places.collect::<Vec<_>>(), true)
            }
            ast::Value::Array(array) => {
                let places = array.elements.iter().map(|value| Place { name: None, start: value.start(), value });
                self.container(value, &places.collect::<Vec<_>>(), false)
            }
        }
    }

    fn container(&self, raw: &ast::Value<'_>, places: &[Place<'_>], is_object: bool) -> Option<Value> {
        let (inside, end) = (raw.start() + 1, raw.end().checked_sub(1)?);
        let first = places.first().map_or(end, |place| place.start);
        let (opening, mut lead) = split_line(self.slice(inside, first)?);
        let mut container =
            Container { is_object, opening, items: Vec::new(), tail: String::new(), trailing_comma: false };
        for (at, place) in places.iter().enumerate() {
            let next = places.get(at + 1).map_or(end, |next| next.start);
            let between = self.slice(place.value.end(), next)?;
            let comma = find_comma(between);
            let (before_comma, rest) = comma.map_or(("", between), |comma| (&between[..comma], &between[comma + 1..]));
            let (trail, following) = split_line(rest);
            container.trailing_comma = comma.is_some();
            container.items.push(Item::Entry(Box::new(Entry {
                lead: std::mem::replace(&mut lead, following),
                name: place.name.clone(),
                key: self.slice(place.start, place.value.start())?.to_owned(),
                value: self.value(place.value)?,
                before_comma: before_comma.to_owned(),
                trail,
            })));
        }
        container.tail = lead;
        Some(Value::Container(container))
    }

    fn slice(&self, from: usize, to: usize) -> Option<&str> {
        self.text.get(from..to)
    }
}

/// What is left of the line, and the rest with its newline. All of it is the rest if the line does not end.
fn split_line(between: &str) -> (String, String) {
    let newline = outside_comments(between).find(|(_, c)| *c == '\n').map(|(at, _)| at);
    let (line, rest) = between.split_at(newline.unwrap_or(0));
    (line.to_owned(), rest.to_owned())
}

fn find_comma(between: &str) -> Option<usize> {
    outside_comments(between).find(|(_, c)| *c == ',').map(|(at, _)| at)
}

/// The characters that belong to no comment; the newline that ends a line comment does not belong to it.
fn outside_comments(between: &str) -> impl Iterator<Item = (usize, char)> {
    let mut end = 0;
    between.char_indices().filter(move |(at, _)| {
        if *at < end {
            return false;
        }
        let rest = &between[*at..];
        if rest.starts_with("//") {
            end = rest.find('\n').map_or(between.len(), |newline| at + newline);
        } else if let Some(comment) = rest.strip_prefix("/*") {
            end = comment.find("*/").map_or(between.len(), |close| at + close + 4);
        }
        *at >= end
    })
}
