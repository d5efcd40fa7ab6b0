//! The environment keys of the service: the zod schema and .env.example.

use std::collections::BTreeMap;

use crate::review::Place;

/// One key of the schema.
pub(crate) struct EnvKey {
    pub(crate) name: String,
    pub(crate) place: Place,
    /// Neither a default nor optional: the service does not start without it.
    pub(crate) required: bool,
    /// The default as text, where it is a literal.
    pub(crate) default: Option<String>,
    /// The upper bound that the schema sets, `.max(N)`.
    pub(crate) max: Option<f64>,
    /// What `z.enum([...])` lists.
    pub(crate) choices: Vec<String>,
}

impl EnvKey {
    pub(crate) fn number(&self) -> Option<f64> {
        self.default.as_deref()?.parse().ok()
    }
}

pub(crate) fn schema_path(files: &BTreeMap<String, String>) -> Option<&str> {
    files.keys().find(|path| path.ends_with("src/ops/env.ts")).map(String::as_str)
}

/// The keys of the schema in src/ops/env.ts.
///
/// Not a TypeScript parser. The reading: in the first object that opens with `z.object({` (or `z.strictObject({`), a line
/// `KEY: ...` with an upper-case name starts a key, and the key goes on to the next one or to the line that closes the
/// object. `.default(X)` and `.optional()` are looked for in that text; where it starts with a call of a function of the
/// same file (`originList()`), in that function too.
pub(crate) fn schema(files: &BTreeMap<String, String>) -> Vec<EnvKey> {
    let Some(path) = schema_path(files) else {
        return Vec::new();
    };
    let text = &files[path];
    let mut entries: Vec<(String, usize, String)> = Vec::new();
    let mut indent = None;
    for (index, line) in text.lines().enumerate() {
        let trimmed = line.trim_start();
        let depth = line.len() - trimmed.len();
        if indent.is_none() {
            if line.contains("z.object({") || line.contains("z.strictObject({") {
                indent = Some(depth);
            }
            continue;
        }
        if trimmed.starts_with('}') && Some(depth) <= indent {
            break;
        }
        if trimmed.starts_with("//") || trimmed.starts_with("/*") || trimmed.starts_with('*') {
            continue;
        }
        match (key_name(trimmed), entries.last_mut()) {
            (Some(name), _) => {
                let rest = trimmed[name.len() + 1..].trim().to_owned();
                entries.push((name.to_owned(), index + 1, rest));
            }
            (None, Some((_, _, rest))) => rest.push_str(trimmed),
            (None, None) => {}
        }
    }
    entries
        .into_iter()
        .map(|(name, line, rest)| {
            let rest = with_helper(text, rest);
            EnvKey {
                name,
                place: Place::line(path, line),
                required: !rest.contains(".default(") && !rest.contains(".optional("),
                default: argument(&rest, ".default(").map(literal),
                max: argument(&rest, ".max(").and_then(|max| literal(max).parse().ok()),
                choices: argument(&rest, "z.enum([").map(choices).unwrap_or_default(),
            }
        })
        .collect()
}

/// `KEY` of `KEY: ...`.
fn key_name(line: &str) -> Option<&str> {
    let (name, _) = line.split_once(':')?;
    is_key(name).then_some(name)
}

/// Whether this is the name of an environment variable as services write them.
pub(crate) fn is_key(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_uppercase())
        && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
}

fn with_helper(text: &str, rest: String) -> String {
    let name: String = rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
    if name.is_empty() || name == "z" {
        return rest;
    }
    let definition =
        [format!("function {name}("), format!("const {name} =")].iter().find_map(|start| text.find(start.as_str()));
    let Some(start) = definition else { return rest };
    let end = text[start..].find("\n\n").map_or(text.len(), |length| start + length);
    rest + &text[start..end]
}

fn argument<'a>(text: &'a str, call: &str) -> Option<&'a str> {
    let start = text.find(call)? + call.len();
    let end = text[start..].find(')')?;
    Some(text[start..start + end].trim())
}

fn choices(list: &str) -> Vec<String> {
    let items = list.trim_end_matches(']').split(',');
    items.map(|item| literal(item.trim())).filter(|item| !item.is_empty()).collect()
}

fn literal(text: &str) -> String {
    let unquoted = text.trim_matches(['"', '\'', '`']);
    if unquoted.len() == text.len() { text.replace('_', "") } else { unquoted.to_owned() }
}

/// A dotenv file. A commented assignment (`# KEY=value`) shows an optional key and counts as there.
pub(crate) struct EnvFile {
    pub(crate) entries: Vec<EnvEntry>,
}

pub(crate) struct EnvEntry {
    pub(crate) name: String,
    /// Empty for a commented one.
    pub(crate) value: String,
    pub(crate) place: Place,
}

impl EnvFile {
    pub(crate) fn get(&self, name: &str) -> Option<&EnvEntry> {
        self.entries.iter().find(|entry| entry.name == name)
    }
}

pub(crate) fn parse_file(path: &str, text: &str) -> EnvFile {
    let entries = text
        .lines()
        .enumerate()
        .filter_map(|(index, line)| {
            let commented = line.trim_start().strip_prefix('#');
            let (name, value) = commented.unwrap_or(line).trim().split_once('=')?;
            let value = value.trim().trim_matches(['"', '\'']);
            is_key(name).then(|| EnvEntry {
                name: name.to_owned(),
                value: if commented.is_some() { String::new() } else { value.to_owned() },
                place: Place::line(path, index + 1),
            })
        })
        .collect();
    EnvFile { entries }
}
