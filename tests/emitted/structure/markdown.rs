//! Markdown as a renderer sees it: blocks, links, emphasis and HTML, with the text in between as leaves.

use pulldown_cmark::{Event, Options, Parser};

use super::{Part, part};

pub(crate) fn parts(text: &str) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    for event in Parser::new_ext(text, Options::all()) {
        match event {
            Event::Text(text) => match parts.last_mut() {
                Some(last) if last.fixed == "text" => last.leaf.push_str(&text),
                _ => parts.push(part("text", text.into_string())),
            },
            Event::Code(code) => parts.push(part("code", code.into_string())),
            other => parts.push(part(format!("{other:?}"), "")),
        }
    }
    parts
}
