//! The environment: names of files and of variables, never a value.

use std::collections::BTreeMap;

use super::fact::{Evidence, Fact};
use super::look::{App, Look};
use super::source::{Source, identifier};
use super::tree::name;

/// Objects that hold the environment.
const OBJECTS: [&str; 3] = ["process.env", "Bun.env", "import.meta.env"];

/// What the runtime or the build tool sets, and nobody configures.
const NOT_CONFIGURED: [&str; 9] =
    ["NODE_ENV", "MODE", "DEV", "PROD", "SSR", "BASE_URL", "CI", "npm_package_version", "NEXT_RUNTIME"];

pub(crate) fn look(look: &mut Look<'_>, app: &App<'_>) {
    let folder = app.folder();
    for source in &app.sources {
        for (variable, evidence) in variables(source) {
            if !NOT_CONFIGURED.contains(&variable.as_str()) {
                look.add(Fact::new("env-variable", folder, variable, evidence));
            }
        }
    }
    let base = &app.manifest.folder;
    let files: Vec<String> = look
        .tree
        .below(base)
        .filter(|path| !path[base.len()..].contains('/') && is_env_file(path))
        .map(str::to_owned)
        .collect();
    for path in files {
        look.add(Fact::new("env-file", folder, &path, Evidence::new(&path, None, "")));
        for (key, line) in keys(&look.tree.text(&path).unwrap_or_default()) {
            if !NOT_CONFIGURED.contains(&key.as_str()) {
                look.add(Fact::new("env-variable", folder, &key, Evidence::new(&path, Some(line), &key)));
            }
        }
    }
}

/// `.env`, `.env.example`, `.env.production`, and not `.envrc`.
fn is_env_file(path: &str) -> bool {
    let name = name(path);
    name == ".env" || name.starts_with(".env.") || matches!(name, "env.example" | "example.env" | "sample.env")
}

/// The names that a dotenv file assigns, each with its line. A value in quotes may go over lines.
fn keys(text: &str) -> Vec<(String, usize)> {
    let mut found = Vec::new();
    let mut quote: Option<char> = None;
    for (index, line) in text.lines().enumerate() {
        if let Some(end) = quote {
            quote = if line.contains(end) { None } else { quote };
            continue;
        }
        let line = line.trim();
        let is_comment = line.starts_with('#');
        let line = line.trim_start_matches(['#', ' ']);
        let line = line.strip_prefix("export ").unwrap_or(line);
        let Some((key, value)) = line.split_once('=') else { continue };
        let key = key.trim();
        // A commented assignment shows a key that may be set; prose with a sign in it does not.
        if is_comment && (line.contains(' ') || key.contains(|c: char| c.is_ascii_lowercase())) {
            continue;
        }
        if key.is_empty() || identifier(key) != key || key.contains('$') {
            continue;
        }
        found.push((key.to_owned(), index + 1));
        let value = if is_comment { "" } else { value.trim_start() };
        quote = value.chars().next().filter(|c| matches!(c, '"' | '\'' | '`')).filter(|c| !value[1..].contains(*c));
    }
    found
}

/// The variables that code reads, each with the place.
fn variables(source: &Source) -> Vec<(String, Evidence)> {
    let mut found = BTreeMap::new();
    let mut add = |name: &str, at: usize, shown: String| {
        let is_name =
            !name.is_empty() && !name.contains('$') && !name.starts_with('_') && name.chars().any(char::is_alphabetic);
        if is_name {
            found.entry(name.to_owned()).or_insert_with(|| source.evidence(at, &shown));
        }
    };
    let mut objects: Vec<(String, &str)> = OBJECTS.iter().map(|object| ((*object).to_owned(), *object)).collect();
    objects.extend(
        OBJECTS.iter().flat_map(|object| aliases(source, object).into_iter().map(move |alias| (alias, *object))),
    );
    for (object, _) in &objects {
        let is_alias = !OBJECTS.contains(&object.as_str());
        for at in source.words(object) {
            let rest = &source.bare[at + object.len()..];
            if source.bare[..at].ends_with('.') {
                continue;
            }
            if let Some(member) = rest.strip_prefix("?.").or_else(|| rest.strip_prefix('.')) {
                let name = identifier(member);
                // An alias has methods of its own; variables have capital letters.
                if !is_alias || name.chars().all(|c| !c.is_lowercase()) {
                    add(name, at, format!("{object}.{name}"));
                }
            } else if let Some(inside) = rest.strip_prefix('[').or_else(|| rest.strip_prefix("?.["))
                && let Some(name) = source.string_at(source.next(source.bare.len() - inside.len()))
                && identifier(name) == name
            {
                add(name, at, format!("{object}[\"{name}\"]"));
            } else if let Some(names) = destructured(source, at) {
                for name in names {
                    add(&name, at, format!("{{ {name} }} = {object}"));
                }
            }
        }
    }
    for getter in [".get(", ".getOrThrow(", ".get<", ".getOrThrow<"] {
        for (at, _) in source.bare.match_indices(getter) {
            let receiver: String = source.bare[..at].chars().rev().take_while(|c| super::source::is_word(*c)).collect();
            let open = source.bare[at..].find('(').map_or(at, |open| at + open + 1);
            let is_config = receiver.chars().rev().collect::<String>().to_lowercase().contains("config");
            if let (true, Some(name)) = (is_config, source.string_at(source.next(open)))
                && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
            {
                add(name, at, format!("{}\"{name}\")", getter.replace('<', "(")));
            }
        }
    }
    found.into_iter().collect()
}

/// Names that stand for an object: `const env = process.env;`.
fn aliases(source: &Source, object: &str) -> Vec<String> {
    let mut found = Vec::new();
    for at in source.words(object) {
        let rest = source.bare[at + object.len()..].trim_start_matches(' ');
        let ends = rest.is_empty() || rest.starts_with([';', '\n', '\r', ',', ')']);
        let before = source.bare[..at].trim_end();
        let Some(before) = before.strip_suffix('=').filter(|_| ends).map(str::trim_end) else { continue };
        let start = before.rfind(|c: char| !super::source::is_word(c)).map_or(0, |at| at + 1);
        let name = &before[start..];
        let declared = before[..start].trim_end();
        if !name.is_empty() && ["const", "let", "var"].iter().any(|word| declared.ends_with(word)) {
            found.push(name.to_owned());
        }
    }
    found
}

/// The names of `const { A, B: b = 1 } = process.env`.
fn destructured(source: &Source, at: usize) -> Option<Vec<String>> {
    let before = source.bare[..at].trim_end().strip_suffix('=')?.trim_end().strip_suffix('}')?;
    let open = before.rfind('{')?;
    let declared = before[..open].trim_end();
    if !["const", "let", "var"].iter().any(|word| declared.ends_with(word)) {
        return None;
    }
    let names = before[open + 1..].split(',').map(|part| identifier(part.trim()).to_owned());
    Some(names.filter(|name| !name.is_empty()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(code: &str) -> Vec<String> {
        variables(&Source::new("a.ts", code)).into_iter().map(|(name, _)| name).collect()
    }

    #[test]
    fn variables_are_found_in_every_form() {
        let code = "const { A, B: b = 'x' } = process.env; const env = process.env;\n\
                    // process.env.NOT_A\n'process.env.NOT_B'; `${process.env.C}`;\n\
                    process.env['D']; process.env?.E; Bun.env.F; import.meta.env.G; env.H; env.toString();\n\
                    this.configService.getOrThrow<string>('I'); map.get('NOT_C'); x.process.env.NOT_D; process.env[key];";
        assert_eq!(names(code), ["A", "B", "C", "D", "E", "F", "G", "H", "I"]);
    }

    #[test]
    fn a_dotenv_file_gives_names_only() {
        let text = "# C\n# C = 1\n#E=1\nA=1\nexport B = \"x\nNOT=1\n\"\nD='y'\r\nnot a line\n=x\n";
        assert_eq!(keys(text), [("E".to_owned(), 3), ("A".to_owned(), 4), ("B".to_owned(), 5), ("D".to_owned(), 8)]);
    }
}
