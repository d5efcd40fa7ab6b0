//! The words of a command, and what stands around the program in them.

use super::Packages;

/// Variables that the image and compose.yaml set by themselves.
const SET: [&str; 2] = ["NODE_ENV", "PORT"];

/// Programs that only start another one.
const STARTERS: [&str; 10] =
    ["cross-env", "cross-env-shell", "env", "exec", "time", "npx", "pnpx", "bunx", "dumb-init", "tini"];

/// Programs that read variables from a file before they start another one. In an image there is no such file.
const ENV_READERS: [&str; 3] = ["dotenv", "dotenvx", "env-cmd"];

/// Their options that take the next word.
const ENV_OPTIONS: [&str; 6] = ["-e", "-f", "-c", "-v", "--file", "-p"];

/// Programs that make log lines readable.
const LOG_FILTERS: [&str; 4] = ["pino-pretty", "bunyan", "pino-colada", "cat"];

/// Splits at blanks; quotes keep what is in them together.
///
/// # Errors
/// When a quote is not closed.
pub(super) fn of(text: &str) -> Result<Vec<String>, String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for c in text.chars() {
        match (quote, c) {
            (Some(open), _) if c == open => quote = None,
            (None, '"' | '\'') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, _) if c.is_whitespace() => words.extend(word.take()),
            _ => word.get_or_insert_default().push(c),
        }
    }
    if quote.is_some() {
        return Err("has a quote that is not closed".to_owned());
    }
    words.extend(word);
    Ok(words)
}

/// `node x | pino-pretty`: in production, logs are read by machines.
pub(super) fn without_log_filter(words: &mut Vec<String>, dropped: &mut Vec<String>) {
    let Some(at) = words.iter().position(|word| word == "|") else { return };
    let Some(filter) = words.get(at + 1) else { return };
    if LOG_FILTERS.contains(&filter.as_str()) && !words[at + 1..].iter().any(|word| word == "|") {
        dropped.push(format!("`| {filter}`: the lines of the log go out as they are written"));
        words.truncate(at);
    }
}

/// The words from the program on. What is lost by that is told.
pub(super) fn without_wrappers(words: &[String], dropped: &mut Vec<String>) -> Vec<String> {
    let mut rest = words;
    while let Some((first, after)) = rest.split_first() {
        if let Some(name) = assigned(first) {
            if !SET.contains(&name) {
                dropped.push(format!("{name}, which it sets: set it in the environment of the service"));
            }
            rest = after;
        } else if STARTERS.contains(&first.as_str()) || matches!(first.as_str(), "--" | "-y" | "--yes") {
            rest = after;
        } else if ENV_READERS.contains(&first.as_str()) {
            dropped.push(format!("{first}: the platform gives the environment"));
            rest = after_env_options(after);
        } else if let ("pnpm" | "yarn" | "npm", Some("exec" | "dlx" | "x")) | ("yarn", Some("node")) =
            (first.as_str(), after.first().map(String::as_str))
        {
            rest = if after[0] == "node" { after } else { &after[1..] };
        } else {
            break;
        }
    }
    rest.to_vec()
}

/// The name in `NAME=value`.
fn assigned(word: &str) -> Option<&str> {
    let (name, _) = word.split_once('=')?;
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    is_name.then_some(name)
}

fn after_env_options(words: &[String]) -> &[String] {
    let mut rest = words;
    while let Some((first, after)) = rest.split_first() {
        if first == "--" {
            return after;
        }
        rest = match first.as_str() {
            "run" => after,
            option if ENV_OPTIONS.contains(&option) => after.get(1..).unwrap_or_default(),
            option if option.starts_with('-') => after,
            _ => return rest,
        };
    }
    rest
}

/// The script that a command of a package manager runs, and what it hands on to it.
pub(super) fn called_script(program: &str, rest: &[String], packages: &dyn Packages) -> Option<(String, Vec<String>)> {
    let mut words = rest.iter().filter(|word| !matches!(word.as_str(), "-s" | "--silent"));
    let first = words.next()?;
    let name = match (program, first.as_str()) {
        ("npm" | "pnpm" | "yarn" | "bun", "run" | "run-script") | ("node", "--run") => words.next()?,
        ("npm" | "pnpm" | "yarn", "start") => first,
        ("pnpm" | "yarn", name) if packages.script(name).is_some() => first,
        _ => return None,
    };
    packages.script(name)?;
    Some((name.clone(), words.filter(|word| *word != "--").cloned().collect()))
}
