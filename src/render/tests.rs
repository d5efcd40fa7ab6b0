//! Templates, catalogue and pins against each other: what one names, another has.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json};

use super::*;
use crate::plan::plan;
use crate::spec::managed::exact_major;
use crate::spec::{Answers, Origin, Spec, Value};
use crate::stack::parts;
use crate::stack::pins::Pins;
use crate::stack::{NodeRelease, PACKAGE_MANAGERS, PackageManager};

/// Every embedded file below `templates/`, with its text.
fn templates() -> BTreeMap<String, &'static str> {
    let mut found = BTreeMap::new();
    let mut open = vec![&TEMPLATES];
    while let Some(folder) = open.pop() {
        open.extend(folder.dirs());
        for file in folder.files() {
            found.insert(file.path().display().to_string(), file.contents_utf8().unwrap());
        }
    }
    found
}

fn is_partial(name: &str) -> bool {
    name.starts_with("partials/")
}

/// What the engine reads: partials are included whatever their name is.
fn is_parsed(name: &str) -> bool {
    is_partial(name) || name.ends_with(".j2")
}

/// The views of plans that together use every template folder.
fn views() -> Vec<Map<String, Json>> {
    let mut views = Vec::new();
    for data_access in ["", "pg", "drizzle", "prisma"] {
        let database = if data_access.is_empty() { "none" } else { "postgres" };
        for platform in ["compose", "cloud-run", "none", "aws", "gcp", "azure"] {
            let mut answers = Answers::default();
            answers.set("project.name", Value::Text("orders".to_owned()), Origin::Flag);
            answers.set_from_flag(&format!("stack.database={database}")).unwrap();
            if !data_access.is_empty() {
                answers.set_from_flag(&format!("stack.data-access={data_access}")).unwrap();
            }
            answers.set_from_flag("stack.redis=true").unwrap();
            if platform == "cloud-run" {
                for assignment in ["deploy.platform=cloud-run", "deploy.cloud=gcp"] {
                    answers.set_from_flag(assignment).unwrap();
                }
            } else if platform != "compose" {
                answers.set_from_flag("deploy.kubernetes-because=x").unwrap();
                answers.set_from_flag("scale.peak-rps=3000").unwrap();
                answers.set_from_flag(&format!("deploy.cloud={platform}")).unwrap();
            }
            let plan = plan(&Spec::new(answers).unwrap()).unwrap();
            let mut view = view::view(&plan).unwrap();
            view.insert("environment".to_owned(), serde_json::to_value(&plan.environments[0]).unwrap());
            views.push(view);
        }
    }
    let mut answers = Answers::default();
    for assignment in ["project.name=orders", "deploy.kubernetes-because=x", "deploy.routing=ingress"] {
        answers.set_from_flag(assignment).unwrap();
    }
    views.push(view::view(&plan(&Spec::new(answers).unwrap()).unwrap()).unwrap());
    for manager in PACKAGE_MANAGERS {
        let mut answers = Answers::default();
        answers.set("project.name", Value::Text("orders".to_owned()), Origin::Flag);
        answers.set_from_flag(&format!("stack.package-manager={}", manager.name)).unwrap();
        views.push(view::view(&plan(&Spec::new(answers).unwrap()).unwrap()).unwrap());
    }
    let mut answers = Answers::default();
    for assignment in ["project.name=orders", "stack.redis=true", "stack.queue=bullmq"] {
        answers.set_from_flag(assignment).unwrap();
    }
    views.push(view::view(&plan(&Spec::new(answers).unwrap()).unwrap()).unwrap());
    let mut answers = Answers::default();
    for assignment in ["project.name=orders", "stack.storage=s3"] {
        answers.set_from_flag(assignment).unwrap();
    }
    views.push(view::view(&plan(&Spec::new(answers).unwrap()).unwrap()).unwrap());
    let mut answers = Answers::default();
    answers.set_from_flag("project.name=orders").unwrap();
    answers.set_from_flag("stack.database=none").unwrap();
    let mut existing = crate::spec::Existing::empty(Origin::Default);
    existing.set("start", vec!["server.js".to_owned()]).unwrap();
    answers.set_existing(existing);
    let plan = plan(&Spec::new(answers.clone()).unwrap()).unwrap();
    views.push(view::view(&plan).unwrap());
    answers.set_from_flag("stack.app-dir=apps/api").unwrap();
    let (shared, plans) = crate::plan::repository::plans(&[Spec::new(answers).unwrap()]).unwrap();
    views.push(view::of_repository(&shared, &plans[0]).unwrap());
    let mut answers = Answers::default();
    for assignment in ["project.name=shop-api", "stack.package-manager=pnpm"] {
        answers.set_from_flag(assignment).unwrap();
    }
    answers.set("stack.app-dir", Value::Text("apps/api".to_owned()), Origin::Directory);
    let (shared, plans) = crate::plan::repository::plans(&[Spec::new(answers).unwrap()]).unwrap();
    views.push(view::of_repository(&shared, &plans[0]).unwrap());
    views
}

#[test]
fn every_template_parses() {
    let engine = engine::engine().unwrap();
    for name in templates().keys().filter(|name| is_parsed(name)) {
        if let Err(error) = engine.get_template(name) {
            panic!("{name}: {error:#}");
        }
    }
}

#[test]
fn every_template_has_one_row_and_every_row_a_template() {
    let rows: Vec<&str> = catalogue::rows().map(|row| row.template).collect();
    let of_rows: BTreeSet<&str> = rows.iter().copied().collect();
    assert_eq!(rows.len(), of_rows.len(), "a template has two rows");
    let templates = templates();
    let of_disk: BTreeSet<&str> = templates.keys().map(String::as_str).filter(|name| !is_partial(name)).collect();
    let lost: Vec<_> = of_rows.difference(&of_disk).collect();
    let new: Vec<_> = of_disk.difference(&of_rows).collect();
    assert!(lost.is_empty() && new.is_empty(), "rows without a template: {lost:?}; templates without a row: {new:?}");
}

#[test]
fn every_folder_is_a_part_and_every_part_a_folder() {
    let templates = templates();
    let folders: BTreeSet<&str> = templates.keys().filter_map(|name| name.split('/').next()).collect();
    let known: BTreeSet<&str> = parts::all().map(|part| part.folder).chain(["partials"]).collect();
    assert_eq!(folders, known);
}

#[test]
fn every_partial_is_included() {
    let templates = templates();
    for name in templates.keys().filter(|name| is_partial(name)) {
        let short = name.trim_end_matches(".j2");
        // The last part of a name may be put together: `"partials/x-" ~ cloud.name ~ ".yml"`.
        let stem = short.rsplit_once('-').map_or(short, |(stem, _)| stem);
        let used = templates.values().any(|text| text.contains(short) || text.contains(&format!("{stem}-\" ~")));
        assert!(used, "{name} is not included by any template");
    }
}

#[test]
fn every_variable_of_a_template_is_in_the_view() {
    let (engine, views, templates) = (engine::engine().unwrap(), views(), templates());
    for name in templates.keys().filter(|name| is_parsed(name)) {
        for variable in engine.get_template(name).unwrap().undeclared_variables(true) {
            let first = variable.split('.').next().unwrap_or_default();
            let known = views.iter().any(|view| has(view, &variable));
            assert!(known || is_bound_elsewhere(&templates, name, first), "{name} asks for {variable}");
        }
    }
}

/// Whether a view has a value at a path; below a list or an absent option anything may be.
fn has(view: &Map<String, Json>, path: &str) -> bool {
    let mut names = path.split('.');
    let Some(mut value) = names.next().and_then(|name| view.get(name)) else { return false };
    for name in names {
        match value {
            Json::Object(fields) => match fields.get(name) {
                Some(field) => value = field,
                None => return false,
            },
            _ => return value.is_array() || value.is_null(),
        }
    }
    true
}

/// A partial may use what the template that includes it sets.
fn is_bound_elsewhere(templates: &BTreeMap<String, &str>, name: &str, variable: &str) -> bool {
    let bindings = [format!("set {variable} ="), format!("for {variable} in"), format!("with {variable} =")];
    let binds = |text: &str| bindings.iter().any(|binding| text.contains(binding));
    is_partial(name) && templates.iter().any(|(other, text)| other != name && binds(text))
}

#[test]
fn actions_are_pinned_to_commits_of_a_release() {
    for (name, pin) in Pins::embedded().unwrap().actions {
        assert!(pin.sha.len() == 40 && pin.sha.chars().all(|c| "0123456789abcdef".contains(c)), "{name}: {}", pin.sha);
        let version = pin.tag.strip_prefix('v').unwrap_or_default();
        assert!(version.split('.').all(|number| number.parse::<u32>().is_ok()), "{name}: {}", pin.tag);
    }
}

#[test]
fn every_pin_is_used() {
    let pins = Pins::embedded().unwrap();
    let text = templates().values().copied().collect::<String>();
    let identifier = |name: &str| name.replace(['/', '-'], "_");
    let actions = pins.actions.keys().map(|name| format!("actions.{}", identifier(name)));
    let images = pins.images.keys().map(|name| format!("pins.{name}_image"));
    let tools = pins.tools.keys().map(|name| format!("pins.{name}_version"));
    let mut unused: Vec<String> = actions.chain(images).chain(tools).filter(|name| !text.contains(name)).collect();
    let managers: BTreeSet<&str> = PACKAGE_MANAGERS.iter().map(|manager| manager.name).collect();
    unused.extend(pins.package_managers.keys().filter(|name| !managers.contains(name.as_str())).cloned());
    let described = |name: &str, version: &str| {
        Some(format!("{}@{version}", PackageManager::of_major(name, exact_major(version)?)?.package))
    };
    let readers = pins.lock_readers.iter().filter_map(|(key, version)| Some((key.split_once(' ')?.0, version)));
    let specifiers: BTreeSet<String> = pins
        .package_managers
        .iter()
        .map(|(name, version)| (name.as_str(), version))
        .chain(readers)
        .map(|(name, version)| described(name, version).unwrap_or_else(|| panic!("nothing describes {name}@{version}")))
        .collect();
    unused.extend(pins.integrity.keys().filter(|name| !specifiers.contains(*name)).cloned());
    unused.extend(pins.node.keys().filter(|major| NodeRelease::of_major(major).is_none()).cloned());
    let packages: BTreeSet<&str> =
        parts::all().flat_map(|part| part.dependencies.iter().chain(part.dev_dependencies)).copied().collect();
    unused.extend(pins.npm.keys().filter(|name| !packages.contains(name.as_str())).cloned());
    assert!(unused.is_empty(), "pins that nothing uses: {unused:?}");
}

#[test]
fn workflows_name_actions_by_pin_only() {
    for (name, text) in templates() {
        let uses = |line: &&str| line.trim_start().trim_start_matches("- ").starts_with("uses:");
        // A workflow of the same repository has no version of its own.
        let is_own = |line: &str| line.contains("/.github/workflows/");
        for line in text.lines().filter(uses).filter(|line| !is_own(line)) {
            assert!(line.contains("[= actions."), "{name}: {}", line.trim());
        }
    }
}
