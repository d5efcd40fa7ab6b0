//! YAML as the keys that lead to each value.

use anyhow::Result;
use saphyr_parser::{Event, Parser};

use super::{Part, part};

/// A value with the keys above it, or where a collection or document starts.
pub(crate) enum Token {
    Leaf { path: Vec<String>, text: String },
    Other { path: Vec<String>, what: &'static str },
}

/// An open collection: the key or position of what comes next.
enum Open {
    Mapping(Option<String>),
    Sequence(usize),
}

pub(crate) fn parts(text: &str) -> Result<Vec<Part>> {
    let parts = tokens(text)?.into_iter().map(|token| match token {
        Token::Leaf { path, text } => part(path.join("."), text),
        Token::Other { path, what } => part(format!("{} {what}", path.join(".")), ""),
    });
    Ok(parts.collect())
}

pub(crate) fn tokens(text: &str) -> Result<Vec<Token>> {
    let mut open: Vec<Open> = Vec::new();
    let mut tokens = Vec::new();
    for event in Parser::new_from_str(text) {
        match event?.0 {
            Event::Scalar(text, ..) => {
                if let Some(Open::Mapping(key @ None)) = open.last_mut() {
                    *key = Some(text.into_owned());
                    continue;
                }
                tokens.push(Token::Leaf { path: path(&open), text: text.into_owned() });
                next(&mut open);
            }
            Event::Alias(_) => {
                tokens.push(Token::Other { path: path(&open), what: "alias" });
                // `<<` and its alias are key and value.
                next(&mut open);
            }
            Event::MappingStart(..) => {
                tokens.push(Token::Other { path: path(&open), what: "mapping" });
                open.push(Open::Mapping(None));
            }
            Event::SequenceStart(..) => {
                tokens.push(Token::Other { path: path(&open), what: "sequence" });
                open.push(Open::Sequence(0));
            }
            Event::MappingEnd | Event::SequenceEnd => {
                open.pop();
                next(&mut open);
            }
            Event::DocumentStart(_) => tokens.push(Token::Other { path: Vec::new(), what: "document" }),
            _ => {}
        }
    }
    Ok(tokens)
}

fn path(open: &[Open]) -> Vec<String> {
    open.iter()
        .map(|it| match it {
            Open::Mapping(key) => key.clone().unwrap_or_default(),
            Open::Sequence(index) => index.to_string(),
        })
        .collect()
}

/// A value is complete: its collection goes on.
fn next(open: &mut [Open]) {
    match open.last_mut() {
        Some(Open::Mapping(key)) => *key = None,
        Some(Open::Sequence(index)) => *index += 1,
        None => {}
    }
}
