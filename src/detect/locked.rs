//! The version of a package that a lock file holds.

use super::fact::Evidence;
use super::tree::Tree;

/// The version that is installed for the package in `folder` (with its final `/`), and the line that says it.
pub(crate) fn version(tree: &Tree, folder: &str, package: &str) -> Option<(String, Evidence)> {
    let own = format!("\"{folder}node_modules/{package}\": {{");
    let hoisted = format!("\"node_modules/{package}\": {{");
    let in_file = |file: &str, read: &dyn Fn(&str) -> Option<(String, usize)>| {
        let text = tree.quiet_text(file)?;
        let (version, line) = read(&text)?;
        Some((version, Evidence::new(file, Some(line), text.lines().nth(line - 1).unwrap_or_default())))
    };
    in_file("package-lock.json", &|text| in_npm(text, &own).or_else(|| in_npm(text, &hoisted)))
        .or_else(|| in_file("pnpm-lock.yaml", &|text| in_pnpm(text, folder.trim_end_matches('/'), package)))
        .or_else(|| in_file("yarn.lock", &|text| in_yarn(text, package)))
        .or_else(|| in_file("bun.lock", &|text| in_bun(text, package)))
}

/// `"node_modules/NAME": { "version": "1.2.3"`.
fn in_npm(text: &str, start: &str) -> Option<(String, usize)> {
    let mut lines = text.lines().enumerate().skip_while(|(_, line)| line.trim_start() != start).skip(1).take(3);
    lines.find_map(|(index, line)| {
        let version = line.trim().strip_prefix("\"version\": \"")?.trim_end_matches(',').trim_end_matches('"');
        Some((version.to_owned(), index + 1))
    })
}

/// `importers: FOLDER: dependencies: NAME: version:`.
fn in_pnpm(text: &str, folder: &str, package: &str) -> Option<(String, usize)> {
    let importer = if folder.is_empty() { ".:".to_owned() } else { format!("{folder}:") };
    let keys = [format!("{package}:"), format!("'{package}':")];
    let lines = text.lines().enumerate().skip_while(|(_, line)| line.trim_end() != format!("  {importer}"));
    let own = lines.skip(1).take_while(|(_, line)| line.is_empty() || line.starts_with("    "));
    let mut after = own.skip_while(|(_, line)| !keys.iter().any(|key| line.trim() == key)).skip(1).take(2);
    after.find_map(|(index, line)| {
        // Peers stand behind it in brackets.
        let version = line.trim().strip_prefix("version: ")?.split('(').next()?;
        Some((version.trim_matches('\'').to_owned(), index + 1))
    })
}

/// `NAME@RANGE:` or `"NAME@npm:RANGE":`, and the version on the next line.
fn in_yarn(text: &str, package: &str) -> Option<(String, usize)> {
    let start = format!("{package}@");
    let is_entry = |line: &str| !line.starts_with(' ') && line.trim_start_matches('"').starts_with(&start);
    let mut after = text.lines().enumerate().skip_while(|(_, line)| !is_entry(line)).skip(1).take(1);
    after.find_map(|(index, line)| {
        let version = line.trim().strip_prefix("version")?.trim_start_matches([':', ' ']).trim_matches('"');
        Some((version.to_owned(), index + 1))
    })
}

/// `"NAME": ["NAME@1.2.3", ...`.
fn in_bun(text: &str, package: &str) -> Option<(String, usize)> {
    let start = format!("\"{package}\": [\"{package}@");
    text.lines().enumerate().find_map(|(index, line)| {
        let version = line.trim().strip_prefix(&start)?.split('"').next()?;
        Some((version.to_owned(), index + 1))
    })
}
