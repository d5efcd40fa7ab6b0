//! Which version of a package manager installs what a lock file holds.

use super::fact::{Evidence, Fact};
use super::install_files::INSTALLS_WITH;
use super::look::Look;
use super::range::takes_major;
use crate::spec::Managed;
use crate::spec::managed::exact_major;
use crate::stack::pins::Pins;

/// A version that a place names for a package manager.
struct Named {
    manager: String,
    version: String,
    evidence: Evidence,
}

/// Looks at one lock file, in `format`: the version that is named installs it, else one that reads the format.
pub(crate) fn look(look: &mut Look<'_>, name: &str, format: &str, place: &Evidence) {
    let named = named(look);
    let mut of_name = named.iter().filter(|it| it.manager == name);
    let by_lock = reader(name, format);
    let outcome = match (of_name.next(), by_lock) {
        (Some(it), _) if exact_major(&it.version).is_some() => Ok((it.version.clone(), it.evidence.clone())),
        (Some(it), Some(version)) if takes_major(&it.version, exact_major(&version).unwrap_or(0)) == Some(true) => {
            Ok((version, it.evidence.clone()))
        }
        (Some(it), _) => Err(format!("{} says {}, which is no exact version", it.evidence.place(), it.version)),
        (None, Some(version)) => Ok((version, place.clone())),
        (None, None) => Err(format!("{}: no version is known that reads format {format:?}", place.place())),
    };
    let managed = outcome.and_then(|(version, at)| match Managed::parse(&format!("{name}@{version}")) {
        Ok(managed) => Ok((managed, at)),
        Err(problem) => Err(format!("{}: {problem}", at.place())),
    });
    match managed {
        Ok((managed, at)) => match unreadable(&managed, format, place).or_else(|| plug_and_play(look, &managed)) {
            Some(problem) => look.unknown(INSTALLS_WITH, "", None, problem),
            None => look.add(Fact::new(INSTALLS_WITH, "", managed.to_string(), at)),
        },
        Err(problem) => {
            let reason = format!("{problem}; name one in packageManager of package.json, \"{name}@...\"");
            look.unknown(INSTALLS_WITH, "", None, reason);
        }
    }
}

/// The versions that files name, the strongest first.
fn named(look: &Look<'_>) -> Vec<Named> {
    let mut found = Vec::new();
    let mut add = |manager: &str, version: &str, evidence: Evidence| {
        found.push(Named { manager: manager.to_owned(), version: version.to_owned(), evidence });
    };
    // Whatever version starts hands over to this one.
    for (file, start) in [(".yarnrc.yml", "yarnPath:"), (".yarnrc", "yarn-path ")] {
        if let Some(evidence) = look.line_with(file, start)
            && let Some((_, version)) = evidence.text.rsplit_once("yarn-")
        {
            let version = version.trim_end_matches(['"', '\'']);
            let version = version.trim_end_matches(".cjs").trim_end_matches(".js").to_owned();
            add("yarn", &version, evidence);
        }
    }
    let root = &look.root.node;
    if let Some(node) = root.get("packageManager")
        && let Some((name, version)) = node.text().and_then(|text| text.split_once('@'))
    {
        add(name, version.split('+').next().unwrap_or_default(), look.tree.evidence(&node.place));
    }
    if let Some(engine) = root.at(&["devEngines", "packageManager"])
        && let (Some(name), Some(version)) = (engine.text_at(&["name"]), engine.get("version"))
    {
        add(name, version.text().unwrap_or_default(), look.tree.evidence(&version.place));
    }
    for (key, version) in root.entries_at(&["volta"]) {
        if let (Some(name), Some(text)) = (key.text(), version.text()) {
            add(name, text, look.tree.evidence(&version.place));
        }
    }
    found
}

/// The version that reads a lock file whose repository names none.
fn reader(name: &str, format: &str) -> Option<String> {
    let pins = Pins::embedded().ok()?;
    if let Some(version) = pins.lock_readers.get(&format!("{name} {format}")) {
        return Some(version.clone());
    }
    let is_read = match name {
        "npm" => matches!(format, "1" | "2" | "3" | ""),
        "yarn" => format == "10",
        "bun" => matches!(format, "0" | "1" | "2" | ""),
        _ => false,
    };
    pins.package_managers.get(name).filter(|_| is_read).cloned()
}

/// Yarn 1 and its successors share the name of the file and nothing else.
fn unreadable(managed: &Managed, format: &str, lock: &Evidence) -> Option<String> {
    let is_first = exact_major(&managed.version) == Some(1);
    (managed.manager.name == "yarn" && is_first != (format == "v1"))
        .then(|| format!("{managed} does not read {}; install once with it and commit the lock file", lock.place()))
}

/// Without a `node_modules` folder `node` finds no package.
fn plug_and_play(look: &Look<'_>, managed: &Managed) -> Option<String> {
    if managed.manager.package != "@yarnpkg/cli-dist" {
        return None;
    }
    let linker = look.line_with(".yarnrc.yml", "nodeLinker:");
    let is_folder = linker.as_ref().is_some_and(|it| !it.text.trim_end_matches(['"', '\'']).ends_with("pnp"));
    (!is_folder).then(|| {
        let place = linker.map_or_else(|| ".yarnrc.yml names no nodeLinker".to_owned(), |it| it.place());
        format!(
            "{place}: Plug'n'Play, with which `node` finds no package in an image. Write `nodeLinker: node-modules` into \
             .yarnrc.yml, run `yarn install` and commit the lock file"
        )
    })
}
